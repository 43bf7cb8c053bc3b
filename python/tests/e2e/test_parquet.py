"""Parquet files, read by jobs."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Configuration, Row, Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource
from martlet.table.types import DataTypes
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, NotSupportedError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

D = DataTypes
NONE = WatermarkStrategy.no_watermarks()
MOMENT = datetime.datetime(2024, 2, 29, 1, 2, 3, 456000)


def rows(
    env: StreamExecutionEnvironment, path: Path, fields: dict[str, Any], **settings: Any
) -> list[Row]:
    from martlet.datastream.formats.parquet import ParquetColumnarRowInputFormat

    row_type = D.ROW([D.FIELD(name, data_type) for name, data_type in fields.items()])
    file_format = ParquetColumnarRowInputFormat(row_type, **settings)
    source = FileSource.for_bulk_file_format(file_format, str(path)).build()
    return collect(env.from_source(source, NONE, "parquet"))


def test_columns(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    values: dict[str, list[Any]] = {
        "i": [1, None], "s": ["x", "ü"], "b": [True, None], "d": [1.5, None],
        "n": [Decimal("1.50"), None], "day": [MOMENT.date(), None], "t": [MOMENT, None],
        "raw": [b"\0\xff", None],
    }  # fmt: skip
    pq.write_table(pa.table(values), path)
    types = {
        "raw": D.BYTES(), "i": D.BIGINT(), "s": D.STRING(), "b": D.BOOLEAN(), "d": D.DOUBLE(),
        "n": D.DECIMAL(5, 2), "day": D.DATE(), "t": D.TIMESTAMP(6), "none": D.INT(),
    }  # fmt: skip
    found = rows(env, path, types, is_utc_timestamp=True, batch_size=1)
    make = Row(*types)
    assert found == [
        make(b"\0\xff", 1, "x", True, 1.5, Decimal("1.50"), MOMENT.date(), MOMENT, None),
        make(None, None, "ü", None, None, None, None, None, None),
    ]


def test_timestamps_in_local_time(
    env: StreamExecutionEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from martlet.datastream.formats.parquet import ParquetColumnarRowInputFormat

    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"t": [MOMENT]}), path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    row_type = D.ROW([D.FIELD("t", D.TIMESTAMP(3))])
    for is_utc, hours in ((True, 0), (False, 9)):
        file_format = ParquetColumnarRowInputFormat(row_type, is_utc_timestamp=is_utc)
        assert list(file_format._records(str(path))) == [
            Row("t")(MOMENT + datetime.timedelta(hours=hours))
        ]


def test_names_of_either_case(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"Id": pa.array([1, 2], pa.int32())}), path)
    assert rows(env, path, {"id": D.INT()}) == [Row("id")(None), Row("id")(None)]
    found = rows(env, path, {"id": D.INT()}, is_case_sensitive=False)
    assert found == [Row("id")(1), Row("id")(2)]


def test_what_is_refused(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Only primitive types .*'a' is of type ArrayType"):
        rows(env, tmp_path, {"a": D.ARRAY(D.INT())})
    configuration = Configuration()
    configuration.set_string("fs.x", "y")
    with pytest.raises(NotSupportedError, match=r"hadoop_config .*fs\.x"):
        rows(env, tmp_path, {"a": D.INT()}, hadoop_config=configuration)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x"]}), path)
    with pytest.raises(JobExecutionError, match=r"a\.parquet, record 1: column 'a' is of type"):
        rows(env, path, {"a": D.INT()})
    path.write_bytes(b"nonsense")
    with pytest.raises(JobExecutionError, match=r"a\.parquet, record 1"):
        rows(env, path, {"a": D.INT()})


def test_records_of_avro(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    pytest.importorskip("fastavro")
    from martlet.datastream.formats.avro import AvroSchema, GenericRecordAvroTypeInfo
    from martlet.datastream.formats.parquet import AvroParquetReaders

    schema = AvroSchema.parse_string(
        '{"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"},'
        ' {"name": "l", "type": {"type": "array", "items": "string"}},'
        ' {"name": "m", "type": ["null", {"type": "map", "values": "long"}]}]}'
    )
    fields = [
        pa.field("x", pa.int32()), pa.field("n", pa.int32()), pa.field("l", pa.list_(pa.string())),
        pa.field("m", pa.map_(pa.string(), pa.int64())),
    ]  # fmt: skip
    records = [{"x": 0, "n": 1, "l": ["a"], "m": [("k", 5)]}, {"x": 0, "n": 2, "l": [], "m": None}]
    path = tmp_path / "r.parquet"
    pq.write_table(pa.Table.from_pylist(records, pa.schema(fields)), path)
    source = FileSource.for_record_stream_format(
        AvroParquetReaders.for_generic_record(schema), str(path)
    ).build()
    stream = env.from_source(source, NONE, "parquet")
    assert stream.get_type() == GenericRecordAvroTypeInfo(schema)
    expected = [{"n": 1, "l": ["a"], "m": {"k": 5}}, {"n": 2, "l": [], "m": None}]
    assert collect(stream) == expected
    # From there on it is a stream of pickled values.
    numbers = env.from_source(source, NONE, "parquet").map(
        lambda record: record["n"], output_type=Types.INT()
    )
    assert collect(numbers) == [1, 2]
