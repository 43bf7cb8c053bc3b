"""Parquet files, read with pyarrow in workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from martlet.common.types import _create_row
from martlet.datastream.connectors.file_system.reading import WorkerFormat
from martlet.datastream.connectors.file_system.stream_format import BulkFormat, StreamFormat
from martlet.datastream.formats.avro_rows import FromParquet
from martlet.datastream.formats.avro_schema import (
    AvroSchema,
    GenericRecordAvroTypeInfo,
    parsed,
)
from martlet.util.exceptions import NotSupportedError

if TYPE_CHECKING:
    from martlet.common.configuration import Configuration
    from martlet.common.typeinfo import TypeInformation
    from martlet.table.types import RowType

__all__ = ["AvroParquetReaders", "ParquetColumnarRowInputFormat"]


def pyarrow_parquet() -> Any:
    """The library that reads Parquet, which is an extra of Martlet's."""
    try:
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise NotSupportedError(
            "Parquet needs the package pyarrow: pip install 'martlet[arrow]'"
        ) from None
    return pyarrow.parquet


class ParquetColumnarRowInputFormat(WorkerFormat, BulkFormat):
    """The rows of Parquet files; for :meth:`FileSource.for_bulk_file_format`.

    A column that a file lacks is None in its rows.

    :param row_type: the columns to read, none of which has parts
    :param hadoop_config: must be empty: there is no Hadoop here
    :param batch_size: how many rows are read at a time
    :param is_utc_timestamp: whether timestamps show the time in UTC; False for the local time zone
    :param is_case_sensitive: whether ``a`` and ``A`` are different columns
    """

    def __init__(
        self,
        row_type: RowType,
        hadoop_config: Configuration | None = None,
        batch_size: int = 2048,
        is_utc_timestamp: bool = False,
        is_case_sensitive: bool = True,
    ) -> None:
        from martlet.table.types import RowType

        pyarrow_parquet()
        if not isinstance(row_type, RowType):
            raise TypeError(f"row_type must be an instance of RowType, got {row_type!r}")
        if hadoop_config is not None and hadoop_config.to_dict():
            raise NotSupportedError(
                f"hadoop_config is not supported, and has {sorted(hadoop_config.to_dict())}"
            )
        if batch_size <= 0:
            raise ValueError(f"batch_size must be positive, got {batch_size}")
        self._row_type = row_type
        self._batch_size = batch_size
        self._is_utc_timestamp = is_utc_timestamp
        self._is_case_sensitive = is_case_sensitive
        self._arrow_types()

    def _arrow_types(self) -> list[Any]:
        from martlet.table.types import ArrayType, MapType, MultisetType, RowType, to_arrow_type

        for field in self._row_type:
            if isinstance(field.data_type, (ArrayType, MapType, MultisetType, RowType)):
                raise TypeError(
                    "Only primitive types are supported for a column of a Parquet file: "
                    f"'{field.name}' is of type {field.data_type!r}"
                )
        return [_with_micros(to_arrow_type(field.data_type)) for field in self._row_type]

    def _produced_type(self) -> TypeInformation:
        from martlet.table.types.text import type_info_of

        return type_info_of(self._row_type)

    def _records(self, path: str) -> Iterator[Any]:
        names = self._row_type.field_names()
        types = self._arrow_types()
        with pyarrow_parquet().ParquetFile(path) as file:
            columns = self._columns(file.schema_arrow.names)
            present = [column for column in columns if column is not None]
            for batch in file.iter_batches(self._batch_size, columns=present):
                values = [
                    [None] * batch.num_rows
                    if column is None
                    else self._values(batch.column(column), arrow_type, column)
                    for column, arrow_type in zip(columns, types)
                ]
                for row in zip(*values):
                    yield _create_row(names, row)

    def _columns(self, found: list[str]) -> list[str | None]:
        """The file's name of each column of ours; None for one that it does not have."""
        names = self._row_type.field_names()
        if self._is_case_sensitive:
            return [name if name in found else None for name in names]
        folded: dict[str, str] = {}
        for name in found:
            if folded.setdefault(name.lower(), name) != name:
                raise ValueError(f"Found duplicate field(s) '{folded[name.lower()]}' and '{name}'")
        return [folded.get(name.lower()) for name in names]

    def _values(self, column: Any, arrow_type: Any, name: str) -> list[Any]:
        import pyarrow as pa
        import pyarrow.compute

        if pa.types.is_timestamp(arrow_type):
            # Parquet has points in time; which wall clock shows them is the reader's choice.
            column = column.cast(pa.timestamp(arrow_type.unit, "UTC"), safe=False)
            zone = "UTC" if self._is_utc_timestamp else _local_zone()
            column = column.cast(pa.timestamp(arrow_type.unit, zone))
            column = pyarrow.compute.local_timestamp(column)
        elif column.type != arrow_type:
            try:
                is_time = pa.types.is_time(arrow_type)
                column = column.cast(arrow_type, safe=not is_time)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise ValueError(
                    f"column '{name}' is of type {column.type}, not {arrow_type}: {error}"
                ) from None
        values: list[Any] = column.to_pylist()
        return values


def _with_micros(arrow_type: Any) -> Any:
    """The type without what is finer than Python's times: microseconds at most."""
    import pyarrow as pa

    if pa.types.is_timestamp(arrow_type) and arrow_type.unit == "ns":
        return pa.timestamp("us")
    if pa.types.is_time64(arrow_type) and arrow_type.unit == "ns":
        return pa.time64("us")
    return arrow_type


def _local_zone() -> str:
    """The name of the local time zone, as tzdata has it."""
    import os

    name = os.environ.get("TZ", "").lstrip(":")
    if name:
        return name
    target = os.path.realpath("/etc/localtime")
    return target.partition("/zoneinfo/")[2] or "UTC"


class AvroParquetReaders:
    """Reads Parquet files as records of Avro."""

    @staticmethod
    def for_generic_record(schema: AvroSchema) -> StreamFormat:
        """The records of Parquet files, as dicts; for :meth:`FileSource.for_record_stream_format`.

        :param schema: the fields that are read
        """
        if not isinstance(schema, AvroSchema):
            raise TypeError(f"for_generic_record takes an AvroSchema, got {schema!r}")
        pyarrow_parquet()
        return _AvroRecords(schema)


class _AvroRecords(WorkerFormat, StreamFormat):
    def __init__(self, schema: AvroSchema) -> None:
        self._type_info = GenericRecordAvroTypeInfo(schema)

    def _produced_type(self) -> TypeInformation:
        return self._type_info

    def _records(self, path: str) -> Iterator[Any]:
        schema = parsed(str(self._type_info._schema))
        convert = FromParquet().of(schema)
        names = [field["name"] for field in schema["fields"]]
        with pyarrow_parquet().ParquetFile(path) as file:
            missing = [name for name in names if name not in file.schema_arrow.names]
            if missing:
                raise ValueError(f"The file has no columns {missing}")
            for batch in file.iter_batches(columns=names):
                yield from map(convert, batch.to_pylist())
