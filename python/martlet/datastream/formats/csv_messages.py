"""Rows as CSV messages, a record each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from martlet.common.serialization import DeserializationSchema, SerializationSchema
from martlet.common.typeinfo import RowTypeInfo, TypeInformation
from martlet.datastream.formats.csv_text import CsvDialect

if TYPE_CHECKING:
    from typing import Self

    from martlet.common.types import Row

__all__ = ["CsvRowDeserializationSchema", "CsvRowSerializationSchema", "checked_character"]

ARRAY_SEPARATOR = ";"


def checked_character(value: str, what: str) -> str:
    """``value``, if it is one character."""
    if not isinstance(value, str) or len(value) != 1:
        raise ValueError(f"{what} must be a single character, got {value!r}")
    return value


def _checked_text(value: str, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, got {value!r}")
    return value


class _Builder:
    """What both builders have in common."""

    def __init__(self, type_info: TypeInformation) -> None:
        if type_info is None:
            raise TypeError("Type information must not be None")
        if not isinstance(type_info, RowTypeInfo):
            raise TypeError(f"Row type information expected, got {type_info!r}")
        from martlet.datastream.formats.csv_writing import check_types

        check_types(type_info)
        self._type_info = type_info
        self._dialect = CsvDialect()
        self._array_separator = ARRAY_SEPARATOR

    def _with(self, **changes: Any) -> Self:
        self._dialect = dataclasses.replace(self._dialect, **changes)
        return self

    def set_array_element_delimiter(self, delimiter: str) -> Self:
        """What stands between the elements of an array or the fields of a nested row: ``;``."""
        self._array_separator = _checked_text(delimiter, "The array element delimiter")
        return self

    def set_quote_character(self, c: str) -> Self:
        """What a field is quoted with: ``"``."""
        return self._with(quote=checked_character(c, "The quote character"))

    def set_escape_character(self, c: str) -> Self:
        """What takes the next character's meaning away; none, unless it is set."""
        return self._with(escape=checked_character(c, "The escape character"))


class CsvRowDeserializationSchema(DeserializationSchema):
    """CSV records to rows, field by field; made by :class:`CsvRowDeserializationSchema.Builder`.

    A message that has too many or too few fields, or one that does not fit its type, is an error,
    unless the builder was told to ignore those.
    """

    def __init__(
        self,
        type_info: RowTypeInfo,
        dialect: CsvDialect,
        array_separator: str,
        ignore_parse_errors: bool,
    ) -> None:
        self._type_info = type_info
        self._dialect = dialect
        self._array_separator = array_separator
        self._ignore_parse_errors = ignore_parse_errors

    def _decoder(self) -> Callable[[Sequence[bytes | None]], list[Row | None]]:
        from martlet.datastream.formats.csv_reading import row_decoder

        return row_decoder(
            self._type_info, self._dialect, self._array_separator, self._ignore_parse_errors
        )

    def _produced_type(self) -> TypeInformation:
        return self._type_info

    class Builder(_Builder):
        """Collects what the schema needs.

        :param type_info: the type of the rows, whose fields stand in the order of the columns
        """

        def __init__(self, type_info: TypeInformation) -> None:
            super().__init__(type_info)
            self._ignore_parse_errors = False

        def set_field_delimiter(self, delimiter: str) -> Self:
            """What stands between fields: ``,``."""
            return self._with(separator=checked_character(delimiter, "The field delimiter"))

        def set_allow_comments(self, allow_comments: bool) -> Self:
            """Whether what starts with ``#`` is no record."""
            return self._with(comments=bool(allow_comments))

        def set_null_literal(self, null_literal: str) -> Self:
            """What a field without a value looks like; without it, no field is None."""
            return self._with(null=_checked_text(null_literal, "The null literal"))

        def set_ignore_parse_errors(self, ignore_parse_errors: bool) -> Self:
            """Whether a value that does not fit becomes None, and what is no record is skipped."""
            self._ignore_parse_errors = bool(ignore_parse_errors)
            return self

        def build(self) -> CsvRowDeserializationSchema:
            return CsvRowDeserializationSchema(
                self._type_info, self._dialect, self._array_separator, self._ignore_parse_errors
            )


class CsvRowSerializationSchema(SerializationSchema):
    """Rows to CSV records; made by :class:`CsvRowSerializationSchema.Builder`."""

    def __init__(self, type_info: RowTypeInfo, dialect: CsvDialect, array_separator: str) -> None:
        self._type_info = type_info
        self._dialect = dialect
        self._array_separator = array_separator

    def _encoder(self) -> Callable[[Sequence[Any]], list[bytes | None]]:
        from martlet.datastream.formats.csv_writing import row_encoder

        return row_encoder(  # type: ignore[return-value]
            self._type_info, self._dialect, self._array_separator
        )

    class Builder(_Builder):
        """Collects what the schema needs.

        :param type_info: the type of the rows
        """

        def __init__(self, type_info: TypeInformation) -> None:
            super().__init__(type_info)

        def set_field_delimiter(self, c: str) -> Self:
            """What stands between fields: ``,``."""
            return self._with(separator=checked_character(c, "The field delimiter"))

        def set_line_delimiter(self, delimiter: str) -> Self:
            r"""What a record ends with: ``\n``; it may be ``\r``, ``\r\n`` or nothing, too."""
            if delimiter not in ("\n", "\r", "\r\n", ""):
                raise ValueError(
                    "Unsupported new line delimiter. Only \\n, \\r, \\r\\n, or empty string are "
                    f"supported, got {delimiter!r}"
                )
            return self._with(line_end=delimiter)

        def disable_quote_character(self) -> Self:
            """Fields are not quoted, whatever is in them."""
            return self._with(quote=None)

        def set_null_literal(self, s: str) -> Self:
            """What stands for None: nothing, unless it is set."""
            return self._with(null=_checked_text(s, "The null literal"))

        def build(self) -> CsvRowSerializationSchema:
            return CsvRowSerializationSchema(self._type_info, self._dialect, self._array_separator)
