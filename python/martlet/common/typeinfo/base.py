"""The root of all type information."""

from __future__ import annotations

from typing import Any

__all__ = ["TypeInformation"]


class TypeInformation:
    """The type of a stream's values.

    A type has a text (``BIGINT``, ``TUPLE<STRING, INT>``), which is how the runtime and the workers
    come to know it, and may have an internal form, which is what PyFlink sends to its runtime.
    """

    def type_text(self) -> str:
        """The type as text, in the grammar of ``docs/types.md``."""
        raise NotImplementedError(f"{type(self).__name__} names no type")

    def need_conversion(self) -> bool:
        """Whether the internal form of a value differs from the value."""
        return False

    def to_internal_type(self, obj: Any) -> Any:
        """The internal form of a value."""
        return obj

    def from_internal_type(self, obj: Any) -> Any:
        """The value that has the given internal form."""
        return obj

    def _state(self) -> tuple[Any, ...]:
        """What, besides the class, makes two types equal."""
        return ()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TypeInformation)
            and type(self) is type(other)
            and self._state() == other._state()
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._state()))
