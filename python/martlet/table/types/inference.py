"""Data types of Python values."""

from __future__ import annotations

import ctypes
import datetime
import decimal
from array import array
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from martlet.common.types import Row
from martlet.table.types.atomic import (
    BigIntType,
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
from martlet.table.types.nested import ArrayType, MapType, MultisetType, RowField, RowType
from martlet.table.types.temporal import DateType, LocalZonedTimestampType, TimeType

__all__ = ["create_converter", "infer_schema_from_data", "infer_type"]

_OF_CLASS: dict[type, DataType] = {
    bool: BooleanType(),
    int: BigIntType(),
    float: DoubleType(),
    str: VarCharType(MAX_LENGTH),
    bytearray: VarBinaryType(MAX_LENGTH),
    decimal.Decimal: DecimalType(38, 18),
    datetime.date: DateType(),
    datetime.datetime: LocalZonedTimestampType(),
    datetime.time: TimeType(),
}


def _of_typecode(typecode: str) -> DataType | None:
    """The type of the elements of an ``array``; unsigned numbers need one bit more."""
    if typecode == "u":
        return CharType(ctypes.sizeof(ctypes.c_wchar))
    if typecode in "fd":
        return FloatType() if typecode == "f" else DoubleType()
    bits = array(typecode).itemsize * 8 + typecode.isupper()
    kinds = ((8, TinyIntType), (16, SmallIntType), (32, IntType), (64, BigIntType))
    return next((kind() for most, kind in kinds if bits <= most), None)


def infer_type(obj: Any) -> DataType:
    """The data type of a value.

    :raises TypeError: if there is none
    """
    if obj is None:
        return NullType()
    if hasattr(obj, "__UDT__"):
        return obj.__UDT__  # type: ignore[no-any-return]
    known = _OF_CLASS.get(type(obj))
    if known is not None:
        return known
    if isinstance(obj, dict):
        for key, value in obj.items():
            if key is not None and value is not None:
                return MapType(infer_type(key).not_null(), infer_type(value))
        return MapType(NullType(), NullType())
    if isinstance(obj, list):
        element = infer_type(obj[0]) if any(v is not None for v in obj) else NullType()
        return ArrayType(element)
    if isinstance(obj, array):
        of_elements = _of_typecode(obj.typecode)
        if of_elements is None:
            raise TypeError(f"not supported type: array({obj.typecode})")
        return ArrayType(of_elements.not_null())
    try:
        return infer_schema(obj)
    except TypeError:
        raise TypeError(f"not supported type: {type(obj)}") from None


def infer_schema(row: Any, names: list[str] | None = None) -> RowType:
    """The type of a row, from a dict, a row, a tuple or an object with attributes."""
    items: Iterable[tuple[str, Any]]
    if isinstance(row, dict):
        items = sorted(row.items())
    elif isinstance(row, (Row, tuple, list)):
        if hasattr(row, "_fields"):
            items = zip(row._fields, row)
        else:
            known = list(names or [])
            known += [f"_{i}" for i in range(len(known) + 1, len(row) + 1)]
            items = zip(known, row)
    elif hasattr(row, "__dict__"):
        items = sorted(vars(row).items())
    else:
        raise TypeError(f"Can not infer schema for type: {type(row)}")
    return RowType([RowField(name, infer_type(value)) for name, value in items])


def infer_schema_from_data(elements: Iterable[Any], names: list[str] | None = None) -> RowType:
    """The type that all of the rows are of.

    :raises ValueError: if there are no rows, or a column has no value but None
    """
    rows = list(elements)
    if not rows:
        raise ValueError("can not infer schema from empty data set")
    schemas: list[DataType] = [infer_schema(row, names) for row in rows]
    schema = reduce(merge_type, schemas)
    if _has_null_type(schema):
        raise ValueError("Some column types cannot be determined after inferring")
    assert isinstance(schema, RowType)
    return schema


def _has_null_type(data_type: DataType) -> bool:
    if isinstance(data_type, RowType):
        return any(_has_null_type(f.data_type) for f in data_type)
    if isinstance(data_type, (ArrayType, MultisetType)):
        return _has_null_type(data_type.element_type)
    if isinstance(data_type, MapType):
        return _has_null_type(data_type.key_type) or _has_null_type(data_type.value_type)
    return isinstance(data_type, NullType)


def merge_type(a: DataType, b: DataType, name: str | None = None) -> DataType:
    """The type of values that are some of type ``a`` and some of type ``b``.

    :param name: what the types belong to, for messages
    :raises TypeError: if there is none
    """
    if isinstance(a, NullType):
        return b
    if isinstance(b, NullType):
        return a
    if type(a) is not type(b):
        where = "" if name is None else f"{name}: "
        raise TypeError(f"{where}Can not merge type {type(a)} and {type(b)}")
    if isinstance(a, RowType) and isinstance(b, RowType):
        others = {f.name: f.data_type for f in b}
        inside = "" if name is None else f" in {name}"
        fields = [
            RowField(
                f.name,
                merge_type(f.data_type, others.get(f.name, NullType()), f"field {f.name}{inside}"),
            )
            for f in a
        ]
        fields += [RowField(n, t) for n, t in others.items() if n not in a.names]
        return RowType(fields)
    if isinstance(a, ArrayType) and isinstance(b, ArrayType):
        return ArrayType(merge_type(a.element_type, b.element_type, f"element in array {name}"))
    if isinstance(a, MultisetType) and isinstance(b, MultisetType):
        return MultisetType(
            merge_type(a.element_type, b.element_type, f"element in multiset {name}")
        )
    if isinstance(a, MapType) and isinstance(b, MapType):
        return MapType(
            merge_type(a.key_type, b.key_type, f"key of map {name}"),
            merge_type(a.value_type, b.value_type, f"value of map {name}"),
        )
    return a


def _needs_converter(data_type: DataType) -> bool:
    if isinstance(data_type, (ArrayType, MultisetType)):
        return _needs_converter(data_type.element_type)
    if isinstance(data_type, MapType):
        return _needs_converter(data_type.key_type) or _needs_converter(data_type.value_type)
    return isinstance(data_type, (RowType, NullType))


def create_converter(data_type: DataType) -> Callable[[Any], Any]:
    """What turns whatever can stand for a row into a tuple, all the way down."""
    if not _needs_converter(data_type):
        return lambda value: value
    if isinstance(data_type, (ArrayType, MultisetType)):
        convert = create_converter(data_type.element_type)
        return lambda values: [convert(v) for v in values]
    if isinstance(data_type, MapType):
        key, item = create_converter(data_type.key_type), create_converter(data_type.value_type)
        return lambda pairs: {key(k): item(v) for k, v in pairs.items()}
    if not isinstance(data_type, RowType):
        return lambda value: None
    names = data_type.field_names()
    converters = [create_converter(t) for t in data_type.field_types()]

    def convert_row(obj: Any) -> tuple[Any, ...] | None:
        if obj is None:
            return None
        if isinstance(obj, (tuple, list)):
            return tuple(c(v) for v, c in zip(obj, converters))
        if not isinstance(obj, dict) and not hasattr(obj, "__dict__"):
            raise TypeError(f"Unexpected obj type: {type(obj)}")
        fields = obj if isinstance(obj, dict) else vars(obj)
        return tuple(c(fields.get(n)) for n, c in zip(names, converters))

    return convert_row
