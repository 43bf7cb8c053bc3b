"""The settings of an environment: checked when they are made, and passed on to the runtime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from martlet.common.config_keys import HONOURED, check_setting
from martlet.common.configuration import Configuration
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ConfigurationError

if TYPE_CHECKING:
    from martlet.gateway.handles import EnvironmentHandle

__all__ = ["LAUNCH_SETTINGS", "EnvironmentConfiguration", "processors"]

#: Settings that the launcher was given on its command line; each new environment starts with them.
LAUNCH_SETTINGS: dict[str, str] = {}

_PARALLELISM = "parallelism.default"
_MAX_PARALLELISM = "pipeline.max-parallelism"


@boundary_methods
class EnvironmentConfiguration(Configuration):
    """A configuration that refuses what cannot be honoured, and tells the runtime the rest.

    Until the runtime is connected, settings are kept here; so an environment can be configured
    while the runtime still starts.
    """

    def __init__(self) -> None:
        super().__init__()
        self._runtime: EnvironmentHandle | None = None
        for key, value in LAUNCH_SETTINGS.items():
            self._put(key, value)

    def connect(self, runtime: EnvironmentHandle) -> None:
        """From now on, settings go to ``runtime``, and those made so far with them."""
        self._runtime = runtime
        for key, value in self.to_dict().items():
            self._send(key, value)

    def _put(self, key: str, value: str | bytes) -> Configuration:
        if not isinstance(key, str) or not isinstance(value, str):
            raise ConfigurationError(f"A setting must be text: {key!r} is {value!r}")
        check_setting(key, value)
        if self._runtime is not None:
            self._send(key, value)
        return super()._put(key, value)

    def _send(self, key: str, value: str) -> None:
        assert self._runtime is not None
        if key == _PARALLELISM:
            parallelism = _number(key, value)
            # -1 is Flink's number for "the default".
            self._runtime.set_parallelism(parallelism if parallelism != -1 else processors())
        elif key == _MAX_PARALLELISM:
            self._runtime.set_max_parallelism(_number(key, value))
        elif key in HONOURED or key.startswith("martlet."):
            self._runtime.set(key, value)

    def _drop(self, key: str) -> None:
        super()._drop(key)
        if self._runtime is not None:
            self._runtime.remove(key)


def processors() -> int:
    """How many processors this process may use: the default parallelism."""
    return len(os.sched_getaffinity(0))


def _number(key: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConfigurationError(f"'{key}' must be a whole number, not {value!r}") from None
