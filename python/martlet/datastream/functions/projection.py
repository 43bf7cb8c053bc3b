"""The function behind ``project``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Projection"]


class Projection:
    """Some fields of a tuple."""

    def __init__(self, indexes: Sequence[int]) -> None:
        self._indexes = tuple(indexes)

    def __call__(self, value: Any) -> tuple[Any, ...]:
        return tuple([value[index] for index in self._indexes])
