"""Avro's schemas as types of rows, and Avro's records as rows and back.

The types are those of Flink's ``AvroSchemaConverter``: dates and times become those of ``Types``,
decimals ``BIG_DEC``, a union with null the type beside it.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

from martlet.common.typeinfo import TypeInformation, Types
from martlet.common.typeinfo.composite import row_values
from martlet.common.types import _create_row
from martlet.datastream.formats.json_schema import NullTypeInfo
from martlet.util.exceptions import ValidationError

__all__ = ["FromParquet", "RowTypes", "ToPlain", "ToRecords", "ToRows"]

Convert = Callable[[Any], Any]


class _Visitor:
    """Walks a parsed schema; what becomes of each part, the subclasses say."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}

    def of(self, schema: Any) -> Any:
        if isinstance(schema, list):
            others = [branch for branch in schema if branch != "null"]
            return self.of(others[0]) if len(others) == 1 else self.union()
        if isinstance(schema, str):
            if schema not in self._named:
                return self.simple(schema, None)
            if self._named[schema] is None:
                raise ValidationError(f"The Avro record '{schema}' contains itself; no row can")
            return self._named[schema]
        kind, logical = schema["type"], schema.get("logicalType")
        if kind == "array":
            return self.array(self.of(schema["items"]))
        if kind == "map":
            return self.map(self.of(schema["values"]))
        if kind not in ("record", "enum", "fixed"):
            return self.simple(kind, logical) if isinstance(kind, str) else self.of(kind)
        name = schema["name"]
        self._named[name] = None  # until it is known
        if kind == "record":
            fields = schema["fields"]
            made = self.record([f["name"] for f in fields], [self.of(f["type"]) for f in fields])
        else:
            made = self.simple(kind, logical)
        self._named[name] = made
        return made

    def simple(self, kind: str, logical: str | None) -> Any:
        raise NotImplementedError

    def record(self, names: list[str], fields: list[Any]) -> Any:
        raise NotImplementedError

    def array(self, element: Any) -> Any:
        raise NotImplementedError

    def map(self, value: Any) -> Any:
        raise NotImplementedError

    def union(self) -> Any:
        """Of several types besides null."""
        raise NotImplementedError


class RowTypes(_Visitor):
    """Types of rows, of schemas of records."""

    _LOGICAL = {
        "date": Types.SQL_DATE,
        "time-millis": Types.SQL_TIME,
        "time-micros": Types.SQL_TIME,
        "timestamp-millis": Types.SQL_TIMESTAMP,
        "timestamp-micros": Types.SQL_TIMESTAMP,
        "decimal": Types.BIG_DEC,
    }
    _SIMPLE = {
        "null": NullTypeInfo,
        "boolean": Types.BOOLEAN,
        "int": Types.INT,
        "long": Types.LONG,
        "float": Types.FLOAT,
        "double": Types.DOUBLE,
        "string": Types.STRING,
        "enum": Types.STRING,
    }

    def simple(self, kind: str, logical: str | None) -> TypeInformation:
        if logical in self._LOGICAL:
            return self._LOGICAL[logical]()
        if kind in self._SIMPLE:
            return self._SIMPLE[kind]()
        return Types.PRIMITIVE_ARRAY(Types.BYTE())

    def record(self, names: list[str], fields: list[Any]) -> TypeInformation:
        return Types.ROW_NAMED(names, fields)

    def array(self, element: Any) -> TypeInformation:
        return Types.OBJECT_ARRAY(element)

    def map(self, value: Any) -> TypeInformation:
        return Types.MAP(Types.STRING(), value)

    def union(self) -> TypeInformation:
        return Types.PICKLED_BYTE_ARRAY()


class _Converters(_Visitor):
    """Functions over values; None stays None."""

    def array(self, element: Convert) -> Convert:
        return _nullable(lambda value: [element(v) for v in value])

    def map(self, value: Convert) -> Convert:
        return _nullable(lambda pairs: {str(k): value(v) for k, v in pairs.items()})

    def union(self) -> Convert:
        return _same


class ToRows(_Converters):
    """What the library reads, as rows."""

    def simple(self, kind: str, logical: str | None) -> Convert:
        if logical in ("timestamp-millis", "timestamp-micros"):
            # Flink shows points in time as they are in UTC.
            return _nullable(lambda value: value.replace(tzinfo=None))
        return _same

    def record(self, names: list[str], fields: list[Convert]) -> Convert:
        def row(value: Any) -> Any:
            return _create_row(names, [f(value[n]) for n, f in zip(names, fields)])

        return _nullable(row)


class ToPlain(_Converters):
    """What the library reads, as Flink's generic records have it: without logical types."""

    def simple(self, kind: str, logical: str | None) -> Convert:
        plain = _PLAIN.get(logical or "")
        if logical == "decimal":
            return _nullable(_unscaled_bytes)
        return _same if plain is None else _nullable(plain)

    def record(self, names: list[str], fields: list[Convert]) -> Convert:
        return _nullable(lambda value: {n: f(value[n]) for n, f in zip(names, fields)})


class FromParquet(ToPlain):
    """The same of what pyarrow reads: its maps are lists of pairs."""

    def map(self, value: Convert) -> Convert:
        return _nullable(lambda pairs: {str(k): value(v) for k, v in pairs})


class ToRecords(_Converters):
    """Rows, as the library writes them."""

    def simple(self, kind: str, logical: str | None) -> Convert:
        if logical in ("timestamp-millis", "timestamp-micros"):
            return _nullable(_in_utc)
        return _same

    def record(self, names: list[str], fields: list[Convert]) -> Convert:
        def record(value: Any) -> dict[str, Any]:
            values = row_values(value, names)
            if len(values) != len(names):
                raise ValueError(f"{len(names)} fields expected, got {len(values)}")
            return {n: f(v) for n, f, v in zip(names, fields, values)}

        return _nullable(record)


def _unscaled_bytes(value: decimal.Decimal) -> bytes:
    sign, digits, _ = value.as_tuple()
    number = int("".join(map(str, digits))) * (-1 if sign else 1)
    return number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)


def _since_epoch(unit: datetime.timedelta) -> Convert:
    def count(value: datetime.datetime) -> int:
        epoch = datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo)
        return (value - epoch) // unit

    return count


def _of_day(unit: datetime.timedelta) -> Convert:
    midnight = datetime.datetime(1970, 1, 1)
    return lambda value: (datetime.datetime.combine(midnight, value) - midnight) // unit


_MILLI = datetime.timedelta(milliseconds=1)
_MICRO = datetime.timedelta(microseconds=1)
_PLAIN: dict[str, Convert] = {
    "date": lambda value: value.toordinal() - datetime.date(1970, 1, 1).toordinal(),
    "time-millis": _of_day(_MILLI),
    "time-micros": _of_day(_MICRO),
    "timestamp-millis": _since_epoch(_MILLI),
    "timestamp-micros": _since_epoch(_MICRO),
    "local-timestamp-millis": _since_epoch(_MILLI),
    "local-timestamp-micros": _since_epoch(_MICRO),
    "uuid": str,
}


def _nullable(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _same(value: Any) -> Any:
    return value


def _in_utc(value: datetime.datetime) -> datetime.datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
