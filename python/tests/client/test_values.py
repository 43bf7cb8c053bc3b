"""Values on their way in: what PyFlink coerces, and what does not fit."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import pytest

pytest.importorskip("martlet._native")

from martlet.common import Instant, Row, RowKind, Types
from martlet.common.typeinfo import TypeInformation
from martlet.datastream import rows
from martlet.datastream.rows import BATCH_ROWS, decode_rows, encode_rows, java_text
from martlet.util.exceptions import ValueMismatchError


def there_and_back(values: list[Any], type_info: TypeInformation) -> list[Any]:
    return [
        value
        for body in encode_rows(values, type_info)
        for value in decode_rows(b"\0" + body, type_info)
    ]


POINT = Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.STRING()])


class Point:
    def __init__(self, x: int, y: str) -> None:
        self.x, self.y = x, y


@pytest.mark.parametrize(
    ("type_info", "value", "expected"),
    [
        (Types.STRING(), 1, "1"),
        (Types.STRING(), 1.0, "1.0"),
        (Types.STRING(), True, "true"),
        (Types.STRING(), [1, None, "a"], "[1, null, a]"),
        (Types.STRING(), {"k": False}, "{k=false}"),
        (Types.STRING(), None, None),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), "é", "é".encode()),
        (POINT, (1, "a"), Row(x=1, y="a")),
        (POINT, [1, 2], Row(x=1, y="2")),
        (POINT, {"y": "a", "x": 1}, Row(x=1, y="a")),
        (POINT, {"x": 1}, Row(x=1, y=None)),
        (POINT, Point(1, "a"), Row(x=1, y="a")),
        (POINT, Row(y="a", x=1), Row(x=1, y="a")),
        (POINT, Row(1, "a"), Row(x=1, y="a")),
        (Types.TUPLE([Types.INT(), Types.STRING()]), [1, 2], (1, "2")),
        (Types.TUPLE([Types.INT()]), Row(1), (1,)),
        (Types.LIST(Types.STRING()), (1, "a"), ["1", "a"]),
        (Types.MAP(Types.STRING(), Types.INT()), {1: 2}, {"1": 2}),
        (Types.DOUBLE(), 1, 1.0),
        (Types.BIG_INT(), 2**100, 2**100),
        (Types.BIG_DEC(), decimal.Decimal("1.50"), decimal.Decimal("1.50")),
        (Types.SQL_DATE(), datetime.datetime(2024, 1, 2, 3), datetime.date(2024, 1, 2)),
        (
            Types.SQL_TIMESTAMP(),
            datetime.datetime(2024, 1, 2, 3, 4, 5, 6789),
            datetime.datetime(2024, 1, 2, 3, 4, 5, 6000),
        ),
        (Types.INSTANT(), Instant(1, 2_345_678), Instant(1, 2_000_000)),
    ],
)
def test_coercions(type_info: TypeInformation, value: Any, expected: Any) -> None:
    assert there_and_back([value], type_info) == [expected]
    # The same inside another value.
    outer = Types.TUPLE([Types.LONG(), type_info])
    assert there_and_back([(1, value)], outer) == [(1, expected)]


def test_a_time_zone_is_taken_off_by_local_time() -> None:
    aware = datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
    local = aware.astimezone().replace(tzinfo=None)
    assert there_and_back([aware], Types.SQL_TIMESTAMP()) == [local]


def test_row_kinds_stay_inside_of_rows_that_are_coerced() -> None:
    row = Row.of_kind(RowKind.DELETE, 1, 2)
    bodies = encode_rows([row], POINT)
    assert decode_rows(b"\0" + bodies[0], POINT)[0] == Row(x=1, y="2")


@pytest.mark.parametrize(
    ("type_info", "values", "row", "message"),
    [
        (Types.INT(), [1, "x"], 1, "row 1: expected INT, got str 'x'"),
        (Types.INT(), [2**31], 0, "out of range"),
        (Types.LONG(), [0, 1, 2**63], 2, "out of range"),
        (Types.BOOLEAN(), [1], 0, "expected BOOLEAN"),
        (Types.TUPLE([Types.INT(), Types.INT()]), [(1, 2), (1,)], 1, "1 values instead of 2"),
        (POINT, [(1, "a"), ("b", "c")], 1, "field 'x' of row 1: expected INT, got str 'b'"),
        (POINT, [Row(x=1, z=2)], 0, "no field 'y'"),
        (POINT, ["text"], 0, "got str 'text'"),
        (POINT, [(1, 2, 3)], 0, "3 values instead of 2"),
        (Types.LIST(Types.INT()), [[1], [1, "x"]], 1, "element 1 of row 1"),
        (Types.SQL_DATE(), ["2024-01-01"], 0, "expected DATE"),
        (Types.SQL_TIMESTAMP(), [1], 0, "expected TIMESTAMP"),
        (Types.SQL_TIME(), [1], 0, "expected TIME"),
        (Types.INSTANT(), [1], 0, "expected INSTANT"),
    ],
)
def test_values_that_do_not_fit(
    type_info: TypeInformation, values: list[Any], row: int, message: str
) -> None:
    with pytest.raises(ValueMismatchError, match=message) as caught:
        encode_rows(values, type_info)
    assert caught.value.row == row


def test_rows_are_counted_across_batches() -> None:
    values: list[Any] = [0] * (2 * BATCH_ROWS + 10)
    assert len(encode_rows(values, Types.INT())) == 3
    values[-1] = "x"
    with pytest.raises(ValueMismatchError) as caught:
        encode_rows(values, Types.INT())
    assert caught.value.row == len(values) - 1
    assert len(encode_rows([], Types.INT())) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.5, "1.5"),
        (100.0, "100.0"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12345678.5, "1.23456785E7"),
        (1e-3, "0.001"),
        (9.99e-4, "9.99E-4"),
        (1e100, "1.0E100"),
        (1.5e-10, "1.5E-10"),
        (-1e16, "-1.0E16"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_numbers_as_java_prints_them(value: float, text: str) -> None:
    assert java_text(value) == text


def test_bodies_are_cut_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BODY_BYTES", 100_000)
    values = [bytes([n % 256]) * (1000 if n % 50 else 150_000) for n in range(200)]
    bodies = encode_rows(values, Types.PRIMITIVE_ARRAY(Types.BYTE()))
    assert [len(b) for b in bodies if len(b) > 100_000 and len(b) < 150_000] == []
    assert there_and_back(values, Types.PRIMITIVE_ARRAY(Types.BYTE())) == values
    with pytest.raises(ValueMismatchError, match="row 199: expected BYTES"):
        encode_rows([*values[:199], 7], Types.PRIMITIVE_ARRAY(Types.BYTE()))
