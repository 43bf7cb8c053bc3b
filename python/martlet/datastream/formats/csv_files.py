"""CSV files: read record by record, and written."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from martlet.common.serialization import RowDataBulkWriterFactory
from martlet.common.types import Row, _create_row
from martlet.datastream.connectors.file_system.reading import WorkerFormat, open_text
from martlet.datastream.connectors.file_system.stream_format import StreamFormat
from martlet.datastream.connectors.file_system.writing import FileEncoding
from martlet.datastream.formats.csv_reading import bytes_of, split_array, without_extra
from martlet.datastream.formats.csv_schema import CsvColumn, CsvLayout, CsvSchema
from martlet.datastream.formats.csv_text import field_quoter, joined, records
from martlet.datastream.formats.csv_writing import plain_writer
from martlet.datastream.formats.java_text import (
    boolean_of,
    date_of,
    decimal_of,
    double_of,
    float_of,
    integer_of,
    stripped,
    timestamp_of,
)

if TYPE_CHECKING:
    from martlet.common.serialization import BulkWriterFactory
    from martlet.common.typeinfo import TypeInformation
    from martlet.table.types import DataType, RowType

__all__ = ["CsvBulkWriters", "CsvReaderFormat"]

Reader = Callable[[str], Any]
Writer = Callable[[Any], str]


class CsvReaderFormat(WorkerFormat, StreamFormat):
    """The records of CSV files as rows; made by :meth:`for_schema`.

    ::

        schema = CsvSchema.builder().add_number_column("id").add_string_column("name").build()
        source = FileSource.for_record_stream_format(
            CsvReaderFormat.for_schema(schema), "people.csv"
        ).build()
    """

    def __init__(self, schema: CsvSchema) -> None:
        self._schema = schema
        _readers(schema)  # a column that cannot be read is an error of whoever builds the format

    @staticmethod
    def for_schema(schema: CsvSchema) -> CsvReaderFormat:
        """The format of files with these columns."""
        if not isinstance(schema, CsvSchema):
            raise TypeError(f"for_schema takes a CsvSchema, got {schema!r}")
        return CsvReaderFormat(schema)

    def _produced_type(self) -> TypeInformation:
        from martlet.table.types.text import type_info_of

        return type_info_of(self._schema._row_type)

    def _records(self, path: str) -> Iterator[Row]:
        layout = self._schema._layout
        names = [column.name for column in layout.columns]
        readers = _readers(self._schema)
        with open_text(path) as file:
            lines = records(file, layout.dialect)
            if layout.header:
                _check_header(next(lines, None), names, layout.strict_header)
            if layout.skip_first:
                next(lines, None)
            for fields in lines:
                if len(fields) != len(readers):
                    fields = without_extra(fields, len(readers))
                    if len(fields) != len(readers):
                        raise ValueError(
                            f"Row length mismatch. {len(readers)} fields expected but was "
                            f"{len(fields)}."
                        )
                yield _create_row(names, [read(field) for read, field in zip(readers, fields)])


def _check_header(fields: list[str] | None, names: list[str], strict: bool) -> None:
    if fields is None or not strict:
        return
    if fields != names:
        raise ValueError(f"The header has the columns {fields}, and the schema has {names}")


def _readers(schema: CsvSchema) -> list[Reader]:
    layout = schema._layout
    return [
        _column_reader(column, field.data_type, layout)
        for column, field in zip(layout.columns, schema._row_type)
    ]


def _column_reader(column: CsvColumn, data_type: DataType, layout: CsvLayout) -> Reader:
    from martlet.table.types import ArrayType

    null = layout.dialect.null
    if not isinstance(data_type, ArrayType):
        return _nullable(_reader(data_type, column.name), null, column.name)
    element = _nullable(_reader(data_type.element_type, column.name), null, column.name)
    separator = layout.separator_of(column)
    return lambda text: [element(part) for part in split_array(text, separator)]


def _nullable(read: Reader, null: str | None, name: str) -> Reader:
    def nullable(text: str) -> Any:
        if text == null:
            return None
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(f"column '{name}': {error}") from error

    return nullable


def _reader(data_type: DataType, name: str) -> Reader:
    from martlet.table import types

    simple: dict[type[DataType], Reader] = {
        types.CharType: str,
        types.VarCharType: str,
        types.BooleanType: boolean_of,
        types.TinyIntType: integer_of(8),
        types.SmallIntType: integer_of(16),
        types.IntType: integer_of(32),
        types.BigIntType: integer_of(64),
        types.FloatType: float_of,
        types.DoubleType: double_of,
        types.BinaryType: bytes_of,
        types.VarBinaryType: bytes_of,
        types.DateType: date_of,
        types.TimestampType: timestamp_of,
    }
    found = simple.get(type(data_type))
    if found is not None:
        return found
    if isinstance(data_type, types.DecimalType):
        return _decimal_reader(data_type.precision, data_type.scale)
    if isinstance(data_type, types.TimeType) and data_type.precision <= 3:
        return datetime.time.fromisoformat
    raise TypeError(f"The column '{name}' of a CSV file cannot be of type {data_type!r}")


def _decimal_reader(precision: int, scale: int) -> Reader:
    fit = _fitting(precision, scale)
    return lambda text: fit(decimal_of(text))


def _fitting(precision: int, scale: int) -> Callable[[decimal.Decimal], decimal.Decimal | None]:
    """Rounds to the scale; what has too many digits then is null, as in Flink."""
    unit = decimal.Decimal(1).scaleb(-scale)
    context = decimal.Context(prec=decimal.MAX_PREC, rounding=decimal.ROUND_HALF_UP)

    def fit(value: decimal.Decimal) -> decimal.Decimal | None:
        rounded = value.quantize(unit, context=context)
        return rounded if len(rounded.as_tuple().digits) <= precision else None

    return fit


class CsvBulkWriters:
    """Makes what writes rows to CSV files."""

    @staticmethod
    def for_schema(schema: CsvSchema) -> BulkWriterFactory:
        """Files of these columns, with a header if the schema has one."""
        if not isinstance(schema, CsvSchema):
            raise TypeError(f"for_schema takes a CsvSchema, got {schema!r}")
        return CsvBulkWriterFactory(schema)


class CsvBulkWriterFactory(RowDataBulkWriterFactory, FileEncoding):
    """Made by :meth:`CsvBulkWriters.for_schema`."""

    framing = "concatenated"

    def __init__(self, schema: CsvSchema) -> None:
        super().__init__(schema._row_type)
        self._schema = schema
        self._record_encoder()  # a column that cannot be written is an error at the call

    def _header(self) -> bytes:
        layout = self._schema._layout
        if not layout.header:
            return b""
        quoted = field_quoter(layout.dialect)
        return joined([quoted(c.name) for c in layout.columns], layout.dialect).encode()

    def _record_encoder(self) -> Callable[[Any], bytes]:
        from martlet.common.typeinfo.composite import row_values

        layout, row_type = self._schema._layout, self._schema._row_type
        names = row_type.field_names()
        writers = _writers(layout, row_type)
        null = layout.dialect.null or ""

        def encode(record: Any) -> bytes:
            values = row_values(record, names)
            if len(values) != len(writers):
                raise ValueError(
                    f"Row length mismatch. {len(writers)} fields expected but was {len(values)}."
                )
            fields = [null if v is None else write(v) for write, v in zip(writers, values)]
            return joined(fields, layout.dialect).encode()

        return encode


def _writers(layout: CsvLayout, row_type: RowType) -> list[Writer]:
    from martlet.table.types import ArrayType

    quoted = field_quoter(layout.dialect)
    null = layout.dialect.null or ""

    def writer(column: CsvColumn, data_type: DataType) -> Writer:
        if isinstance(data_type, ArrayType):
            element = _writer(data_type.element_type, column.name, null)
            separator = layout.separator_of(column)
            return lambda value: quoted(
                separator.join([null if v is None else element(v) for v in value])
            )
        write = _writer(data_type, column.name, null)
        if column.kind in ("NUMBER", "BOOLEAN"):
            return write  # numbers and truth values are never quoted
        return lambda value: quoted(write(value))

    return [writer(c, field.data_type) for c, field in zip(layout.columns, row_type)]


def _writer(data_type: DataType, name: str, null: str) -> Writer:
    from martlet.table import types
    from martlet.table.types.text import type_info_of

    if isinstance(data_type, types.DecimalType):
        return _decimal_writer(data_type.precision, data_type.scale, null)
    if isinstance(data_type, types.TimeType):
        return _iso_time
    if isinstance(data_type, types.TimestampType):
        return lambda value: f"{value.date().isoformat()} {_iso_time(value.time())}"
    try:
        return plain_writer(type_info_of(data_type))
    except TypeError:
        raise TypeError(
            f"The column '{name}' of a CSV file cannot be of type {data_type!r}"
        ) from None


def _decimal_writer(precision: int, scale: int, null: str) -> Writer:
    fit = _fitting(precision, scale)

    def write(value: decimal.Decimal) -> str:
        fitting = fit(value)
        # Flink writes decimals without zeros at their end, also those before the point.
        return null if fitting is None else str(stripped(fitting)) if fitting else "0"

    return write


def _iso_time(value: datetime.time) -> str:
    """With as many digits of the second's fraction as there are: none, 3, 6 or fewer."""
    text = value.replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text
