"""CSV to rows, as Flink's ``CsvRowDeserializationSchema`` reads it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from martlet.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicTypeInfo,
    DateTypeInfo,
    ObjectArrayTypeInfo,
    RowTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
    TypeInformation,
)
from martlet.common.typeinfo.basic import BasicType
from martlet.common.types import Row, _create_row
from martlet.datastream.formats.batches import batch_decoder
from martlet.datastream.formats.csv_text import CsvDialect, one_record
from martlet.datastream.formats.csv_writing import is_bytes
from martlet.datastream.formats.errors import shortened
from martlet.datastream.formats.java_text import (
    boolean_of,
    date_of,
    decimal_of,
    double_of,
    float_of,
    integer_of,
    time_of,
    timestamp_of,
    unknown,
)

__all__ = ["bytes_of", "row_decoder", "split_array", "without_extra"]

Reader = Callable[[str], Any]


def row_decoder(
    type_info: RowTypeInfo, dialect: CsvDialect, array_separator: str, ignore_parse_errors: bool
) -> Callable[[Sequence[bytes | None]], list[Row | None]]:
    """What turns messages into rows, a batch at a time; None for a message without a row."""
    names = type_info.get_field_names()
    settings = _Settings(dialect, array_separator, ignore_parse_errors)
    read_row = settings.fields(names, type_info.get_field_types(), "")

    def decode_one(message: bytes) -> Row | None:
        fields = one_record(message.decode().removeprefix("\ufeff"), dialect)
        if fields is None:
            raise ValueError("there is no record in it")
        return read_row(without_extra(fields, len(names)))

    return batch_decoder(decode_one, "CSV row", ignore_parse_errors)


def without_extra(fields: list[str], expected: int) -> list[str]:
    """The fields, without a blank one at the end; any other beyond what is expected is an error."""
    if len(fields) <= expected:
        return fields
    if len(fields) == expected + 1 and not fields[-1].strip():
        return fields[:-1]
    raise ValueError(
        f"Too many entries: expected at most {expected}, the next one is "
        f"{shortened(fields[expected])!r}"
    )


def split_array(text: str, separator: str) -> list[str]:
    """The elements of an array: of blanks, there are none."""
    if not text.strip():
        return []
    return text.split(separator) if separator else [text]


def bytes_of(text: str) -> bytes:
    """What base64 stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{shortened(text)!r} is not base64: {error}") from None


def _same(text: str) -> str:
    return text


_BASIC: dict[BasicType, Reader] = {
    BasicType.STRING: _same,
    BasicType.BOOLEAN: boolean_of,
    BasicType.BYTE: integer_of(8),
    BasicType.SHORT: integer_of(16),
    BasicType.INT: integer_of(32),
    BasicType.LONG: integer_of(64),
    BasicType.BIG_INT: integer_of(0),
    BasicType.BIG_DEC: decimal_of,
    BasicType.DOUBLE: double_of,
    BasicType.FLOAT: float_of,
}


class _Settings:
    """How fields are read, all the way down."""

    def __init__(
        self, dialect: CsvDialect, array_separator: str, ignore_parse_errors: bool
    ) -> None:
        # Without a literal for it, no text means null; the empty one may be that literal.
        self._null = dialect.null
        self._array_separator = array_separator
        self._lenient = ignore_parse_errors

    def fields(
        self, names: Sequence[str], types: Sequence[TypeInformation], inside: str
    ) -> Callable[[list[str]], Row]:
        readers = [self._nullable(t, f"{inside}{n}") for n, t in zip(names, types)]
        field_names = list(names)
        lenient = self._lenient

        def read(texts: list[str]) -> Row:
            if len(texts) != len(readers):
                if not lenient:
                    raise ValueError(
                        f"Row length mismatch. {len(readers)} fields expected but was {len(texts)}."
                    )
                if len(texts) > len(readers):
                    texts = texts[: len(readers)]
                missing = [None] * (len(readers) - len(texts))
                return _create_row(field_names, [r(t) for r, t in zip(readers, texts)] + missing)
            return _create_row(field_names, [r(t) for r, t in zip(readers, texts)])

        return read

    def _nullable(self, type_info: TypeInformation, name: str) -> Reader:
        read = self._reader(type_info, name)
        # Elements can be null, an array itself cannot.
        null = None if _has_parts(type_info) else self._null
        lenient = self._lenient
        if read is _same and null is None:
            return read

        def nullable(text: str) -> Any:
            if text == null:
                return None
            try:
                return read(text)
            except Exception as error:
                if lenient:
                    return None
                raise ValueError(f"field '{name}': {error}") from error

        return nullable

    def _reader(self, type_info: TypeInformation, name: str) -> Reader:
        separator = self._array_separator
        if isinstance(type_info, RowTypeInfo):
            read = self.fields(type_info.get_field_names(), type_info.get_field_types(), f"{name}.")

            def row(text: str) -> Row | None:
                texts = split_array(text, separator)
                return read(texts) if texts else None

            return row
        if isinstance(type_info, (BasicArrayTypeInfo, ObjectArrayTypeInfo)):
            element = self._nullable(type_info._element_type, name)
            return lambda text: [element(part) for part in split_array(text, separator)]
        if isinstance(type_info, BasicTypeInfo) and type_info._basic_type in _BASIC:
            return _BASIC[type_info._basic_type]
        if isinstance(type_info, DateTypeInfo):
            return date_of
        if isinstance(type_info, TimeTypeInfo):
            return time_of
        if isinstance(type_info, TimestampTypeInfo):
            return timestamp_of
        if is_bytes(type_info):
            return bytes_of
        raise unknown(type_info, "CSV")


def _has_parts(type_info: TypeInformation) -> bool:
    return isinstance(type_info, (RowTypeInfo, BasicArrayTypeInfo, ObjectArrayTypeInfo))
