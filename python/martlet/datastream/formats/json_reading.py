"""JSON to rows, as Flink's ``JsonRowDeserializationSchema`` reads it."""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from martlet.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicTypeInfo,
    DateTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
    RowTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
    TypeInformation,
)
from martlet.common.typeinfo.basic import BasicType
from martlet.common.types import Row, _create_row
from martlet.datastream.formats.batches import batch_decoder
from martlet.datastream.formats.errors import shortened
from martlet.datastream.formats.java_text import (
    boolean_of,
    checked_integer,
    decimal_of,
    double_of,
    double_text,
    float_of,
    integer_of,
    stripped,
    unknown,
)
from martlet.datastream.formats.json_schema import NullTypeInfo

__all__ = ["row_decoder"]

Reader = Callable[[Any], Any]

_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.0{0,9})?Z")
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{0,9}))?Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def row_decoder(
    type_info: RowTypeInfo, fail_on_missing_field: bool, ignore_parse_errors: bool
) -> Callable[[Sequence[bytes | None]], list[Row | None]]:
    """What turns messages into rows, a batch at a time; None for a message without a row."""
    settings = _Settings(fail_on_missing_field, ignore_parse_errors)
    read = settings.row(type_info)
    exact = any(map(_is_decimal, _leaves(type_info)))
    # Flink has numbers with a fraction as decimals as soon as one field is one.
    parse_float: Callable[[str], Any] = _decimal if exact else float
    decoder = json.JSONDecoder(parse_float=parse_float, parse_constant=_refused)

    def decode_one(message: bytes) -> Row | None:
        text = message.decode().removeprefix("\ufeff")
        # Like Jackson, which reads a value and leaves what follows it.
        value, _ = decoder.raw_decode(text.lstrip(" \t\n\r"))
        return None if value is None else read(value)

    return batch_decoder(decode_one, "JSON", ignore_parse_errors)


def _decimal(text: str) -> decimal.Decimal:
    return stripped(decimal.Decimal(text))


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _leaves(type_info: TypeInformation) -> list[TypeInformation]:
    if isinstance(type_info, RowTypeInfo):
        return [leaf for field in type_info.get_field_types() for leaf in _leaves(field)]
    if isinstance(type_info, (BasicArrayTypeInfo, ObjectArrayTypeInfo)):
        return _leaves(type_info._element_type)
    if isinstance(type_info, ListTypeInfo):
        return _leaves(type_info.elem_type)
    if isinstance(type_info, MapTypeInfo):
        return [*_leaves(type_info._key_type_info), *_leaves(type_info._value_type_info)]
    return [type_info]


def _is_decimal(type_info: TypeInformation) -> bool:
    return isinstance(type_info, BasicTypeInfo) and type_info._basic_type is BasicType.BIG_DEC


def _text(value: Any) -> str:
    """``JsonNode.asText``: of a container, nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value)
    return "" if isinstance(value, (dict, list)) else str(value)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return _compact(value)
    return _text(value)


def _compact(value: Any) -> str:
    """``JsonNode.toString``."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_quoted(k)}:{_compact(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_compact, value))}]"
    return _quoted(value) if isinstance(value, str) else _text(value)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else boolean_of(_text(value))


def _number(bits: int) -> Reader:
    parse = integer_of(bits)

    def read(value: Any) -> int:
        kind = type(value)
        if kind is int:
            return checked_integer(value, bits)
        if kind is float or kind is decimal.Decimal:
            whole = int(value)
            if -(1 << bits - 1) <= value <= (1 << bits - 1) - 1:
                return whole
        return parse(_text(value))

    return read


def _strict_number(bits: int) -> Reader:
    parse = integer_of(bits)
    return lambda value: parse(_text(value))


def _double(value: Any) -> float:
    return value if isinstance(value, float) else double_of(_text(value))


def _big_decimal(value: Any) -> decimal.Decimal:
    return value if isinstance(value, decimal.Decimal) else decimal_of(_text(value))


_BASIC: dict[BasicType, Reader] = {
    BasicType.STRING: _string,
    BasicType.BOOLEAN: _boolean,
    BasicType.BYTE: _strict_number(8),
    BasicType.SHORT: _strict_number(16),
    BasicType.INT: _number(32),
    BasicType.LONG: _number(64),
    BasicType.BIG_INT: _strict_number(0),
    BasicType.BIG_DEC: _big_decimal,
    BasicType.DOUBLE: _double,
    BasicType.FLOAT: lambda value: float_of(_text(value)),
}


def _date(value: Any) -> datetime.date:
    text = _text(value)
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no date: yyyy-MM-dd")
    return datetime.date.fromisoformat(text)


def _time(value: Any) -> datetime.time:
    text = _text(value)
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time in UTC without milliseconds: HH:mm:ss'Z'")
    hour, minute, second = map(int, match.groups())
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    return datetime.time(hour, minute, second)


def _timestamp(value: Any) -> datetime.datetime:
    text = _text(value)
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no timestamp in UTC: yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
    day, time, fraction = match.groups()
    micros = int(((fraction or "0") + "000000")[:6])
    if time == "24:00:00" and not int(fraction or "0"):
        return datetime.datetime.fromisoformat(day) + datetime.timedelta(days=1)
    return datetime.datetime.fromisoformat(f"{day}T{time}").replace(microsecond=micros)


def _bytes(value: Any) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{shortened(value)!r} is not base64: {error}") from None


class _Settings:
    """How fields are read, all the way down."""

    def __init__(self, fail_on_missing_field: bool, ignore_parse_errors: bool) -> None:
        self._fail_on_missing_field = fail_on_missing_field
        self._ignore_parse_errors = ignore_parse_errors

    def nullable(self, type_info: TypeInformation) -> Reader:
        read = self._reader(type_info)
        if not self._ignore_parse_errors:
            return lambda value: None if value is None else read(value)

        def lenient(value: Any) -> Any:
            try:
                return None if value is None else read(value)
            except Exception:
                return None

        return lenient

    def _reader(self, type_info: TypeInformation) -> Reader:
        if isinstance(type_info, RowTypeInfo):
            return self.row(type_info)
        if isinstance(type_info, DateTypeInfo):
            return _date
        if isinstance(type_info, TimeTypeInfo):
            return _time
        if isinstance(type_info, TimestampTypeInfo):
            return _timestamp
        if isinstance(type_info, NullTypeInfo):
            return lambda value: None
        if isinstance(type_info, PrimitiveArrayTypeInfo) and type_info.type_text() == "BYTES":
            return _bytes
        if isinstance(type_info, (BasicArrayTypeInfo, ObjectArrayTypeInfo)):
            return self._array(type_info._element_type)
        if isinstance(type_info, (PrimitiveArrayTypeInfo, ListTypeInfo)):
            element = getattr(type_info, "_element_type", None) or type_info.elem_type  # type: ignore[union-attr]
            return self._array(element)
        if isinstance(type_info, MapTypeInfo):
            return self._map(type_info)
        if isinstance(type_info, BasicTypeInfo) and type_info._basic_type in _BASIC:
            return _BASIC[type_info._basic_type]
        raise unknown(type_info, "JSON")

    def _array(self, element: TypeInformation) -> Reader:
        read = self.nullable(element)

        def array(value: Any) -> list[Any]:
            if not isinstance(value, list):
                raise ValueError(f"{_compact(value)} is no array")
            return [read(item) for item in value]

        return array

    def _map(self, type_info: MapTypeInfo) -> Reader:
        key = self.nullable(type_info._key_type_info)
        item = self.nullable(type_info._value_type_info)

        def mapping(value: Any) -> dict[Any, Any]:
            if not isinstance(value, dict):
                return {}
            return {key(k): item(v) for k, v in value.items()}

        return mapping

    def row(self, type_info: RowTypeInfo) -> Reader:
        names = type_info.get_field_names()
        fields = [(name, self.nullable(t)) for name, t in zip(names, type_info.get_field_types())]
        strict = self._fail_on_missing_field

        def row(value: Any) -> Row:
            if not isinstance(value, dict):
                raise ValueError(f"{_compact(value)} is no object")
            values = []
            for name, read in fields:
                if name in value:
                    try:
                        values.append(read(value[name]))
                    except ValueError as error:
                        raise ValueError(f"field '{name}': {error}") from error
                elif strict:
                    raise ValueError(f"Could not find field with name '{name}'.")
                else:
                    values.append(None)
            return _create_row(names, values)

        return row
