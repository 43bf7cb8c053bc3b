"""Rows as JSON messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from martlet.common.serialization import DeserializationSchema, SerializationSchema
from martlet.common.typeinfo import RowTypeInfo, TypeInformation

if TYPE_CHECKING:
    from martlet.common.types import Row

__all__ = ["JsonRowDeserializationSchema", "JsonRowSerializationSchema"]


def _checked(type_info: TypeInformation | None) -> RowTypeInfo:
    if type_info is None:
        raise TypeError("Typeinfo should be set.")
    if not isinstance(type_info, RowTypeInfo):
        raise TypeError(f"Only row types such as Types.ROW_NAMED(...) can be JSON: {type_info!r}")
    return type_info


class JsonRowDeserializationSchema(DeserializationSchema):
    """JSON objects to rows, field by field and by name; made by :meth:`builder`.

    A message that is no such object, or has a value that does not fit its field's type, is an
    error, unless the builder was told to ignore those.
    """

    def __init__(
        self, type_info: RowTypeInfo, fail_on_missing_field: bool, ignore_parse_errors: bool
    ) -> None:
        self._type_info = type_info
        self._fail_on_missing_field = fail_on_missing_field
        self._ignore_parse_errors = ignore_parse_errors
        self._decoder()  # a type that JSON cannot have is an error of whoever builds the schema

    @staticmethod
    def builder() -> JsonRowDeserializationSchema.Builder:
        return JsonRowDeserializationSchema.Builder()

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Row | None]]:
        from martlet.datastream.formats.json_reading import row_decoder

        return row_decoder(self._type_info, self._fail_on_missing_field, self._ignore_parse_errors)

    def _produced_type(self) -> TypeInformation:
        return self._type_info

    class Builder:
        """Collects what the schema needs."""

        def __init__(self) -> None:
            self._type_info: TypeInformation | None = None
            self._fail_on_missing_field = False
            self._ignore_parse_errors = False

        def type_info(self, type_info: TypeInformation) -> JsonRowDeserializationSchema.Builder:
            """The type of the rows, whose names of fields are those in the JSON objects."""
            self._type_info = type_info
            return self

        def json_schema(self, json_schema: str) -> JsonRowDeserializationSchema.Builder:
            """The type of the rows as a JSON schema describes it; numbers become decimals.

            :raises ValidationError: if no type of rows can be made of it
            """
            if json_schema is None:
                raise TypeError("The json_schema must not be None.")
            from martlet.datastream.formats.json_schema import type_of_schema

            self._type_info = type_of_schema(json_schema)
            return self

        def fail_on_missing_field(self) -> JsonRowDeserializationSchema.Builder:
            """A field that an object lacks is an error, and not None."""
            self._fail_on_missing_field = True
            return self

        def ignore_parse_errors(self) -> JsonRowDeserializationSchema.Builder:
            """A value that does not fit becomes None, and what is no JSON object no row at all."""
            self._ignore_parse_errors = True
            return self

        def build(self) -> JsonRowDeserializationSchema:
            return JsonRowDeserializationSchema(
                _checked(self._type_info), self._fail_on_missing_field, self._ignore_parse_errors
            )


class JsonRowSerializationSchema(SerializationSchema):
    """Rows to JSON objects, whose names are those of the fields; made by :meth:`builder`."""

    def __init__(self, type_info: RowTypeInfo) -> None:
        self._type_info = type_info
        self._encoder()

    @staticmethod
    def builder() -> JsonRowSerializationSchema.Builder:
        return JsonRowSerializationSchema.Builder()

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        from martlet.datastream.formats.json_writing import row_encoder

        return row_encoder(self._type_info)  # type: ignore[return-value]

    class Builder:
        """Collects what the schema needs."""

        def __init__(self) -> None:
            self._type_info: TypeInformation | None = None

        def with_type_info(self, type_info: TypeInformation) -> JsonRowSerializationSchema.Builder:
            """The type of the rows."""
            self._type_info = type_info
            return self

        def build(self) -> JsonRowSerializationSchema:
            return JsonRowSerializationSchema(_checked(self._type_info))
