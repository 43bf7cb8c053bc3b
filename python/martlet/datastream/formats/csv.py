"""Rows as CSV: messages, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "martlet.datastream.formats.csv_files": ("CsvBulkWriters", "CsvReaderFormat"),
        "martlet.datastream.formats.csv_messages": (
            "CsvRowDeserializationSchema",
            "CsvRowSerializationSchema",
        ),
        "martlet.datastream.formats.csv_schema": ("CsvSchema", "CsvSchemaBuilder"),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.formats.csv_files import CsvBulkWriters as CsvBulkWriters
    from martlet.datastream.formats.csv_files import CsvReaderFormat as CsvReaderFormat
    from martlet.datastream.formats.csv_messages import (
        CsvRowDeserializationSchema as CsvRowDeserializationSchema,
    )
    from martlet.datastream.formats.csv_messages import (
        CsvRowSerializationSchema as CsvRowSerializationSchema,
    )
    from martlet.datastream.formats.csv_schema import CsvSchema as CsvSchema
    from martlet.datastream.formats.csv_schema import CsvSchemaBuilder as CsvSchemaBuilder
