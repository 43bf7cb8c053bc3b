"""Avro's schemas, and streams of Avro's records."""

from __future__ import annotations

import json
from typing import Any

from martlet.common.typeinfo import TypeInformation
from martlet.util.exceptions import NotSupportedError, ValidationError

__all__ = ["AvroSchema", "GenericRecordAvroTypeInfo", "fastavro", "parsed"]


def fastavro() -> Any:
    """The library that reads and writes Avro, which is an extra of Martlet's."""
    try:
        import fastavro
        import fastavro.schema
    except ModuleNotFoundError:
        raise NotSupportedError(
            "Avro needs the package fastavro: pip install 'martlet[avro]'"
        ) from None
    return fastavro


def parsed(text: str) -> Any:
    """The schema as the library has it.

    :raises ValidationError: if it is no schema
    """
    library = fastavro()
    try:
        return library.parse_schema(json.loads(text))
    except Exception as error:
        raise ValidationError(f"This is no Avro schema: {error}: {text:.300}") from None


class AvroSchema:
    """A schema of Avro; made by :meth:`parse_string` or :meth:`parse_file`."""

    def __init__(self, text: str) -> None:
        parsed(text)
        self._schema_string = json.dumps(json.loads(text), separators=(",", ":"))

    def __str__(self) -> str:
        return self._schema_string

    @staticmethod
    def parse_string(json_schema: str) -> AvroSchema:
        """The schema in a JSON text.

        :raises ValidationError: if it is none
        """
        return AvroSchema(json_schema)

    @staticmethod
    def parse_file(file_path: str) -> AvroSchema:
        """The schema in a file.

        :raises OSError: if the file cannot be read
        :raises ValidationError: if there is no schema in it
        """
        with open(file_path, encoding="utf-8") as file:
            return AvroSchema(file.read())


class GenericRecordAvroTypeInfo(TypeInformation):
    """Records of an Avro schema: dicts, lists and simple values, which travel pickled."""

    def __init__(self, schema: AvroSchema) -> None:
        super().__init__()
        if not isinstance(schema, AvroSchema):
            raise TypeError(f"The schema must be an AvroSchema, got {schema!r}")
        self._schema = schema

    def type_text(self) -> str:
        return "PICKLED"

    def _state(self) -> tuple[Any, ...]:
        return (str(self._schema),)

    def __repr__(self) -> str:
        return f"GenericRecordAvroTypeInfo({self._schema})"
