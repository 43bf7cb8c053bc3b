"""Data types to Arrow's and back."""

from __future__ import annotations

from typing import Any

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
from martlet.table.types.constructors import MAX_LENGTH
from martlet.table.types.nested import ArrayType, MapType, RowField, RowType
from martlet.table.types.temporal import (
    DateType,
    LocalZonedTimestampType,
    TimestampType,
    TimeType,
)

__all__ = ["create_arrow_schema", "from_arrow_type", "to_arrow_type"]

_PRECISIONS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def create_arrow_schema(field_names: list[str], field_types: list[DataType]) -> Any:
    """The ``pyarrow.Schema`` of columns with these names and types."""
    import pyarrow as pa

    return pa.schema(
        [pa.field(n, to_arrow_type(t), t._nullable) for n, t in zip(field_names, field_types)]
    )


def from_arrow_type(arrow_type: Any, nullable: bool = True) -> DataType:
    """The data type for a ``pyarrow.DataType``.

    :raises TypeError: if there is none
    """
    from pyarrow import types

    for is_simple, simple in (
        (types.is_boolean, BooleanType),
        (types.is_int8, TinyIntType),
        (types.is_int16, SmallIntType),
        (types.is_int32, IntType),
        (types.is_int64, BigIntType),
        (types.is_float32, FloatType),
        (types.is_float64, DoubleType),
        (types.is_date32, DateType),
    ):
        if is_simple(arrow_type):
            return simple(nullable)
    if types.is_decimal(arrow_type):
        return DecimalType(arrow_type.precision, arrow_type.scale, nullable)
    if types.is_string(arrow_type):
        return VarCharType(MAX_LENGTH, nullable)
    if types.is_fixed_size_binary(arrow_type):
        return BinaryType(arrow_type.byte_width, nullable)
    if types.is_binary(arrow_type):
        return VarBinaryType(MAX_LENGTH, nullable)
    if types.is_time(arrow_type):
        return TimeType(_PRECISIONS[arrow_type.unit], nullable)
    if types.is_timestamp(arrow_type):
        return TimestampType(_PRECISIONS[arrow_type.unit], nullable)
    if types.is_map(arrow_type):
        key, item = from_arrow_type(arrow_type.key_type), from_arrow_type(arrow_type.item_type)
        return MapType(key, item, nullable)
    if types.is_list(arrow_type):
        return ArrayType(from_arrow_type(arrow_type.value_type), nullable)
    if types.is_struct(arrow_type):
        if any(types.is_struct(field.type) for field in arrow_type):
            raise TypeError(
                f"Nested RowType is not supported in conversion from Arrow: {arrow_type}"
            )
        return RowType([RowField(f.name, from_arrow_type(f.type, f.nullable)) for f in arrow_type])
    if types.is_null(arrow_type):
        return NullType()
    raise TypeError(f"Unsupported data type to convert to Arrow type: {arrow_type}")


def to_arrow_type(data_type: DataType) -> Any:
    """The ``pyarrow.DataType`` for a data type.

    :raises ValueError: if there is none, or none that can be the type of an array's elements
    :raises TypeError: if there is none that can be the type of a row's field
    """
    import pyarrow as pa

    simple = {
        TinyIntType: pa.int8,
        SmallIntType: pa.int16,
        IntType: pa.int32,
        BigIntType: pa.int64,
        BooleanType: pa.bool_,
        FloatType: pa.float32,
        DoubleType: pa.float64,
        CharType: pa.utf8,
        VarCharType: pa.utf8,
        VarBinaryType: pa.binary,
        DateType: pa.date32,
        NullType: pa.null,
    }.get(type(data_type))
    if simple is not None:
        return simple()
    if isinstance(data_type, BinaryType):
        return pa.binary(data_type.length)
    if isinstance(data_type, DecimalType):
        return pa.decimal128(data_type.precision, data_type.scale)
    if isinstance(data_type, TimeType):
        unit = _unit(data_type.precision)
        return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    if isinstance(data_type, (LocalZonedTimestampType, TimestampType)):
        return pa.timestamp(_unit(data_type.precision))
    if isinstance(data_type, MapType):
        return pa.map_(to_arrow_type(data_type.key_type), to_arrow_type(data_type.value_type))
    if isinstance(data_type, ArrayType):
        element = data_type.element_type
        if type(element) in (LocalZonedTimestampType, RowType):
            raise ValueError(
                f"{element} is not supported to be used as the element type of ArrayType."
            )
        return pa.list_(to_arrow_type(element))
    if isinstance(data_type, RowType):
        for field in data_type:
            if type(field.data_type) in (LocalZonedTimestampType, RowType):
                raise TypeError(
                    f"{field.data_type} is not supported to be used as the field type of RowType"
                )
        return pa.struct(
            [pa.field(f.name, to_arrow_type(f.data_type), f.data_type._nullable) for f in data_type]
        )
    raise ValueError(f"field_type {data_type} is not supported.")


def _unit(precision: int) -> str:
    return next(unit for unit, most in _PRECISIONS.items() if precision <= most)
