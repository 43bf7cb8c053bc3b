"""Whole numbers in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.common.typeinfo import Types
from martlet.datastream.connectors.base import Source

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["NumberSequenceSource"]


class NumberSequenceSource(Source):
    """The numbers from ``start`` to ``end``, both included, shared out among the readers.

    In order within a reader; at a parallelism of 1, in order.
    """

    def __init__(self, start: int, end: int) -> None:
        for name, number in (("start", start), ("end", end)):
            if isinstance(number, bool) or not isinstance(number, int):
                raise TypeError(f"The {name} of a number sequence must be an int, got {number!r}")
            if not -(2**63) <= number < 2**63:
                raise ValueError(f"The {name} of a number sequence must fit in 64 bits: {number}")
        if start > end:
            raise ValueError(f"'from' must be <= 'to', got {start} and {end}")
        self._start = start
        self._end = end

    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        return environment.number_sequence(self._start, self._end, name), Types.LONG()
