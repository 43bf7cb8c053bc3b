"""Avro: messages, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "martlet.datastream.formats.avro_files": ("AvroBulkWriters", "AvroInputFormat"),
        "martlet.datastream.formats.avro_messages": (
            "AvroRowDeserializationSchema",
            "AvroRowSerializationSchema",
        ),
        "martlet.datastream.formats.avro_schema": ("AvroSchema", "GenericRecordAvroTypeInfo"),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.formats.avro_files import AvroBulkWriters as AvroBulkWriters
    from martlet.datastream.formats.avro_files import AvroInputFormat as AvroInputFormat
    from martlet.datastream.formats.avro_messages import (
        AvroRowDeserializationSchema as AvroRowDeserializationSchema,
    )
    from martlet.datastream.formats.avro_messages import (
        AvroRowSerializationSchema as AvroRowSerializationSchema,
    )
    from martlet.datastream.formats.avro_schema import AvroSchema as AvroSchema
    from martlet.datastream.formats.avro_schema import (
        GenericRecordAvroTypeInfo as GenericRecordAvroTypeInfo,
    )
