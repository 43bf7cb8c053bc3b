"""How records become bytes at the edge of a job, and bytes records."""

from __future__ import annotations

import codecs

__all__ = [
    "ByteArraySchema",
    "DeserializationSchema",
    "Encoder",
    "RowFieldExtractorSchema",
    "SerializationSchema",
    "SimpleStringSchema",
]


class SerializationSchema:
    """How a sink turns a record into bytes."""


class DeserializationSchema:
    """How a source turns bytes into records."""


class SimpleStringSchema(SerializationSchema, DeserializationSchema):
    """Records are text in the given charset."""

    def __init__(self, charset: str = "UTF-8") -> None:
        self._charset = checked_charset(charset)


class ByteArraySchema(SerializationSchema, DeserializationSchema):
    """Records are bytes as they are."""

    def __init__(self) -> None:
        super().__init__()


class RowFieldExtractorSchema(SerializationSchema):
    """One field of a row, which must hold bytes.

    :param field_index: the position of the field, from 0
    """

    def __init__(self, field_index: int) -> None:
        if field_index < 0:
            raise ValueError(f"Field index must be non-negative, got: {field_index}")
        self._field_index = field_index


class Encoder:
    """How a file sink writes a record."""

    def __init__(self, charset: str) -> None:
        self._charset = charset

    @staticmethod
    def simple_string_encoder(charset_name: str = "UTF-8") -> Encoder:
        """A line per record: the record as :meth:`DataStream.print` shows it."""
        return Encoder(checked_charset(charset_name))


def checked_charset(name: str) -> str:
    """``name``, if it names a charset."""
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"There is no charset {name!r}") from None
    return name
