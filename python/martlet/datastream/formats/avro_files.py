"""Avro's object container files."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from martlet.common.io import InputFormat
from martlet.common.serialization import BulkWriterFactory
from martlet.datastream.connectors.file_system.reading import WorkerFormat
from martlet.datastream.connectors.file_system.source import checked_paths, local_path
from martlet.datastream.connectors.file_system.writing import FileEncoding
from martlet.datastream.formats.avro_rows import ToPlain
from martlet.datastream.formats.avro_schema import (
    AvroSchema,
    GenericRecordAvroTypeInfo,
    fastavro,
    parsed,
)

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["AvroBulkWriters", "AvroInputFormat"]


class AvroInputFormat(WorkerFormat, InputFormat):
    """The records of Avro files, as dicts; for :meth:`StreamExecutionEnvironment.create_input`.

    Values of logical types are what Avro stores for them, as in Flink: a date is a number of days.

    :param path: a file, or a directory of files
    :param schema: the schema that the records are read as
    """

    def __init__(self, path: str, schema: AvroSchema) -> None:
        self._path = local_path(path)
        self._type_info = GenericRecordAvroTypeInfo(schema)

    def get_produced_type(self) -> GenericRecordAvroTypeInfo:
        """The type of the records."""
        return self._type_info

    def _produced_type(self) -> TypeInformation:
        return self._type_info

    def _attach(  # type: ignore[override]
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        return WorkerFormat._attach(self, environment, checked_paths([self._path]), {}, name)

    def _records(self, path: str) -> Iterator[Any]:
        schema = parsed(str(self._type_info._schema))
        plain = ToPlain().of(schema)
        with open(path, "rb") as file:
            yield from map(plain, fastavro().reader(file, reader_schema=schema))


class AvroBulkWriters:
    """Makes what writes records to Avro files."""

    @staticmethod
    def for_generic_record(schema: AvroSchema) -> BulkWriterFactory:
        """Files of records of this schema: dicts and lists, of dicts, lists and simple values."""
        if not isinstance(schema, AvroSchema):
            raise TypeError(f"for_generic_record takes an AvroSchema, got {schema!r}")
        return AvroWriterFactory(schema)


class AvroWriterFactory(BulkWriterFactory, FileEncoding):
    """Made by :meth:`AvroBulkWriters.for_generic_record`."""

    framing = "avro"

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = schema
        # What ends each block need only be unlikely to occur in one.
        self._marker = os.urandom(16)

    def _header(self) -> bytes:
        """The magic bytes, the schema, and the marker: a file with no blocks."""
        out = io.BytesIO()
        fastavro().writer(out, parsed(str(self._schema)), [], sync_marker=self._marker)
        return out.getvalue()

    def _record_encoder(self) -> Callable[[Any], bytes]:
        write, schema = fastavro().schemaless_writer, parsed(str(self._schema))

        def encode(record: Any) -> bytes:
            out = io.BytesIO()
            write(out, schema, record)
            return out.getvalue()

        return encode
