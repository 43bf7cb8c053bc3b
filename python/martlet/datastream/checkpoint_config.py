"""The settings of checkpoints that have methods of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from martlet.common.execution_config import parse_duration_ms
from martlet.common.time import Duration
from martlet.datastream.checkpointing_mode import CheckpointingMode
from martlet.datastream.externalized_checkpoint_retention import ExternalizedCheckpointRetention
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ConfigurationError, ValidationError

if TYPE_CHECKING:
    from enum import Enum

    from martlet.common.configuration import Configuration

__all__ = ["CheckpointConfig"]

_PREFIX = "execution.checkpointing."
_INTERVAL = _PREFIX + "interval"
_MODE = _PREFIX + "mode"
_TIMEOUT = _PREFIX + "timeout"
_MIN_PAUSE = _PREFIX + "min-pause"
_MAX_CONCURRENT = _PREFIX + "max-concurrent-checkpoints"
_TOLERABLE_FAILURES = _PREFIX + "tolerable-failed-checkpoints"
_RETENTION = _PREFIX + "externalized-checkpoint-retention"
#: Each with the keys of older versions.
_UNALIGNED = (_PREFIX + "unaligned.enabled", _PREFIX + "unaligned")
_FORCED = (_PREFIX + "unaligned.forced",)
_ALIGNED_TIMEOUT = (_PREFIX + "aligned-checkpoint-timeout", _PREFIX + "alignment-timeout")
_MODE_OF_RUN = "execution.runtime-mode"

_MINIMUM_MS = 10
_ANY_NUMBER = 2**31 - 1

E = TypeVar("E", bound="Enum")


@boundary_methods
class CheckpointConfig:
    """A view of an environment's settings of checkpoints; what is set here is set there.

    The runtime takes no checkpoints yet: a streaming job that has an interval is refused when it
    is executed. In batch mode there are none in Flink, either.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def is_checkpointing_enabled(self) -> bool:
        """Whether an interval is set."""
        return self.get_checkpoint_interval() > 0

    def get_checkpointing_mode(self) -> CheckpointingMode:
        """The mode in which checkpoints are taken; AT_LEAST_ONCE as long as there are none."""
        if not self._takes_checkpoints():
            return CheckpointingMode.AT_LEAST_ONCE
        return self._member(_MODE, CheckpointingMode, CheckpointingMode.EXACTLY_ONCE)

    def set_checkpointing_mode(self, checkpointing_mode: CheckpointingMode) -> CheckpointConfig:
        """Sets the mode, which counts as soon as there is an interval."""
        if not isinstance(checkpointing_mode, CheckpointingMode):
            raise TypeError(f"A CheckpointingMode is needed, got {checkpointing_mode!r}")
        self._configuration.set_string(_MODE, checkpointing_mode.name)
        return self

    def get_checkpoint_interval(self) -> int:
        """The interval in milliseconds; -1 if there is none."""
        return self._get_millis((_INTERVAL,), -1)

    def set_checkpoint_interval(self, checkpoint_interval: int) -> CheckpointConfig:
        """Sets how often checkpoints are taken.

        :param checkpoint_interval: in milliseconds, at least 10
        """
        what = "Checkpoint interval must be larger than or equal to 10 ms"
        return self._set_millis(_INTERVAL, checkpoint_interval, _MINIMUM_MS, what)

    def get_checkpoint_timeout(self) -> int:
        """After how many milliseconds a checkpoint is given up."""
        return self._get_millis((_TIMEOUT,), 600_000)

    def set_checkpoint_timeout(self, checkpoint_timeout: int) -> CheckpointConfig:
        """Sets when a checkpoint is given up.

        :param checkpoint_timeout: in milliseconds, at least 10
        """
        what = "Checkpoint timeout must be larger than or equal to 10 ms"
        return self._set_millis(_TIMEOUT, checkpoint_timeout, _MINIMUM_MS, what)

    def get_min_pause_between_checkpoints(self) -> int:
        """How many milliseconds lie between two checkpoints at least."""
        return self._get_millis((_MIN_PAUSE,), 0)

    def set_min_pause_between_checkpoints(
        self, min_pause_between_checkpoints: int
    ) -> CheckpointConfig:
        """Sets how long it takes from the end of a checkpoint to the next one, at least.

        :param min_pause_between_checkpoints: in milliseconds
        """
        what = "Pause value must be zero or positive"
        return self._set_millis(_MIN_PAUSE, min_pause_between_checkpoints, 0, what)

    def get_max_concurrent_checkpoints(self) -> int:
        return self._configuration.get_integer(_MAX_CONCURRENT, 1)

    def set_max_concurrent_checkpoints(self, max_concurrent_checkpoints: int) -> CheckpointConfig:
        """Sets how many checkpoints may be in progress at the same time, at least 1."""
        if _whole(max_concurrent_checkpoints) < 1:
            raise ValidationError("The maximum number of concurrent attempts must be at least one.")
        self._configuration.set_integer(_MAX_CONCURRENT, max_concurrent_checkpoints)
        return self

    def is_fail_on_checkpointing_errors(self) -> bool:
        """Whether no failure of a checkpoint is tolerated. Deprecated in Flink 2.0."""
        return self.get_tolerable_checkpoint_failure_number() == 0

    def set_fail_on_checkpointing_errors(
        self, fail_on_checkpointing_errors: bool
    ) -> CheckpointConfig:
        """Tolerates no failure of a checkpoint, or any number. Deprecated in Flink 2.0."""
        number = 0 if fail_on_checkpointing_errors else _ANY_NUMBER
        return self.set_tolerable_checkpoint_failure_number(number)

    def get_tolerable_checkpoint_failure_number(self) -> int:
        return self._configuration.get_integer(_TOLERABLE_FAILURES, 0)

    def set_tolerable_checkpoint_failure_number(
        self, tolerable_checkpoint_failure_number: int
    ) -> CheckpointConfig:
        """Sets how many checkpoints in a row may fail before the job does."""
        if _whole(tolerable_checkpoint_failure_number) < 0:
            raise ValidationError("The tolerable failure checkpoint number must be non-negative.")
        self._configuration.set_integer(_TOLERABLE_FAILURES, tolerable_checkpoint_failure_number)
        return self

    def set_externalized_checkpoint_retention(
        self, retention_mode: ExternalizedCheckpointRetention
    ) -> CheckpointConfig:
        """Sets what becomes of checkpoints when the job is cancelled."""
        if not isinstance(retention_mode, ExternalizedCheckpointRetention):
            raise TypeError(f"An ExternalizedCheckpointRetention is needed, got {retention_mode!r}")
        self._configuration.set_string(_RETENTION, retention_mode.name)
        return self

    def is_externalized_checkpoints_enabled(self) -> bool:
        """Whether checkpoints may outlive the job."""
        none = ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS
        return self.get_externalized_checkpoint_retention() != none

    def get_externalized_checkpoint_retention(self) -> ExternalizedCheckpointRetention | None:
        none = ExternalizedCheckpointRetention.NO_EXTERNALIZED_CHECKPOINTS
        return self._member(_RETENTION, ExternalizedCheckpointRetention, none)

    def is_unaligned_checkpoints_enabled(self) -> bool:
        """Whether barriers overtake records; only in the mode EXACTLY_ONCE."""
        exactly_once = self.get_checkpointing_mode() == CheckpointingMode.EXACTLY_ONCE
        return exactly_once and self._flag(_UNALIGNED)

    def enable_unaligned_checkpoints(self, enabled: bool = True) -> CheckpointConfig:
        """Lets barriers overtake records, which then are part of a checkpoint."""
        self._configuration.set_boolean(_UNALIGNED[0], enabled)
        return self

    def disable_unaligned_checkpoints(self) -> CheckpointConfig:
        return self.enable_unaligned_checkpoints(False)

    def set_aligned_checkpoint_timeout(self, alignment_timeout: Duration) -> CheckpointConfig:
        """Sets how long a checkpoint is aligned before its barriers overtake; 0: not at all."""
        if not isinstance(alignment_timeout, Duration):
            raise TypeError(f"A Duration is needed, got {alignment_timeout!r}")
        if alignment_timeout.to_millis() < 0:
            raise ValidationError(f"The timeout must not be negative, got {alignment_timeout!r}")
        self._configuration.set_string(_ALIGNED_TIMEOUT[0], f"{alignment_timeout.to_millis()} ms")
        return self

    def get_aligned_checkpoint_timeout(self) -> Duration:
        return Duration.of_millis(self._get_millis(_ALIGNED_TIMEOUT, 0))

    def set_alignment_timeout(self, alignment_timeout: Duration) -> CheckpointConfig:
        """As :meth:`set_aligned_checkpoint_timeout`. Deprecated in Flink 2.0."""
        return self.set_aligned_checkpoint_timeout(alignment_timeout)

    def get_alignment_timeout(self) -> Duration:
        """As :meth:`get_aligned_checkpoint_timeout`. Deprecated in Flink 2.0."""
        return self.get_aligned_checkpoint_timeout()

    def set_force_unaligned_checkpoints(
        self, force_unaligned_checkpoints: bool = True
    ) -> CheckpointConfig:
        """Lets barriers overtake records also where a custom partitioner speaks against it."""
        self._configuration.set_boolean(_FORCED[0], force_unaligned_checkpoints)
        return self

    def is_force_unaligned_checkpoints(self) -> bool:
        return self._flag(_FORCED)

    def _takes_checkpoints(self) -> bool:
        mode = self._configuration.get_string(_MODE_OF_RUN, None) or ""
        return self.is_checkpointing_enabled() and mode.upper() != "BATCH"

    def _first(self, keys: tuple[str, ...]) -> str | None:
        """The value of the first key that is set: the newest name counts."""
        values = (self._configuration.get_string(key, None) for key in keys)
        return next((value for value in values if value is not None), None)

    def _flag(self, keys: tuple[str, ...]) -> bool:
        return (self._first(keys) or "false").lower() == "true"

    def _get_millis(self, keys: tuple[str, ...], default: int) -> int:
        text = self._first(keys)
        return default if text is None else parse_duration_ms(keys[0], text)

    def _set_millis(self, key: str, value: int, minimum: int, what: str) -> CheckpointConfig:
        if _whole(value) < minimum:
            raise ValidationError(f"{what}, got {value}")
        self._configuration.set_string(key, f"{value} ms")
        return self

    def _member(self, key: str, kind: type[E], default: E) -> E:
        text = self._configuration.get_string(key, None)
        if text is None:
            return default
        try:
            return kind[text.strip().upper().replace("-", "_")]
        except KeyError:
            names = ", ".join(member.name for member in kind)
            raise ConfigurationError(f"'{key}' must be one of {names}, not {text!r}") from None


def _whole(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"A whole number is needed, got {value!r}")
    return value
