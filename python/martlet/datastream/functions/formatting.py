"""How values that only Python understands are shown by sinks that write text."""

from __future__ import annotations

from typing import Any

from martlet.common.types import Row

__all__ = ["row_text", "text"]


def text(value: Any) -> str:
    """A pickled value as text: ``str(value)``."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def row_text(value: Row) -> str:
    """A row as PyFlink prints it: its kind, and its fields by ``str()``."""
    return f"{value.get_row_kind()}[{','.join(map(str, value))}]"
