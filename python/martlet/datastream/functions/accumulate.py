"""The reduce functions behind ``sum``, ``min``, ``max``, ``min_by`` and ``max_by``.

Where PyFlink changes the first of two rows and returns it, these return a new one: rows that have
been emitted stay as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import Enum
from typing import Any

from martlet.common.types import Row
from martlet.datastream.functions.basic import ReduceFunction

__all__ = ["Accumulate", "AccumulateType"]


class AccumulateType(Enum):
    """What is accumulated."""

    MIN = 1
    MAX = 2
    MIN_BY = 3
    MAX_BY = 4
    SUM = 5


def _smaller(a: Any, b: Any) -> Any:
    return b if b < a else a


def _larger(a: Any, b: Any) -> Any:
    return b if b > a else a


_COMBINE: dict[AccumulateType, Callable[[Any, Any], Any]] = {
    AccumulateType.MIN: _smaller,
    AccumulateType.MAX: _larger,
    AccumulateType.SUM: operator.add,
}
_BETTER: dict[AccumulateType, Callable[[Any, Any], Any]] = {
    AccumulateType.MIN_BY: operator.lt,
    AccumulateType.MAX_BY: operator.gt,
}


class Accumulate(ReduceFunction):
    """Accumulates one field, or the whole value where it has no fields.

    Which of the two, the first pair of values says; equal values keep the earlier one.

    :param position: the position of the field, or its name, if the values are rows with names
    """

    def __init__(self, position: int | str, kind: AccumulateType) -> None:
        self._position = position
        self._kind = kind
        self._reduce: Callable[[Any, Any], Any] | None = None

    def reduce(self, value1: Any, value2: Any) -> Any:
        if self._reduce is None:
            self._reduce = self._for(value2)
        return self._reduce(value1, value2)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_reduce": None}

    def _for(self, value: Any) -> Callable[[Any, Any], Any]:
        """The function for values like this one."""
        has_fields = isinstance(value, (tuple, list, Row))
        if self._kind in _BETTER:
            return _choosing(_BETTER[self._kind], self._position if has_fields else None)
        combine = _COMBINE[self._kind]
        if isinstance(value, tuple):
            return _in_tuple(combine, self._position)
        if has_fields:
            return _in_row(combine, self._position)
        if self._position != 0:
            raise TypeError(
                f"The {self._position} field selected on a basic type. A field expression on a "
                "basic type can only select the 0th field (which means selecting the entire basic "
                "type)."
            )
        return combine


def _choosing(better: Callable[[Any, Any], Any], at: Any) -> Callable[[Any, Any], Any]:
    if at is None:
        return lambda v1, v2: v2 if better(v2, v1) else v1
    return lambda v1, v2: v2 if better(v2[at], v1[at]) else v1


def _in_tuple(combine: Callable[[Any, Any], Any], at: Any) -> Callable[[Any, Any], Any]:
    def reduce(v1: tuple[Any, ...], v2: tuple[Any, ...]) -> tuple[Any, ...]:
        fields = list(v1)
        fields[at] = combine(v1[at], v2[at])
        return tuple(fields)

    return reduce


def _in_row(combine: Callable[[Any, Any], Any], at: Any) -> Callable[[Any, Any], Any]:
    def reduce(v1: Any, v2: Any) -> Any:
        result = v1[:] if isinstance(v1, list) else _copied(v1)
        result[at] = combine(v1[at], v2[at])
        return result

    return reduce


def _copied(row: Row) -> Row:
    copy = Row(*row)
    if hasattr(row, "_fields"):
        copy.set_field_names(row._fields)
    copy.set_row_kind(row.get_row_kind())
    return copy
