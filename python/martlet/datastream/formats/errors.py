"""What a record that does not fit its format raises."""

from __future__ import annotations

from typing import Any

from martlet.util.exceptions import MartletError

__all__ = ["MalformedRecordError", "shortened"]

_SHOWN = 500


class MalformedRecordError(MartletError, ValueError):
    """A message that cannot be read, or a record that cannot be written, in a format."""


def shortened(value: Any) -> str:
    """The value as text, without what is too long to be shown."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        text = bytes(value).decode("utf-8", "backslashreplace")
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
