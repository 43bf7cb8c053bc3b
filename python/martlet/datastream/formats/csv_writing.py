"""Rows to CSV, byte for byte as Flink's ``CsvRowSerializationSchema`` writes them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from martlet.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicTypeInfo,
    DateTypeInfo,
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
from martlet.datastream.formats.csv_text import CsvDialect, field_quoter, joined
from martlet.datastream.formats.java_text import (
    double_text,
    float_text,
    time_text,
    timestamp_text,
    unknown,
)

__all__ = ["check_types", "record_encoder", "row_encoder"]

Writer = Callable[[Any], str]


def _integer(value: Any) -> str:
    return str(int(value))


_BASIC: dict[BasicType, Writer] = {
    BasicType.STRING: str,
    BasicType.BOOLEAN: lambda value: "true" if value else "false",
    BasicType.BYTE: _integer,
    BasicType.SHORT: _integer,
    BasicType.INT: _integer,
    BasicType.LONG: _integer,
    BasicType.BIG_INT: _integer,
    BasicType.BIG_DEC: str,
    BasicType.DOUBLE: lambda value: double_text(float(value)),
    BasicType.FLOAT: lambda value: float_text(float(value)),
}


def row_encoder(
    type_info: RowTypeInfo, dialect: CsvDialect, array_separator: str
) -> Callable[[Sequence[Any]], list[bytes]]:
    """What turns records into messages, a batch at a time."""
    fields = [_field(t, dialect, array_separator) for t in type_info.get_field_types()]
    return record_encoder(type_info.get_field_names(), fields, dialect)


def record_encoder(
    names: Sequence[str], fields: Sequence[Writer], dialect: CsvDialect
) -> Callable[[Sequence[Any]], list[bytes]]:
    """The same, of what writes each field that is not None."""
    null = dialect.null or ""

    def text(record: Any) -> str:
        values = row_values(record, names)
        if len(values) != len(fields):
            raise ValueError(
                f"Row length mismatch. {len(fields)} fields expected but was {len(values)}."
            )
        return joined(
            [null if v is None else write(v) for write, v in zip(fields, values)], dialect
        )

    return batch_encoder(text)


def check_types(type_info: RowTypeInfo) -> None:
    """Refuses the types that CSV has no place for, as Flink's builders do."""
    for name, field in zip(type_info.get_field_names(), type_info.get_field_types()):
        if isinstance(field, RowTypeInfo):
            nested = field.get_field_types()
        elif isinstance(field, (BasicArrayTypeInfo, ObjectArrayTypeInfo)):
            nested = [field._element_type]
        elif is_bytes(field) or _is_simple(field):
            continue
        else:
            raise TypeError(f"Unsupported type information '{field!r}' for field '{name}'.")
        for inner in nested:
            if not _is_simple(inner):
                raise TypeError(
                    "Only simple types are supported in the second level nesting of fields "
                    f"'{name}' but was: {inner!r}"
                )


def is_bytes(type_info: TypeInformation) -> bool:
    """Whether the type is that of byte arrays."""
    return isinstance(type_info, PrimitiveArrayTypeInfo) and type_info.type_text() == "BYTES"


def _is_simple(type_info: TypeInformation) -> bool:
    if isinstance(type_info, BasicTypeInfo):
        return type_info._basic_type in _BASIC
    return isinstance(type_info, (DateTypeInfo, TimeTypeInfo, TimestampTypeInfo))


def _field(type_info: TypeInformation, dialect: CsvDialect, array_separator: str) -> Writer:
    """What writes a field, quotes included."""
    quoted = field_quoter(dialect)
    if isinstance(type_info, BasicTypeInfo) and type_info._basic_type is not BasicType.STRING:
        return plain_writer(type_info)  # numbers and truth values are never quoted
    null = dialect.null or ""
    if isinstance(type_info, RowTypeInfo):
        names = type_info.get_field_names()
        writers = [plain_writer(t) for t in type_info.get_field_types()]

        def row(value: Any) -> str:
            values = row_values(value, names)
            if len(values) != len(writers):
                raise ValueError(
                    f"Row length mismatch. {len(writers)} fields expected but was {len(values)}."
                )
            return quoted(
                array_separator.join(
                    [null if v is None else write(v) for write, v in zip(writers, values)]
                )
            )

        return row
    if isinstance(type_info, (BasicArrayTypeInfo, ObjectArrayTypeInfo)):
        write = plain_writer(type_info._element_type)
        return lambda value: quoted(
            array_separator.join([null if v is None else write(v) for v in value])
        )
    plain = plain_writer(type_info)
    return lambda value: quoted(plain(value))


def plain_writer(type_info: TypeInformation) -> Writer:
    """What writes a value without parts, without quotes."""
    if isinstance(type_info, BasicTypeInfo) and type_info._basic_type in _BASIC:
        return _BASIC[type_info._basic_type]
    if isinstance(type_info, DateTypeInfo):
        return lambda value: str(value.isoformat()[:10])
    if isinstance(type_info, TimeTypeInfo):
        return time_text
    if isinstance(type_info, TimestampTypeInfo):
        return timestamp_text
    if is_bytes(type_info):
        return lambda value: base64.b64encode(value).decode("ascii")
    raise unknown(type_info, "CSV")
