"""Output types from annotations."""

from __future__ import annotations

import datetime
from collections.abc import Generator, Iterable, Iterator
from typing import Any, NamedTuple, Optional

import pytest

from martlet.common import Types
from martlet.common.typeinfo import TypeInformation
from martlet.datastream import FlatMapFunction, MapFunction
from martlet.datastream.type_hints import element_type, hinted_type, type_from_hint


class Pair(NamedTuple):
    a: int
    b: int


HINTS: list[tuple[Any, TypeInformation | None]] = [
    (int, Types.LONG()),
    (str, Types.STRING()),
    (float, Types.DOUBLE()),
    (bool, Types.BOOLEAN()),
    (bytes, Types.PRIMITIVE_ARRAY(Types.BYTE())),
    (datetime.date, Types.SQL_DATE()),
    (tuple[int, str], Types.TUPLE([Types.LONG(), Types.STRING()])),
    (tuple[int, Any], Types.TUPLE([Types.LONG(), Types.PICKLED_BYTE_ARRAY()])),
    (tuple[Any, Any], None),
    (tuple[int, ...], None),
    (tuple, None),
    (Optional[int], Types.LONG()),  # noqa: UP045
    (int | None, Types.LONG()),
    (int | str, None),
    (list[int], Types.LIST(Types.LONG())),
    (list[dict[str, int]], None),
    (list, None),
    (datetime.datetime, None),  # it may have a time zone
    (dict[str, int], None),
    (Pair, None),
    (Any, None),
    (None, None),
    (object, None),
]


@pytest.mark.parametrize(("hint", "expected"), HINTS, ids=[str(hint) for hint, _ in HINTS])
def test_types_of_annotations(hint: Any, expected: TypeInformation | None) -> None:
    assert type_from_hint(hint) == expected


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Iterable[int], Types.LONG()),
        (Iterator[tuple[str, int]], Types.TUPLE([Types.STRING(), Types.LONG()])),
        (Generator[str, None, None], Types.STRING()),
        (list[str], Types.STRING()),
        (tuple[int, ...], Types.LONG()),
        (tuple[int, str], None),
        (list[str] | None, Types.STRING()),
        (dict[str, int], None),
        (Iterable[Any], None),
        (int, None),
        (list, None),
    ],
    ids=str,
)
def test_types_of_elements(hint: Any, expected: TypeInformation | None) -> None:
    assert element_type(hint) == expected


def double(x: int) -> int:
    return x * 2


class Shout(MapFunction):
    def map(self, value: str) -> str:
        return value.upper()


class Split(FlatMapFunction):
    def flat_map(self, value: str) -> Iterator[str]:
        yield from value.split()


class Callable:
    def __call__(self, value: int) -> str:
        return str(value)


def test_where_annotations_are_found() -> None:
    hint = hinted_type(double, "map")
    assert hint is not None and hint.type_info == Types.LONG()
    assert hint.origin.startswith("the annotation '-> int' of 'double' (")
    hint = hinted_type(Shout(), "map")
    assert hint is not None and hint.type_info == Types.STRING()
    hint = hinted_type(Split(), "flat_map", of_elements=True)
    assert hint is not None and hint.type_info == Types.STRING()
    hint = hinted_type(Callable(), "map")
    assert hint is not None and hint.type_info == Types.STRING()
    assert hinted_type(lambda x: x, "map") is None
    assert hinted_type(str.upper, "map") is None
    assert hinted_type(len, "map") is None


def test_an_annotation_that_cannot_be_resolved_says_nothing() -> None:
    def function(x: int) -> Unknown:  # type: ignore[name-defined]  # noqa: F821
        return x

    assert hinted_type(function, "map") is None
