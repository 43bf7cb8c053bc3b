"""Values to columns and back."""

from __future__ import annotations

import array
import datetime as dt
import math
from collections import Counter, OrderedDict, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import columns

from martlet._native import EncodeError, decode, decode_batch, encode
from martlet.common.time import Instant
from martlet.common.types import Row, RowKind

UTC = dt.UTC


def through(values: list[Any], type_text: str) -> list[Any]:
    return decode(encode(values, type_text), type_text)


@given(columns())
def test_values_come_back(column: tuple[str, list[Any]]) -> None:
    text, values = column
    body = encode(values, text)
    assert decode(body, text) == values
    assert list(map(repr, decode(body, text))) == list(map(repr, values))
    assert encode(values, text) == body


@given(columns(), st.integers(0, 40))
def test_columns_beside_the_values(column: tuple[str, list[Any]], seed: int) -> None:
    text, values = column
    keys = [f"k{i}" for i in range(len(values))]
    times = [None if (i + seed) % 3 == 0 else i - seed for i in range(len(values))]
    kinds = [(i + seed) % 4 for i in range(len(values))]
    body = encode(values, text, keys, "STRING", times, kinds)
    decoded = decode_batch(body, text, "STRING", 6)
    assert decoded[1:] == (keys, times, kinds)
    for value, kind in zip(decoded[0], kinds):
        if isinstance(value, Row):
            assert value.get_row_kind() == RowKind(kind)


@given(columns())
def test_all_buffers_are_aligned(column: tuple[str, list[Any]]) -> None:
    text, values = column
    body = encode(values, text)
    rows, count = (int.from_bytes(body[i : i + 4], "little") for i in (0, 4))
    assert rows == len(values)
    end = 8 + 8 * count
    for i in range(count):
        at, length = (
            int.from_bytes(body[8 + 8 * i + j : 12 + 8 * i + j], "little") for j in (0, 4)
        )
        assert at % 64 == 0
        if length:
            assert at >= end
            end = at + length
    assert end == len(body)


Point = namedtuple("Point", "x y")


@dataclass
class Person:
    x: int
    y: str


class Index:
    def __index__(self) -> int:
        return 7


class Float:
    def __float__(self) -> float:
        return 1.5


ZONE = dt.timezone(dt.timedelta(hours=2))
XY = "ROW<x INT, y STRING>"


@pytest.mark.parametrize(
    ("type_text", "given", "expected"),
    [
        ("DOUBLE", 3, 3.0),
        ("DOUBLE", Float(), 1.5),
        ("FLOAT", 0.1, 0.10000000149011612),
        ("BIGINT", Index(), 7),
        ("BIGINT", True, 1),
        ("BYTES", bytearray(b"ab"), b"ab"),
        ("BYTES", memoryview(b"abc")[1:], b"bc"),
        ("BYTES", [1, 2, 255], b"\x01\x02\xff"),
        ("ARRAY<INT>", (1, 2), [1, 2]),
        ("ARRAY<INT>", array.array("i", [1, 2]), [1, 2]),
        ("ARRAY<INT>", range(3), [0, 1, 2]),
        ("TUPLE<INT, STRING>", [1, "a"], (1, "a")),
        ("TUPLE<INT, STRING>", Row(1, "a"), (1, "a")),
        (XY, (1, "a"), Row(x=1, y="a")),
        (XY, [1, "a"], Row(x=1, y="a")),
        (XY, Point(1, "a"), Row(x=1, y="a")),
        (XY, Person(1, "a"), Row(x=1, y="a")),
        (XY, {"y": "a", "x": 1}, Row(x=1, y="a")),
        (XY, Row(1, "a"), Row(x=1, y="a")),
        (XY, Row(y="a", x=1), Row(x=1, y="a")),
        ("ROW<f0 INT, f1 STRING>", Row(x=1, y="a"), Row(f0=1, f1="a")),
        ("MAP<STRING, INT>", OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        ("MAP<STRING, INT>", MappingProxyType({"a": 1}), {"a": 1}),
        ("MULTISET<STRING>", Counter("aab"), {"a": 2, "b": 1}),
        ("DECIMAL(5, 2)", 3, Decimal("3.00")),
        ("DECIMAL(5, 2)", Decimal("1.005"), Decimal("1.01")),
        ("DECIMAL(5, 2)", Decimal("-1.005"), Decimal("-1.01")),
        ("DECIMAL(5, 2)", Decimal("1.00499999999999999999999999999999999999"), Decimal("1.00")),
        ("DECIMAL(5, 2)", Decimal("1E2"), Decimal("100.00")),
        ("DECIMAL(5, 2)", Decimal("1E-40"), Decimal("0.00")),
        ("DECIMAL(5, 2)", Decimal("0E+99999"), Decimal("0.00")),
        ("BIG_DECIMAL", Decimal("1E+3"), Decimal("1000")),
        ("BIG_INTEGER", 10**60, 10**60),
        ("DATE", dt.datetime(2020, 2, 29, 23), dt.date(2020, 2, 29)),
        ("TIME(0)", dt.time(1, 2, 3, 4567), dt.time(1, 2, 3, 4000)),
        ("TIMESTAMP(3)", dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
         dt.datetime(1969, 12, 31, 23, 59, 59, 999000)),
        ("TIMESTAMP(6)", dt.datetime(2020, 1, 1, 12, tzinfo=ZONE), dt.datetime(2020, 1, 1, 12)),
        ("TIMESTAMP_LTZ(6)", dt.datetime(2020, 1, 1, 12, tzinfo=ZONE),
         dt.datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("TIMESTAMP_LTZ(6)", dt.datetime(2020, 1, 1, 12), dt.datetime(2020, 1, 1, 12, tzinfo=UTC)),
        ("INSTANT", Instant(-1, 999_999_999), Instant(-1, 999_999_999)),
    ],
)  # fmt: skip
def test_coercions(type_text: str, given: Any, expected: Any) -> None:
    (value,) = through([given], type_text)
    assert value == expected
    assert type(value) is type(expected)


def test_floats_that_are_not_numbers() -> None:
    nan, inf = through([math.nan, -math.inf], "DOUBLE")
    assert math.isnan(nan) and inf == -math.inf
    assert through([math.inf], "FLOAT") == [math.inf]


@pytest.mark.parametrize(
    ("type_text", "given", "message"),
    [
        ("INT", "abc", "row 0: expected INT, got str 'abc'"),
        ("INT", 1.5, "row 0: expected INT, got float 1.5"),
        ("INT", 1 << 31, "row 0: expected INT, got int 2147483648: it is out of range"),
        ("TINYINT", -129, "expected TINYINT, got int -129: it is out of range"),
        ("BIGINT", 1 << 63, "out of range"),
        ("BIGINT NOT NULL", None, "row 0: expected BIGINT NOT NULL, got None"),
        ("BOOLEAN", 1, "expected BOOLEAN, got int 1"),
        ("DOUBLE", "1.0", "expected DOUBLE, got str '1.0'"),
        ("DOUBLE", 10**400, "expected DOUBLE, got int"),
        ("FLOAT", 1e300, "out of range"),
        ("STRING", 1, "expected STRING, got int 1"),
        ("STRING", "a\ud800", "the surrogate at position 1 cannot be in UTF-8"),
        ("BYTES", "a", "expected BYTES, got str 'a'"),
        ("BYTES", [256], "expected BYTES, got list [256]"),
        ("DECIMAL(5, 2)", Decimal("999.995"), "it does not fit in the type's digits"),
        ("DECIMAL(5, 2)", Decimal("1E+99999999"), "it does not fit in the type's digits"),
        ("DECIMAL(38, 0)", Decimal("4" * 39), "it does not fit in the type's digits"),
        ("DECIMAL(5, 2)", Decimal("NaN"), "it does not fit"),
        ("DECIMAL(5, 2)", 1.5, "expected DECIMAL(5, 2), got float 1.5"),
        ("BIG_DECIMAL", Decimal("Infinity"), "it is not a finite number"),
        ("DATE", "2020-01-01", "expected DATE, got str"),
        ("TIMESTAMP(9)", dt.datetime(2300, 1, 1), "do not fit in 64 bits"),
        ("INSTANT", 5, "expected INSTANT, got int 5"),
        ("NULL", 0, "expected NULL, got int 0"),
        ("ARRAY<INT>", "abc", "expected ARRAY<INT>, got str 'abc'"),
        ("ARRAY<INT>", {1, 2}, "expected ARRAY<INT>, got set"),
        ("ARRAY<INT>", [1, 2, "x"], "element 2 of row 0: expected INT, got str 'x'"),
        ("MAP<STRING, INT>", [("a", 1)], "expected MAP<STRING, INT>, got list"),
        ("MAP<STRING, INT>", {1: 1}, "a key of row 0: expected STRING, got int 1"),
        ("MAP<STRING, INT>", {"k": "v"}, "value of key 'k' of row 0: expected INT, got str 'v'"),
        ("TUPLE<INT, INT>", (1, "x"), "[1] of row 0: expected INT, got str 'x'"),
        ("TUPLE<INT, INT>", (1,), "it has 1 values instead of 2"),
        ("TUPLE<INT, INT>", 5, "expected TUPLE<INT, INT>, got int 5"),
        (XY, (1, 2), "field 'y' of row 0: expected STRING, got int 2"),
        (XY, {"x": 1}, "it has no field 'y'"),
        (XY, Row(x=1, z="a"), "it has no field 'y'"),
        (XY, object(), "row 0: expected ROW<`x` INT, `y` STRING>, got object"),
        ("ROW<a ROW<b ARRAY<INT>>>", ([[["no"]]],), "element 0 of field 'b' of field 'a' of row 0"),
        ("PICKLED", (i for i in ()), "it cannot be pickled"),
    ],
)  # fmt: skip
def test_misfits(type_text: str, given: Any, message: str) -> None:
    with pytest.raises(EncodeError) as caught:
        encode([given], type_text)
    assert message in str(caught.value)
    assert caught.value.row == 0


def test_the_misfit_is_named_by_its_row() -> None:
    with pytest.raises(EncodeError) as caught:
        encode([Row(1, 30), Row(2, "abc")], "ROW<id INT, age INT>", first_row=11)
    assert str(caught.value) == "field 'age' of row 12: expected INT, got str 'abc'"
    error = caught.value
    assert (error.row, error.path, error.expected) == (12, "field 'age'", "INT")
    assert error.value == "str 'abc'"


def test_long_and_broken_values_are_shown_briefly() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    with pytest.raises(EncodeError, match="got str '" + "x" * 99 + "…$"):
        encode(["x" * 1000], "INT")
    with pytest.raises(EncodeError, match="got Broken <its repr fails>"):
        encode([Broken()], "INT")


def test_an_exception_of_the_value_is_the_cause() -> None:
    class Index:
        def __index__(self) -> int:
            raise LookupError("no")

    with pytest.raises(EncodeError) as caught:
        encode([Index()], "INT")
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_value_that_changes_its_container() -> None:
    values: list[Any] = [1, 2, 3]

    class Vicious:
        def __index__(self) -> int:
            values.clear()
            return 1

    values.insert(0, Vicious())
    with pytest.raises(EncodeError, match="changes size"):
        encode([values], "TUPLE<INT, INT, INT, INT>")
    values[:] = [Vicious(), 2, 3]
    assert through([values], "LIST<INT>") == [[1]]


def test_what_pickle_refuses_goes_by_cloudpickle() -> None:
    (function,) = through([lambda x: x + 1], "PICKLED")
    assert function(1) == 2


def test_row_kinds() -> None:
    body = encode([Row(1), Row(2)], "ROW<a INT>", kinds=[0, 3])
    rows = decode(body, "ROW<a INT>", None, 4)
    assert [r.get_row_kind() for r in rows] == [RowKind.INSERT, RowKind.DELETE]


def test_objects_that_are_kept_do_not_change() -> None:
    values = [(i * 1000, float(i), "x" * i) for i in range(100)]
    text = "TUPLE<BIGINT, DOUBLE, STRING>"
    assert through(values, text) == values
    longs = [0, 1 << 29, 1 << 30, -(1 << 59), 1 << 60, (1 << 63) - 1, -(1 << 63), 257, -6]
    assert through(longs, "BIGINT") == longs


def test_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    assert through([numpy.int64(5)], "BIGINT") == [5]
    assert through([numpy.float32(0.5)], "DOUBLE") == [0.5]
    assert through([numpy.bool_(True)], "BOOLEAN") == [True]
    assert through([numpy.array([1, 2])], "ARRAY<INT>") == [[1, 2]]
    assert through([numpy.array([[1], [2]])], "ARRAY<ARRAY<DOUBLE>>") == [[[1.0], [2.0]]]
    with pytest.raises(EncodeError):
        encode([numpy.float64(1.5)], "INT")
