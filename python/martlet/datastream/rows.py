"""Python values to the bytes that the runtime takes, and back."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from martlet.common.typeinfo import (
    BasicTypeInfo,
    DateTypeInfo,
    InstantTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    PrimitiveArrayTypeInfo,
    RowTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
    TupleTypeInfo,
    TypeInformation,
    Types,
)
from martlet.common.typeinfo.collections import _ArrayTypeInfo
from martlet.common.typeinfo.composite import row_values
from martlet.common.types import Row
from martlet.util.exceptions import ValueMismatchError

__all__ = ["decode_rows", "encode_rows"]

#: Rows per body: large enough to cost little each, small enough to be handed out in parallel.
BATCH_ROWS = 4096
#: Bytes per body, unless it is of one row: the gateway takes 256 MiB at once, as base64.
BODY_BYTES = 32 << 20
_HAS_ROW_KINDS = 4


def encode_rows(values: Sequence[Any], type_info: TypeInformation) -> list[bytes]:
    """The values as bodies of batches; at least one, though it may be of no rows.

    A value that does not fit is coerced as PyFlink does it (anything to text, a dict without some
    fields to a row, …); if that does not help, :class:`ValueMismatchError` tells where it is.
    """
    text = type_info.type_text()
    coerce = _coercion(type_info)
    bodies: list[bytes] = []
    for start in range(0, max(len(values), 1), BATCH_ROWS):
        batch = values[start : start + BATCH_ROWS]
        if coerce is not None and _always(type_info):
            bodies += _encode_in_parts([coerce(v) for v in batch], text, start)
            continue
        try:
            bodies += _encode_in_parts(batch, text, start)
        except ValueMismatchError:
            if coerce is None:
                raise
            bodies += _encode_in_parts([coerce(v) for v in batch], text, start)
    return bodies


def _encode_in_parts(values: Sequence[Any], text: str, first_row: int) -> list[bytes]:
    """The bodies of a batch: one, or as many as are needed for none of them to be too large."""
    body = _encode(values, text, first_row)
    if len(body) <= BODY_BYTES or len(values) == 1:
        return [body]
    rows = max(1, len(values) * BODY_BYTES // len(body))
    del body
    parts: list[bytes] = []
    for start in range(0, len(values), rows):
        parts += _encode_in_parts(values[start : start + rows], text, first_row + start)
    return parts


def _encode(values: Sequence[Any], text: str, first_row: int) -> bytes:
    from martlet import _native

    try:
        return bytes(_native.encode(list(values), text, first_row=first_row))
    except _native.EncodeError as error:
        failure = ValueMismatchError(str(error), error.row, error.path)
    raise failure


def decode_rows(body: bytes, type_info: TypeInformation) -> list[Any]:
    """The values of a body from a collecting sink, whose first byte is its flags."""
    from martlet import _native

    return list(_native.decode(memoryview(body)[1:], type_info.type_text(), flags=body[0]))


def _always(type_info: TypeInformation) -> bool:
    """Whether values that would be taken as they are mean something else to PyFlink."""
    if isinstance(type_info, (TimeTypeInfo, TimestampTypeInfo, InstantTypeInfo)):
        return True
    return any(map(_always, _parts(type_info)))


def _parts(type_info: TypeInformation) -> list[TypeInformation]:
    if isinstance(type_info, (RowTypeInfo, TupleTypeInfo)):
        return list(type_info.get_field_types())
    if isinstance(type_info, _ArrayTypeInfo):
        return [type_info._element_type]
    if isinstance(type_info, ListTypeInfo):
        return [type_info.elem_type]
    if isinstance(type_info, MapTypeInfo):
        return [type_info._key_type_info, type_info._value_type_info]
    return []


_Coercion = Callable[[Any], Any]


def _coercion(type_info: TypeInformation) -> _Coercion | None:
    """What PyFlink does to a value of this type on its way in; None if it takes it as it is."""
    if isinstance(type_info, (TimestampTypeInfo, TimeTypeInfo)):
        return _naive
    if isinstance(type_info, (DateTypeInfo, InstantTypeInfo)):
        return _through(type_info)
    if type_info == Types.STRING():
        return java_text
    if isinstance(type_info, BasicTypeInfo):
        return None
    if isinstance(type_info, PrimitiveArrayTypeInfo) and type_info.type_text() == "BYTES":
        return lambda value: value.encode() if isinstance(value, str) else value
    if isinstance(type_info, RowTypeInfo):
        return _row_coercion(type_info)
    parts = [_coercion(part) for part in _parts(type_info)]
    if not any(parts):
        return None
    if isinstance(type_info, TupleTypeInfo):
        return lambda value: tuple(_fields(parts, value)) if _is_fields(value) else value
    if isinstance(type_info, MapTypeInfo):
        key, item = (part or _same for part in parts)
        return lambda value: (
            {key(k): item(v) for k, v in value.items()} if isinstance(value, dict) else value
        )
    element = parts[0] or _same
    return lambda value: [element(v) for v in value] if isinstance(value, (list, tuple)) else value


def _row_coercion(type_info: RowTypeInfo) -> _Coercion:
    parts = [_coercion(part) for part in type_info.get_field_types()]
    names = type_info.get_field_names()

    def coerce(value: Any) -> Any:
        if value is None or isinstance(value, (str, bytes, int, float)):
            return value
        if isinstance(value, Row) and not set(getattr(value, "_fields", names)) >= set(names):
            return value  # it lacks fields, which the encoder says best
        row = Row(*_fields(parts, row_values(value, names)))
        if isinstance(value, Row):
            row.set_row_kind(value.get_row_kind())
        return row

    return coerce


def _is_fields(value: Any) -> bool:
    return isinstance(value, (list, tuple, Row))


def _fields(parts: Sequence[_Coercion | None], values: Iterable[Any]) -> list[Any]:
    """The coerced fields; a wrong number of them stays wrong, for the encoder to say."""
    values = list(values)
    if len(values) != len(parts):
        return values
    return [v if part is None else part(v) for part, v in zip(parts, values, strict=True)]


def _same(value: Any) -> Any:
    return value


def _through(type_info: TypeInformation) -> _Coercion:
    """By way of PyFlink's internal form, which is coarser than the value may be."""

    def coerce(value: Any) -> Any:
        try:
            return type_info.from_internal_type(type_info.to_internal_type(value))
        except AttributeError:  # not a value of this type at all
            return value

    return coerce


def _naive(value: Any) -> Any:
    """Without the time zone, in local time, and without what is finer than a millisecond."""
    if not isinstance(value, (datetime.datetime, datetime.time)):
        return value
    if value.tzinfo is not None:
        type_info = TimestampTypeInfo() if isinstance(value, datetime.datetime) else TimeTypeInfo()
        value = type_info.from_internal_type(type_info.to_internal_type(value))  # type: ignore[arg-type]
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def java_text(value: Any) -> str | None:
    """What ``toString()`` makes of a value that went through pickle to Java."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_nested(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_nested(k)}={_nested(v)}" for k, v in value.items()) + "}"
    return str(value)


def _nested(value: Any) -> str:
    text = java_text(value)
    return "null" if text is None else text


def _java_double(value: float) -> str:
    """``Double.toString``: plain from 10^-3 to 10^7, else with an exponent."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        from decimal import Decimal

        text = format(Decimal(repr(value)), "f")
        return text if "." in text else text + ".0"
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        from decimal import Decimal

        sign, digits, power = Decimal(repr(value)).normalize().as_tuple()
        assert isinstance(power, int)
        exponent = str(len(digits) - 1 + power)
        text = "".join(map(str, digits))
        mantissa = ("-" if sign else "") + text[0] + "." + (text[1:] or "0")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{int(exponent)}"
