"""The Table API's data types: what they print, equal, refuse and convert. As in PyFlink 2.3."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from martlet.common import Row, Types
from martlet.table.types import DataTypes, Resolution, RowType, UserDefinedType
from martlet.table.types.inference import create_converter, infer_schema_from_data, infer_type
from martlet.table.types.text import sql_text, type_info_of
from martlet.table.types.verification import create_type_verifier
from martlet.util.exceptions import NotSupportedError

D = DataTypes
NESTED = D.ROW(
    [
        D.FIELD("a", D.INT()),
        D.FIELD("b`", D.ROW([D.FIELD("c", D.ARRAY(D.DATE(False)))]), "said"),
        D.FIELD("m", D.MAP(D.STRING(False), D.DECIMAL(5, 2))),
    ]
)


@pytest.mark.parametrize(
    ("data_type", "representation", "text"),
    [
        (D.NULL(), "NullType(true)", "NULL"),
        (D.CHAR(3), "CharType(3, true)", "CHAR(3)"),
        (D.STRING(False), "VarCharType(2147483647, false)", "VARCHAR(2147483647) NOT NULL"),
        (D.BYTES(), "VarBinaryType(2147483647, true)", "VARBINARY(2147483647)"),
        (D.DECIMAL(10, 2), "DecimalType(10, 2, true)", "DECIMAL(10, 2)"),
        (D.BIGINT().not_null(), "BigIntType(false)", "BIGINT NOT NULL"),
        (D.TIMESTAMP_LTZ(3), "LocalZonedTimestampType(3, true)", "TIMESTAMP_LTZ(3)"),
        (D.INTERVAL(D.YEAR(4), D.MONTH()), "YearMonthIntervalType(true)",
         "INTERVAL YEAR(4) TO MONTH"),
        (D.INTERVAL(D.SECOND(3)), "DayTimeIntervalType(true)",
         "INTERVAL DAY(2) TO SECOND(3)"),
        (D.MULTISET(D.INT()), "MultisetType(IntType(true), true)", "MULTISET<INT>"),
        (NESTED, "RowType(RowField(a, IntType(true), ...),RowField(b`, RowType(RowField(c, "
         "ArrayType(DateType(false), true), ...)), said),RowField(m, MapType(VarCharType("
         "2147483647, false), DecimalType(5, 2, true), true), ...))",
         "ROW<`a` INT, `b``` ROW<`c` ARRAY<DATE NOT NULL>>, "
         "`m` MAP<VARCHAR(2147483647) NOT NULL, DECIMAL(5, 2)>>"),
    ],
)  # fmt: skip
def test_representation_and_text(data_type: Any, representation: str, text: str) -> None:
    assert repr(data_type) == representation
    assert sql_text(data_type) == text


def test_the_runtime_reads_every_text() -> None:
    _native = pytest.importorskip("martlet._native")
    for data_type in (NESTED, D.TIME(3), D.TIMESTAMP(9), D.INTERVAL(D.DAY(3), D.SECOND(9))):
        assert _native.Type(sql_text(data_type))
        assert _native.Type(type_info_of(data_type).type_text())


def test_types_of_streams() -> None:
    row = D.ROW([D.FIELD("i", D.INT()), D.FIELD("s", D.ARRAY(D.STRING()))])
    arrays = Types.OBJECT_ARRAY(Types.STRING())
    assert type_info_of(row) == Types.ROW_NAMED(["i", "s"], [Types.INT(), arrays])
    assert type_info_of(D.TIMESTAMP(3)) == Types.SQL_TIMESTAMP()
    assert type_info_of(D.DECIMAL(5, 2)).type_text() == "DECIMAL(5, 2)"
    with pytest.raises(NotSupportedError, match="ListViewType"):
        type_info_of(D.LIST_VIEW(D.INT())).type_text()


def test_equality_and_access() -> None:
    assert D.INT() == D.INT() != D.INT(False)
    assert D.DECIMAL(5, 2) != D.DECIMAL(5, 1)
    assert D.INT(False).nullable() == D.INT()
    assert NESTED["a"] is NESTED[0]
    assert NESTED[:1] == D.ROW([D.FIELD("a", D.INT())])
    assert RowType().add("a", D.INT()) == NESTED[:1]
    assert D.ROW().add("x", D.INT()) != D.ROW()  # the default is not shared
    with pytest.raises(KeyError, match="No RowField named z"):
        NESTED["z"]
    assert str(D.SECOND()) == "IntervalUnit.SECOND(6)"
    with pytest.raises(ValueError, match="Unsupported interval definition"):
        D.INTERVAL(D.SECOND(), D.DAY())
    assert isinstance(D.DAY(), Resolution)


@pytest.mark.parametrize(
    ("value", "representation"),
    [
        (None, "NullType(true)"),
        (1, "BigIntType(true)"),
        (Decimal("1"), "DecimalType(38, 18, true)"),
        ([None, 1], "ArrayType(NullType(true), true)"),
        ({"a": 1}, "MapType(VarCharType(2147483647, false), BigIntType(true), true)"),
        (Row(1, "x"), "RowType(RowField(_1, BigIntType(true), ...),"
                      "RowField(_2, VarCharType(2147483647, true), ...))"),
    ],
)  # fmt: skip
def test_inference(value: Any, representation: str) -> None:
    assert repr(infer_type(value)) == representation


def test_inference_over_rows() -> None:
    found = infer_schema_from_data([(None, 1), ("x", None)], ["a", "b"])
    assert found == D.ROW([D.FIELD("a", D.STRING()), D.FIELD("b", D.BIGINT())])
    with pytest.raises(ValueError, match="cannot be determined"):
        infer_schema_from_data([(None,)])
    with pytest.raises(TypeError, match="field _1: Can not merge"):
        infer_schema_from_data([(1,), ("x",)])
    with pytest.raises(ValueError, match="empty data set"):
        infer_schema_from_data([])


@pytest.mark.parametrize(
    ("data_type", "value", "message"),
    [
        (D.TINYINT(), 128, "object of TinyIntType out of range, got: 128"),
        (D.INT(), "x", "INT can not accept object 'x'"),
        (D.INT(False), None, "This field is not nullable, but got None"),
        (D.CHAR(2), "a", "length of object .* is not: 2"),
        (D.VARCHAR(2), "abc", "VarCharType exceeds: 2"),
        (D.ARRAY(D.INT(False)), [1, None], "element in array None: This field"),
        (NESTED, (1,), r"Length of object \(1\) does not match"),
        (NESTED, ("x", None, None), "field a: INT can not accept"),
    ],
)
def test_verification(data_type: Any, value: Any, message: str) -> None:
    create_type_verifier(data_type.nullable())(None)
    with pytest.raises((TypeError, ValueError), match=message):
        create_type_verifier(data_type)(value)


def test_internal_forms() -> None:
    moment = datetime.datetime(2024, 2, 29, 1, 2, 3, 456789)
    for data_type, value in (
        (D.DATE(), moment.date()),
        (D.TIME(6), moment.time()),
        (D.TIMESTAMP(), moment),
        (D.TIMESTAMP_LTZ(), moment),
        (D.INTERVAL(D.SECOND()), datetime.timedelta(days=-1, seconds=5)),
        (D.ARRAY(D.DATE()), [moment.date()]),
        (D.MAP(D.DATE(), D.DATE()), {moment.date(): moment.date()}),
    ):
        internal = data_type.to_sql_type(value)
        assert internal != value
        assert data_type.from_sql_type(internal) == value
    row = D.ROW([D.FIELD("d", D.DATE()), D.FIELD("i", D.INT())])
    assert row.to_sql_type({"d": moment.date()}) == (0, 19782, None)
    assert row.from_sql_type((19782, 1)) == Row("d", "i")(moment.date(), 1)
    convert = create_converter(D.ROW([D.FIELD("a", row), D.FIELD("n", D.NULL())]))
    assert convert({"a": {"i": 1}, "n": 5}) == ((None, 1), None)


class Point:
    def __init__(self, x: float) -> None:
        self.x = x


class PointType(UserDefinedType):
    @classmethod
    def sql_type(cls) -> Any:
        return D.ROW([D.FIELD("x", D.DOUBLE())])

    def serialize(self, obj: Any) -> Any:
        return (obj.x,)

    def deserialize(self, datum: Any) -> Any:
        return Point(datum[0])


def test_user_defined_type() -> None:
    Point.__UDT__ = PointType()  # type: ignore[attr-defined]
    assert PointType().to_sql_type(Point(1.5)) == (0, 1.5)
    assert PointType().from_sql_type((1.5,)).x == 1.5
    create_type_verifier(PointType())(Point(1.5))
    with pytest.raises(ValueError, match="is not an instance"):
        create_type_verifier(PointType())(5)


def test_arrow_types() -> None:
    pa = pytest.importorskip("pyarrow")
    from martlet.table.types import create_arrow_schema, from_arrow_type, to_arrow_type

    types = [D.INT(), D.STRING(), D.DECIMAL(5, 2), D.TIME(3), D.TIMESTAMP(9), D.BINARY(3),
             D.ARRAY(D.DATE()), D.MAP(D.STRING(), D.INT())]  # fmt: skip
    for data_type in types:
        assert from_arrow_type(to_arrow_type(data_type)) == data_type
    schema = create_arrow_schema(["a"], [D.INT(False)])
    assert schema == pa.schema([pa.field("a", pa.int32(), False)])
    with pytest.raises(ValueError, match="element type of ArrayType"):
        to_arrow_type(D.ARRAY(D.TIMESTAMP_LTZ()))
