"""How records become bytes at the edge of a job, and bytes records."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.table.types import RowType

__all__ = [
    "BulkWriterFactory",
    "ByteArraySchema",
    "DeserializationSchema",
    "Encoder",
    "RowFieldExtractorSchema",
    "SerializationSchema",
    "SimpleStringSchema",
]


class SerializationSchema:
    """How a sink turns a record into bytes."""

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        """What turns records into messages, a batch at a time, in the worker that writes them.

        A schema travels as its settings; this is made of them where the records are.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how it serializes")


class DeserializationSchema:
    """How a source turns bytes into records."""

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Any]]:
        """What turns messages into records, a batch at a time, in the worker that reads them.

        As many records as messages; None stands for a message that has no record.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how it deserializes")

    def _produced_type(self) -> TypeInformation:
        """The type of the records."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it produces")


class SimpleStringSchema(SerializationSchema, DeserializationSchema):
    """Records are text in the given charset."""

    def __init__(self, charset: str = "UTF-8") -> None:
        self._charset = checked_charset(charset)

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        charset = self._charset

        def encode(records: Sequence[Any]) -> list[bytes | None]:
            # What a charset cannot write becomes a question mark, as in Java.
            return [None if r is None else r.encode(charset, "replace") for r in records]

        return encode

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Any]]:
        charset = self._charset

        def decode(messages: Sequence[bytes | None]) -> list[Any]:
            return [None if m is None else m.decode(charset, "replace") for m in messages]

        return decode

    def _produced_type(self) -> TypeInformation:
        from martlet.common.typeinfo import Types

        return Types.STRING()


class ByteArraySchema(SerializationSchema, DeserializationSchema):
    """Records are bytes as they are."""

    def __init__(self) -> None:
        super().__init__()

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        return list

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Any]]:
        return list

    def _produced_type(self) -> TypeInformation:
        from martlet.common.typeinfo import Types

        return Types.PRIMITIVE_ARRAY(Types.BYTE())


class RowFieldExtractorSchema(SerializationSchema):
    """One field of a row, which must hold bytes.

    :param field_index: the position of the field, from 0
    """

    def __init__(self, field_index: int) -> None:
        if field_index < 0:
            raise ValueError(f"Field index must be non-negative, got: {field_index}")
        self._field_index = field_index

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        index = self._field_index

        def encode(records: Sequence[Any]) -> list[bytes | None]:
            fields = [record[index] for record in records]
            for record, field in zip(records, fields):
                if field is not None and not isinstance(field, (bytes, bytearray)):
                    raise TypeError(
                        f"Field at index {index} must be of type bytes, but was "
                        f"{type(field).__name__}: {record!r}"
                    )
            return fields

        return encode


class Encoder:
    """How a file sink writes a record."""

    def __init__(self, charset: str) -> None:
        self._charset = charset

    @staticmethod
    def simple_string_encoder(charset_name: str = "UTF-8") -> Encoder:
        """A line per record: the record as :meth:`DataStream.print` shows it."""
        return Encoder(checked_charset(charset_name))


class BulkWriterFactory:
    """How a file sink writes files as a whole; the formats that can make them."""


class RowDataBulkWriterFactory(BulkWriterFactory):
    """A :class:`BulkWriterFactory` of rows of a declared type."""

    def __init__(self, row_type: RowType) -> None:
        self._row_type = row_type

    def get_row_type(self) -> RowType:
        """The type that the rows are written as."""
        return self._row_type


def checked_charset(name: str) -> str:
    """``name``, if it names a charset."""
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"There is no charset {name!r}") from None
    return name
