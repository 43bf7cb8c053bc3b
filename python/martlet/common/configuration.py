"""Key–value settings, with Flink's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from martlet.util.boundary import boundary_methods

__all__ = ["Configuration"]


@boundary_methods
class Configuration:
    """Settings by key. Values are kept as text and read as the type that is asked for."""

    def __init__(self, other: Configuration | None = None) -> None:
        self._values: dict[str, str | bytes] = dict(other._values) if other is not None else {}

    @classmethod
    def from_dict(cls, map: Mapping[str, str]) -> Configuration:
        configuration = cls()
        for key, value in map.items():
            configuration._put(key, str(value))
        return configuration

    def _put(self, key: str, value: str | bytes) -> Configuration:
        """The one place that changes a value; a live configuration passes it on from here."""
        if not isinstance(key, str):
            raise TypeError(f"The key of a setting must be a str, got {key!r}")
        self._values[key] = value
        return self

    def _drop(self, key: str) -> None:
        """The one place that removes a value."""
        del self._values[key]

    def get_string(self, key: str, default_value: str | None) -> str | None:
        value = self._values.get(key)
        return default_value if value is None else _text(value)

    def set_string(self, key: str, value: str) -> Configuration:
        if not isinstance(value, str):
            raise TypeError(f"The value of '{key}' must be a str, got {value!r}")
        return self._put(key, value)

    @staticmethod
    def parse_list_value(value: str | None) -> list[str]:
        """The elements of a YAML list, in brackets or with a dash per line, or of ``a;b``."""
        if not value:
            return []
        text = value.strip()
        if text.startswith("[") and text.endswith("]"):
            parts = text[1:-1].split(",")
        elif text.startswith("- "):
            parts = [line.strip()[2:] for line in text.splitlines() if line.strip()]
        else:
            return value.split(";")
        return [part.strip().strip("'\"") for part in parts if part.strip()]

    def get_integer(self, key: str, default_value: int) -> int:
        return int(self._read(key, default_value, int, "a whole number"))

    def set_integer(self, key: str, value: int) -> Configuration:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"The value of '{key}' must be an int, got {value!r}")
        return self._put(key, str(value))

    def get_boolean(self, key: str, default_value: bool) -> bool:
        return bool(self._read(key, default_value, _boolean, "true or false"))

    def set_boolean(self, key: str, value: bool) -> Configuration:
        if not isinstance(value, bool):
            raise TypeError(f"The value of '{key}' must be a bool, got {value!r}")
        return self._put(key, "true" if value else "false")

    def get_float(self, key: str, default_value: float) -> float:
        return float(self._read(key, default_value, float, "a number"))

    def set_float(self, key: str, value: float) -> Configuration:
        return self._put(key, str(float(value)))

    def get_bytearray(self, key: str, default_value: bytearray) -> bytearray:
        value = self._values.get(key)
        if value is None:
            return bytearray(default_value)
        return bytearray(value if isinstance(value, bytes) else value.encode())

    def set_bytearray(self, key: str, value: bytearray) -> Configuration:
        return self._put(key, bytes(value))

    def key_set(self) -> set[str]:
        return set(self._values)

    def add_all_to_dict(self, target_dict: dict[str, Any]) -> None:
        target_dict.update(self.to_dict())

    def add_all(self, other: Configuration, prefix: str | None = None) -> Configuration:
        """Takes over the settings of ``other``, with ``prefix`` in front of their keys."""
        for key, value in other._values.items():
            self._put((prefix or "") + key, value)
        return self

    def contains_key(self, key: str) -> bool:
        return key in self._values

    def to_dict(self) -> dict[str, str]:
        return {key: _text(value) for key, value in self._values.items()}

    def remove_config(self, key: str) -> bool:
        """Removes a setting; False if there was none."""
        if key not in self._values:
            return False
        self._drop(key)
        return True

    def _read(self, key: str, default: Any, convert: Any, what: str) -> Any:
        value = self._values.get(key)
        if value is None:
            return default
        try:
            return convert(_text(value))
        except ValueError:
            raise ValueError(f"'{key}' must be {what}, but is set to {_text(value)!r}") from None

    def __deepcopy__(self, memodict: Any = None) -> Configuration:
        return Configuration(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Configuration) and self._values == other._values

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __str__(self) -> str:
        return "{" + ", ".join(f"{k}={v}" for k, v in self.to_dict().items()) + "}"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"
