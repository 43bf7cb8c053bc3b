"""What the columns of CSV files are, and how their text is to be read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from martlet.datastream.formats.csv_messages import ARRAY_SEPARATOR, checked_character
from martlet.datastream.formats.csv_text import CsvDialect

if TYPE_CHECKING:
    from martlet.table.types import DataType, NumericType, RowType

__all__ = ["CsvSchema", "CsvSchemaBuilder"]


@dataclasses.dataclass(frozen=True)
class CsvColumn:
    """A column: its name, its kind, and what stands between the elements of an array in it."""

    name: str
    kind: str
    separator: str | None = None


@dataclasses.dataclass(frozen=True)
class CsvLayout:
    """A schema without the types of the columns."""

    columns: tuple[CsvColumn, ...] = ()
    dialect: CsvDialect = dataclasses.field(default_factory=CsvDialect)
    array_separator: str = ARRAY_SEPARATOR
    any_property: str | None = None
    header: bool = False
    strict_header: bool = False
    skip_first: bool = False

    def separator_of(self, column: CsvColumn) -> str:
        """What stands between the elements of an array in this column."""
        return column.separator or self.array_separator


class CsvSchema:
    """The columns of CSV files; made by :meth:`builder`."""

    def __init__(self, layout: CsvLayout, row_type: RowType) -> None:
        self._layout = layout
        self._row_type = row_type

    @staticmethod
    def builder() -> CsvSchemaBuilder:
        return CsvSchemaBuilder()

    def size(self) -> int:
        """How many columns there are."""
        return len(self._layout.columns)

    def __len__(self) -> int:
        return self.size()

    def __str__(self) -> str:
        layout = self._layout
        columns = ",".join(f'"{c.name}"/{c.kind}' for c in layout.columns)
        other = "N/A" if layout.any_property is None else f"as '{layout.any_property}'"
        flags = (layout.header, layout.skip_first, layout.dialect.comments)
        header, skip, comments = ("true" if flag else "false" for flag in flags)
        return (
            f"[CsvSchema: columns=[{columns}], header? {header}, skipFirst? {skip}, "
            f"comments? {comments}, any-properties? {other}]"
        )

    def __repr__(self) -> str:
        return str(self)


class CsvSchemaBuilder:
    """Collects columns, in their order in the files, and how the text is to be read."""

    def __init__(self) -> None:
        from martlet.table.types import DataTypes

        self._types = DataTypes
        self._layout = CsvLayout()
        self._fields: list[tuple[str, DataType]] = []

    def build(self) -> CsvSchema:
        fields = [self._types.FIELD(name, data_type) for name, data_type in self._fields]
        return CsvSchema(self._layout, self._types.ROW(fields))

    def _add(self, column: CsvColumn, data_type: DataType) -> CsvSchemaBuilder:
        if any(column.name == other.name for other in self._layout.columns):
            raise ValueError(f"There is a column '{column.name}' already")
        self._fields.append((column.name, data_type))
        return self._with(columns=(*self._layout.columns, column))

    def _with(self, **changes: object) -> CsvSchemaBuilder:
        self._layout = dataclasses.replace(self._layout, **changes)  # type: ignore[arg-type]
        return self

    def _read(self, **changes: object) -> CsvSchemaBuilder:
        dialect = dataclasses.replace(self._layout.dialect, **changes)  # type: ignore[arg-type]
        return self._with(dialect=dialect)

    def add_array_column(
        self, name: str, separator: str = ";", element_type: DataType | None = None
    ) -> CsvSchemaBuilder:
        """A column of lists.

        :param separator: what stands between the elements
        :param element_type: the type of the elements, which has no parts; text, if it is None
        """
        element = element_type or self._types.STRING()
        return self._add(CsvColumn(name, "ARRAY", separator), self._types.ARRAY(element))

    def add_boolean_column(self, name: str) -> CsvSchemaBuilder:
        """A column of truth values."""
        return self._add(CsvColumn(name, "BOOLEAN"), self._types.BOOLEAN())

    def add_number_column(
        self, name: str, number_type: NumericType | None = None
    ) -> CsvSchemaBuilder:
        """A column of numbers.

        :param number_type: their type; ``DataTypes.BIGINT()``, if it is None
        """
        return self._add(CsvColumn(name, "NUMBER"), number_type or self._types.BIGINT())

    def add_string_column(self, name: str) -> CsvSchemaBuilder:
        """A column of text."""
        return self._add(CsvColumn(name, "STRING"), self._types.STRING())

    def add_columns_from(self, schema: CsvSchema) -> CsvSchemaBuilder:
        """The columns of another schema."""
        for column, field in zip(schema._layout.columns, schema._row_type):
            self._add(column, field.data_type)
        return self

    def clear_columns(self) -> CsvSchemaBuilder:
        """No columns, as at the beginning."""
        self._fields.clear()
        return self._with(columns=())

    def set_allow_comments(self, allow: bool = True) -> CsvSchemaBuilder:
        """Whether lines that start with ``#`` are left out."""
        return self._read(comments=bool(allow))

    def set_any_property_name(self, name: str) -> CsvSchemaBuilder:
        """A name for what is in a record beyond the columns; a row has no place for it, though."""
        return self._with(any_property=name)

    def disable_array_element_separator(self) -> CsvSchemaBuilder:
        """Arrays in columns without a separator of their own have one element."""
        return self._with(array_separator="")

    def remove_array_element_separator(self, index: int) -> CsvSchemaBuilder:
        """The array column at this position has no separator of its own any more."""
        columns = list(self._layout.columns)
        columns[index] = dataclasses.replace(columns[index], separator=None)
        return self._with(columns=tuple(columns))

    def set_array_element_separator(self, separator: str) -> CsvSchemaBuilder:
        """The separator of array columns that have none of their own: ``;``."""
        return self._with(array_separator=separator)

    def set_column_separator(self, char: str) -> CsvSchemaBuilder:
        """What stands between columns: ``,``."""
        return self._read(separator=checked_character(char, "Column separator"))

    def disable_escape_char(self) -> CsvSchemaBuilder:
        """No character takes another's meaning away, as at the beginning."""
        return self._read(escape=None)

    def set_escape_char(self, char: str) -> CsvSchemaBuilder:
        """What takes the next character's meaning away."""
        return self._read(escape=checked_character(char, "Escape char"))

    def set_line_separator(self, separator: str) -> CsvSchemaBuilder:
        r"""What a record ends with where it is written: ``\n``. Whatever ends a line is read."""
        return self._read(line_end=separator)

    def set_null_value(self, null_value: str) -> CsvSchemaBuilder:
        """The text that stands for None."""
        return self._read(null=null_value)

    def disable_quote_char(self) -> CsvSchemaBuilder:
        """Quotes have no meaning, and none are written."""
        return self._read(quote=None)

    def set_quote_char(self, char: str) -> CsvSchemaBuilder:
        """What a field may stand between: ``"``."""
        return self._read(quote=checked_character(char, "Quote char"))

    def set_skip_first_data_row(self, skip: bool = True) -> CsvSchemaBuilder:
        """Whether the first record of a file, behind the header, is left out."""
        return self._with(skip_first=bool(skip))

    def set_strict_headers(self, strict: bool = True) -> CsvSchemaBuilder:
        """Whether the names in a file's header must be those of the columns."""
        return self._with(strict_header=bool(strict))

    def set_use_header(self, use: bool = True) -> CsvSchemaBuilder:
        """Whether files begin with the names of the columns."""
        return self._with(header=bool(use))

    def size(self) -> int:
        """How many columns there are so far."""
        return len(self._fields)

    def __len__(self) -> int:
        return self.size()
