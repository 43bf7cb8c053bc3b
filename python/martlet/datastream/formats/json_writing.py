"""Rows to JSON, byte for byte as Flink's ``JsonRowSerializationSchema`` writes them."""

from __future__ import annotations

import base64
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
from martlet.common.typeinfo.composite import row_values
from martlet.datastream.formats.batches import batch_encoder
from martlet.datastream.formats.java_text import double_text, float_text, time_text, unknown

__all__ = ["row_encoder", "string_text"]

Writer = Callable[[Any], str]

# What Jackson's generator of UTF-8 escapes; characters beyond the basic plane become surrogates.
_SPECIAL = re.compile('[\x00-\x1f"\\\\\U00010000-\U0010ffff]')
_SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def row_encoder(type_info: RowTypeInfo) -> Callable[[Sequence[Any]], list[bytes]]:
    """What turns records into messages, a batch at a time."""
    return batch_encoder(_row(type_info), ". Make sure that the schema matches the input")


def string_text(value: str) -> str:
    """Text in quotes."""
    return f'"{_SPECIAL.sub(_escaped, value)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    short = _SHORT.get(character)
    if short is not None:
        return short
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04X}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}"


def _number(text: Writer) -> Writer:
    """Floating-point numbers; those that JSON does not have stand in quotes."""

    def write(value: Any) -> str:
        shown = text(float(value))
        return f'"{shown}"' if shown[-1] in "Ny" else shown

    return write


def _timestamp(value: Any) -> str:
    fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
    return f'"{value.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}Z"'


def _bytes(value: Any) -> str:
    return f'"{base64.b64encode(value).decode("ascii")}"'


def _integer(value: Any) -> str:
    return str(int(value))


_BASIC: dict[BasicType, Writer] = {
    BasicType.STRING: string_text,
    BasicType.CHAR: string_text,
    BasicType.BOOLEAN: lambda value: "true" if value else "false",
    BasicType.BYTE: _integer,
    BasicType.SHORT: _integer,
    BasicType.INT: _integer,
    BasicType.LONG: _integer,
    BasicType.BIG_INT: _integer,
    BasicType.BIG_DEC: str,
    BasicType.DOUBLE: _number(double_text),
    BasicType.FLOAT: _number(float_text),
}


def _writer(type_info: TypeInformation) -> Writer:
    if isinstance(type_info, RowTypeInfo):
        return _row(type_info)
    if isinstance(type_info, DateTypeInfo):
        return lambda value: f'"{value.isoformat()[:10]}"'
    if isinstance(type_info, TimeTypeInfo):
        return lambda value: f'"{time_text(value)}Z"'
    if isinstance(type_info, TimestampTypeInfo):
        return _timestamp
    if isinstance(type_info, PrimitiveArrayTypeInfo) and type_info.type_text() == "BYTES":
        return _bytes
    if isinstance(type_info, (BasicArrayTypeInfo, ObjectArrayTypeInfo, PrimitiveArrayTypeInfo)):
        return _array(type_info._element_type)
    if isinstance(type_info, ListTypeInfo):
        return _array(_plain(type_info.elem_type, type_info))
    if isinstance(type_info, MapTypeInfo):
        return _map(type_info)
    if isinstance(type_info, BasicTypeInfo) and type_info._basic_type in _BASIC:
        return _BASIC[type_info._basic_type]
    raise unknown(type_info, "JSON")


def _plain(type_info: TypeInformation, inside: TypeInformation) -> TypeInformation:
    """The type of elements that Flink leaves to Jackson, which writes some in a way of its own."""
    if isinstance(type_info, (DateTypeInfo, TimeTypeInfo, TimestampTypeInfo, RowTypeInfo)):
        raise unknown(inside, "JSON")
    return type_info


def _nullable(write: Writer) -> Writer:
    return lambda value: "null" if value is None else write(value)


def _array(element: TypeInformation) -> Writer:
    write = _nullable(_writer(element))
    return lambda value: f"[{','.join(map(write, value))}]"


def _map(type_info: MapTypeInfo) -> Writer:
    key = _plain(type_info._key_type_info, type_info)
    if not isinstance(key, BasicTypeInfo):
        raise unknown(type_info, "JSON")
    key_writer = _writer(key)
    write = _nullable(_writer(_plain(type_info._value_type_info, type_info)))

    def name(value: Any) -> str:
        text = key_writer(value)
        return text if text.startswith('"') else f'"{text}"'

    return lambda value: f"{{{','.join(f'{name(k)}:{write(v)}' for k, v in value.items())}}}"


def _row(type_info: RowTypeInfo) -> Writer:
    names = type_info.get_field_names()
    writers = [_writer(field) for field in type_info.get_field_types()]
    fields = (f"{string_text(name)}:".replace("%", "%%") + "%s" for name in names)
    template = f"{{{','.join(fields)}}}"

    def write(value: Any) -> str:
        values = row_values(value, names)
        if len(values) != len(writers):
            raise ValueError(f"{len(writers)} fields expected, got {len(values)}")
        return template % tuple(["null" if v is None else w(v) for w, v in zip(writers, values)])

    return write
