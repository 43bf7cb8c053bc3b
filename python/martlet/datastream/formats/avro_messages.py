"""Rows as Avro messages: the binary encoding of a record, without its schema."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from martlet.common.serialization import DeserializationSchema, SerializationSchema
from martlet.common.typeinfo import TypeInformation
from martlet.datastream.formats.avro_rows import RowTypes, ToRecords, ToRows
from martlet.datastream.formats.avro_schema import fastavro, parsed
from martlet.datastream.formats.errors import MalformedRecordError, shortened
from martlet.util.exceptions import NotSupportedError, ValidationError

__all__ = ["AvroRowDeserializationSchema", "AvroRowSerializationSchema"]


def _checked(record_class: str | None, avro_schema_string: str | None) -> str:
    if record_class is not None:
        raise NotSupportedError(
            f"record_class={record_class!r} names a class of Java's, of which there are none; "
            "pass avro_schema_string"
        )
    if avro_schema_string is None:
        raise TypeError("record_class or avro_schema_string should be specified.")
    if not _is_record(parsed(avro_schema_string)):
        raise ValidationError("Row type information expected: the Avro schema is no record's")
    return avro_schema_string


def _is_record(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "record"


class AvroRowDeserializationSchema(DeserializationSchema):
    """Avro records to rows.

    :param record_class: a class of Java's, which there is none of: refused
    :param avro_schema_string: the schema of the messages, a record's
    """

    def __init__(
        self, record_class: str | None = None, avro_schema_string: str | None = None
    ) -> None:
        self._schema_string = _checked(record_class, avro_schema_string)
        self._type_info: TypeInformation = RowTypes().of(parsed(self._schema_string))

    def _produced_type(self) -> TypeInformation:
        return self._type_info

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Any]]:
        schema = parsed(self._schema_string)
        read = fastavro().schemaless_reader
        convert = ToRows().of(schema)

        def decode(messages: Sequence[bytes | None]) -> list[Any]:
            rows: list[Any] = []
            for message in messages:
                if message is None:
                    rows.append(None)
                    continue
                try:
                    rows.append(convert(read(io.BytesIO(message), schema, None)))
                except Exception as error:
                    raise MalformedRecordError(
                        f"Failed to deserialize Avro record of {len(message)} bytes: "
                        f"{type(error).__name__}: {error}"
                    ) from error
            return rows

        return decode


class AvroRowSerializationSchema(SerializationSchema):
    """Rows to Avro records.

    :param record_class: a class of Java's, which there is none of: refused
    :param avro_schema_string: the schema of the messages, a record's
    """

    def __init__(
        self, record_class: str | None = None, avro_schema_string: str | None = None
    ) -> None:
        self._schema_string = _checked(record_class, avro_schema_string)

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        schema = parsed(self._schema_string)
        write = fastavro().schemaless_writer
        convert = ToRecords().of(schema)

        def encode(records: Sequence[Any]) -> list[bytes | None]:
            messages: list[bytes | None] = []
            for record in records:
                out = io.BytesIO()
                try:
                    write(out, schema, convert(record))
                except Exception as error:
                    raise MalformedRecordError(
                        f"Failed to serialize row '{shortened(record)}': {error}"
                    ) from error
                messages.append(out.getvalue())
            return messages

        return encode
