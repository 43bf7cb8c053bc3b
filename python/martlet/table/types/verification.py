"""Whether values are of a data type."""

from __future__ import annotations

import datetime
import decimal
from array import array
from collections.abc import Callable
from typing import Any

from martlet.common.types import Row
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
from martlet.table.types.base import DataType, UserDefinedType
from martlet.table.types.intervals import DayTimeIntervalType
from martlet.table.types.nested import ArrayType, MapType, RowType
from martlet.table.types.temporal import (
    DateType,
    LocalZonedTimestampType,
    TimestampType,
    TimeType,
    ZonedTimestampType,
)

__all__ = ["create_type_verifier"]

_CLASSES: dict[type[DataType], tuple[type, ...]] = {
    BooleanType: (bool,),
    TinyIntType: (int,),
    SmallIntType: (int,),
    IntType: (int,),
    BigIntType: (int,),
    FloatType: (float,),
    DoubleType: (float,),
    DecimalType: (decimal.Decimal,),
    CharType: (str,),
    VarCharType: (str,),
    BinaryType: (bytearray,),
    VarBinaryType: (bytearray,),
    DateType: (datetime.date, datetime.datetime),
    TimeType: (datetime.time,),
    TimestampType: (datetime.datetime,),
    DayTimeIntervalType: (datetime.timedelta,),
    LocalZonedTimestampType: (datetime.datetime,),
    ZonedTimestampType: (datetime.datetime,),
    ArrayType: (list, tuple, array),
    MapType: (dict,),
    RowType: (tuple, list, dict),
}
_BITS = {TinyIntType: 8, SmallIntType: 16, IntType: 32}

Check = Callable[[Any], None]


def create_type_verifier(data_type: DataType, name: str | None = None) -> Check:
    """What raises TypeError or ValueError for a value that is not of the type.

    :param name: what the values belong to, for messages
    """
    prefix = "" if name is None else f"{name}: "
    kind = type(data_type)
    assert kind in _CLASSES or isinstance(data_type, UserDefinedType), (
        f"{prefix}unknown datatype: {data_type}"
    )
    check = _check(data_type, prefix, name)

    def verify(obj: Any) -> None:
        if obj is None:
            if not data_type._nullable:
                raise ValueError(f"{prefix}This field is not nullable, but got None")
            return
        check(obj)

    return verify


def _check(data_type: DataType, prefix: str, name: str | None) -> Check:
    if isinstance(data_type, RowType):
        return _row(data_type, prefix, name)
    if isinstance(data_type, UserDefinedType):
        return _user_defined(data_type, prefix, name)
    classes = _CLASSES[type(data_type)]

    def accept(obj: Any) -> None:
        if type(obj) not in classes:
            raise TypeError(
                f"{prefix}{data_type} can not accept object {obj!r} in type {type(obj)}"
            )

    more = _content(data_type, prefix, name)
    if more is None:
        return accept

    def check(obj: Any) -> None:
        accept(obj)
        more(obj)

    return check


def _content(data_type: DataType, prefix: str, name: str | None) -> Check | None:
    kind = type(data_type).__name__
    if isinstance(data_type, (CharType, BinaryType, VarCharType, VarBinaryType)):
        length = data_type.length
        exact = isinstance(data_type, (CharType, BinaryType))

        def sized(obj: Any) -> None:
            if len(obj) > length or (exact and len(obj) != length):
                wrong = "is not" if exact else "exceeds"
                raise ValueError(f"{prefix}length of object ({obj}) of {kind} {wrong}: {length}")

        return sized
    if isinstance(data_type, (TinyIntType, SmallIntType, IntType)):
        limit = 1 << _BITS[type(data_type)] - 1

        def ranged(obj: Any) -> None:
            if not -limit <= obj < limit:
                raise ValueError(f"{prefix}object of {kind} out of range, got: {obj}")

        return ranged
    if isinstance(data_type, ArrayType):
        element = create_type_verifier(data_type.element_type, f"element in array {name}")

        def elements(obj: Any) -> None:
            for item in obj:
                element(item)

        return elements
    if isinstance(data_type, MapType):
        key = create_type_verifier(data_type.key_type, f"key of map {name}")
        value = create_type_verifier(data_type.value_type, f"value of map {name}")

        def entries(obj: Any) -> None:
            for k, v in obj.items():
                key(k)
                value(v)

        return entries
    return None


def _user_defined(data_type: UserDefinedType, prefix: str, name: str | None) -> Check:
    stored = data_type.sql_type()
    verify = create_type_verifier(stored, name)

    def check(obj: Any) -> None:
        if getattr(obj, "__UDT__", None) != data_type:
            raise ValueError(f"{prefix}{obj!r} is not an instance of type {data_type!r}")
        data = data_type.to_sql_type(obj)
        # A row has its kind in front.
        verify(data[1:] if isinstance(stored, RowType) else data)

    return check


def _row(data_type: RowType, prefix: str, name: str | None) -> Check:
    inside = "" if name is None else f" in {name}"
    fields = [
        (f.name, create_type_verifier(f.data_type, f"field {f.name}{inside}")) for f in data_type
    ]

    def check(obj: Any) -> None:
        if isinstance(obj, Row):
            for index, (field, verify) in enumerate(fields):
                verify(obj[field] if obj._from_dict else obj[index])
        elif isinstance(obj, (tuple, list)):
            if len(obj) != len(fields):
                raise ValueError(
                    f"{prefix}Length of object ({len(obj)}) does not match with length of "
                    f"fields ({len(fields)})"
                )
            for item, (_, verify) in zip(obj, fields):
                verify(item)
        elif isinstance(obj, dict) or hasattr(obj, "__dict__"):
            values = obj if isinstance(obj, dict) else vars(obj)
            for field, verify in fields:
                verify(values.get(field))
        else:
            raise TypeError(f"{prefix}RowType can not accept object {obj!r} in type {type(obj)}")

    return check
