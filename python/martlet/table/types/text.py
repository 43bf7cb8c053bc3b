"""Data types as the runtime knows them: by text, in the grammar of ``docs/types.md``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from martlet.common.typeinfo import TypeInformation, Types
from martlet.table.types.atomic import (
    BigIntType,
    BinaryType,
    BooleanType,
    CharType,
    DecimalType,
    DoubleType,
    FloatType,
    IntType,
    SmallIntType,
    TinyIntType,
    VarBinaryType,
    VarCharType,
)
from martlet.table.types.base import DataType, NullType
from martlet.table.types.intervals import DayTimeIntervalType, YearMonthIntervalType
from martlet.table.types.nested import ArrayType, MapType, MultisetType, RowType
from martlet.table.types.temporal import (
    DateType,
    LocalZonedTimestampType,
    TimestampType,
    TimeType,
)
from martlet.util.exceptions import NotSupportedError

__all__ = ["LogicalTypeInfo", "sql_text", "type_info_of"]


def sql_text(data_type: DataType) -> str:
    """The type as text.

    :raises NotSupportedError: if the runtime has no such type
    """
    write = _TEXTS.get(type(data_type))
    if write is None:
        raise NotSupportedError(f"The runtime has no values of type {data_type!r}")
    text = write(data_type)
    return text if data_type._nullable else f"{text} NOT NULL"


def _interval(data_type: Any) -> str:
    if isinstance(data_type, YearMonthIntervalType):
        return f"INTERVAL YEAR({data_type.precision}) TO MONTH"
    return f"INTERVAL DAY({data_type.day_precision}) TO SECOND({data_type.fractional_precision})"


def _row(data_type: Any) -> str:
    fields = (
        f"`{field.name.replace('`', '``')}` {sql_text(field.data_type)}" for field in data_type
    )
    return f"ROW<{', '.join(fields)}>"


_TEXTS: dict[type[DataType], Callable[[Any], str]] = {
    NullType: lambda t: "NULL",
    BooleanType: lambda t: "BOOLEAN",
    TinyIntType: lambda t: "TINYINT",
    SmallIntType: lambda t: "SMALLINT",
    IntType: lambda t: "INT",
    BigIntType: lambda t: "BIGINT",
    FloatType: lambda t: "FLOAT",
    DoubleType: lambda t: "DOUBLE",
    DecimalType: lambda t: f"DECIMAL({t.precision}, {t.scale})",
    CharType: lambda t: f"CHAR({t.length})",
    VarCharType: lambda t: f"VARCHAR({t.length})",
    BinaryType: lambda t: f"BINARY({t.length})",
    VarBinaryType: lambda t: f"VARBINARY({t.length})",
    DateType: lambda t: "DATE",
    TimeType: lambda t: f"TIME({t.precision})",
    TimestampType: lambda t: f"TIMESTAMP({t.precision})",
    LocalZonedTimestampType: lambda t: f"TIMESTAMP_LTZ({t.precision})",
    YearMonthIntervalType: _interval,
    DayTimeIntervalType: _interval,
    ArrayType: lambda t: f"ARRAY<{sql_text(t.element_type)}>",
    MapType: lambda t: f"MAP<{sql_text(t.key_type)}, {sql_text(t.value_type)}>",
    MultisetType: lambda t: f"MULTISET<{sql_text(t.element_type)}>",
    RowType: _row,
}


class LogicalTypeInfo(TypeInformation):
    """A data type of the Table API as the type of a stream's values."""

    def __init__(self, data_type: DataType) -> None:
        self._data_type = data_type

    def type_text(self) -> str:
        return sql_text(self._data_type)

    def _state(self) -> tuple[Any, ...]:
        return (self.type_text(),)

    def __repr__(self) -> str:
        return self.type_text()


_SAME: dict[type[DataType], Callable[[], TypeInformation]] = {
    BooleanType: Types.BOOLEAN,
    TinyIntType: Types.BYTE,
    SmallIntType: Types.SHORT,
    IntType: Types.INT,
    BigIntType: Types.LONG,
    FloatType: Types.FLOAT,
    DoubleType: Types.DOUBLE,
    CharType: Types.STRING,
    VarCharType: Types.STRING,
    DateType: Types.SQL_DATE,
}


def type_info_of(data_type: DataType) -> TypeInformation:
    """The type of a stream's values for a data type: one of ``Types``, where there is the same."""
    same = _SAME.get(type(data_type))
    if same is not None:
        return same()
    if isinstance(data_type, RowType):
        return Types.ROW_NAMED(
            data_type.field_names(), [type_info_of(t) for t in data_type.field_types()]
        )
    if isinstance(data_type, (BinaryType, VarBinaryType)):
        return Types.PRIMITIVE_ARRAY(Types.BYTE())
    if isinstance(data_type, ArrayType):
        return Types.OBJECT_ARRAY(type_info_of(data_type.element_type))
    if isinstance(data_type, MapType):
        return Types.MAP(type_info_of(data_type.key_type), type_info_of(data_type.value_type))
    if isinstance(data_type, TimestampType) and data_type.precision == 3:
        return Types.SQL_TIMESTAMP()
    return LogicalTypeInfo(data_type)
