"""Files of rows, read and written by jobs."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Duration, Encoder, Row, Types, WatermarkStrategy
from martlet.datastream import DataStream, StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import (
    BucketAssigner,
    FileCompactor,
    FileCompactStrategy,
    FileSink,
    FileSource,
    OutputFileConfig,
    RollingPolicy,
    StreamFormat,
    StreamingFileSink,
)
from martlet.datastream.connectors.hybrid_source import HybridSource
from martlet.datastream.connectors.number_seq import NumberSequenceSource
from martlet.datastream.formats.csv import CsvBulkWriters, CsvReaderFormat, CsvSchema
from martlet.table.types import DataTypes
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, NotSupportedError, ValidationError

NONE = WatermarkStrategy.no_watermarks()
SCHEMA = (
    CsvSchema.builder()
    .add_number_column("id", DataTypes.INT())
    .add_string_column("name")
    .set_use_header()
    .build()
)
ROW = Types.ROW_NAMED(["id", "name"], [Types.INT(), Types.STRING()])


def source(*paths: Path, interval: int | None = None) -> FileSource:
    builder = FileSource.for_record_stream_format(
        CsvReaderFormat.for_schema(SCHEMA), *map(str, paths)
    )
    if interval is not None:
        builder.monitor_continuously(Duration.of_millis(interval))
    return builder.build()


def read(env: StreamExecutionEnvironment, *paths: Path) -> DataStream:
    return env.from_source(source(*paths), NONE, "csv")


def text(*rows: tuple[int, str]) -> str:
    return "id,name\n" + "".join(f"{number},{name}\n" for number, name in rows)


def test_rows_of_csv_files(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text((1, "x"), (2, '"multi\nline"')))
    (tmp_path / "b.csv.bz2").write_bytes(bz2.compress(text((3, "y")).encode()))
    (tmp_path / "c.csv.xz").write_bytes(lzma.compress(text((4, "z")).encode()))
    (tmp_path / "d.csv.deflate").write_bytes(zlib.compress(text((5, "d")).encode()))
    (tmp_path / ".hidden.csv").write_text("nonsense")
    stream = read(env, tmp_path)
    assert stream.get_type() == ROW
    expected = [(1, "x"), (2, "multi\nline"), (3, "y"), (4, "z"), (5, "d")]
    assert collect(stream) == [Row("id", "name")(*fields) for fields in expected]


def test_large_files_are_shared_out(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    env.set_parallelism(2)
    for index in range(3):
        numbers = range(index * 20_000, (index + 1) * 20_000)
        (tmp_path / f"{index}.csv").write_text(text(*((n, f"n{n}") for n in numbers)))
    found = collect(read(env, tmp_path).map(lambda row: row.id, output_type=Types.INT()))
    assert sorted(found) == list(range(60_000))


def test_new_files_are_found(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text((1, "x")))
    stream = env.from_source(source(tmp_path, interval=10), NONE, "csv")
    with stream.map(lambda row: row.name, output_type=Types.STRING()).execute_and_collect() as rows:
        assert next(rows) == "x"
        ready = tmp_path / ".b.csv"
        ready.write_text(text((2, "y")))
        ready.rename(tmp_path / "b.csv")
        assert next(rows) == "y"


def test_an_error_names_file_record_and_column(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text((1, "x")) + "two,y\n")
    with pytest.raises(JobExecutionError, match="column 'id': 'two' is no whole number") as caught:
        collect(read(env, path))
    assert f"{path}, record 2" in str(caught.value)
    with pytest.raises(ValidationError, match="No such file"):
        read(env, tmp_path / "none.csv")


def written(directory: Path, suffix: str = "") -> list[str]:
    return [path.read_text() for path in sorted(directory.glob(f"*{suffix}"))]


def test_csv_files_of_rows(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    names = OutputFileConfig.builder().with_part_prefix("out").with_part_suffix(".csv").build()
    sink = (
        FileSink.for_bulk_format(str(tmp_path), CsvBulkWriters.for_schema(SCHEMA))
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .with_output_file_config(names)
        .with_rolling_policy(RollingPolicy.on_checkpoint_rolling_policy())
        .build()
    )
    # Rows without names, tuples of the pickled kind and dicts are rows as well.
    records: list[Any] = [Row(1, "x"), (2, 'y"'), {"name": "z", "id": 3}]
    env.from_collection(records).sink_to(sink)
    env.execute()
    assert written(tmp_path, ".csv") == ['id,name\n1,x\n2,"y"""\n3,z\n']
    found = collect(read(env, tmp_path))
    assert found == [
        Row("id", "name")(1, "x"),
        Row("id", "name")(2, 'y"'),
        Row("id", "name")(3, "z"),
    ]


def test_each_instance_writes_a_file_with_a_header(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    env.set_parallelism(2)
    rows = [Row(n, f"n{n}") for n in range(1000)]
    sink = (
        FileSink.for_bulk_format(str(tmp_path), CsvBulkWriters.for_schema(SCHEMA))
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .build()
    )
    env.from_collection(rows, ROW).rebalance().sink_to(sink)
    env.execute()
    files = written(tmp_path)
    assert len(files) == 2
    assert all(file.startswith("id,name\n") for file in files)
    lines = Counter(line for file in files for line in file.splitlines()[1:])
    assert lines == Counter(f"{n},n{n}" for n in range(1000))


def test_the_older_sink(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    names = OutputFileConfig.builder().with_part_prefix("old").build()
    base = BucketAssigner.base_path_bucket_assigner()
    lines = StreamingFileSink.for_row_format(str(tmp_path / "l"), Encoder.simple_string_encoder())
    lines.with_rolling_policy(RollingPolicy.default_rolling_policy()).with_bucket_assigner(base)
    bulk = StreamingFileSink.for_bulk_format(
        str(tmp_path / "b"), CsvBulkWriters.for_schema(SCHEMA)
    ).with_bucket_assigner(base)
    for builder, values in ((lines, ["a"]), (bulk, [(1, "x")])):
        builder.with_output_file_config(names)
        with pytest.warns(DeprecationWarning, match="Use FileSink instead"):
            sink = builder.build()
        env.from_collection(values).add_sink(sink)
    env.execute()
    assert [p.read_text() for p in tmp_path.glob("*/old-*")] in (
        ["a\n", "id,name\n1,x\n"], ["id,name\n1,x\n", "a\n"],
    )  # fmt: skip


def test_a_record_that_does_not_fit_is_named(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    sink = FileSink.for_bulk_format(str(tmp_path), CsvBulkWriters.for_schema(SCHEMA)).build()
    env.from_collection([(1, "x", 5)]).sink_to(sink)
    with pytest.raises(JobExecutionError, match=r"record \(1, 'x', 5\): Row length mismatch"):
        env.execute()


def test_what_is_refused(tmp_path: Path) -> None:
    bulk = FileSink.for_bulk_format(str(tmp_path), CsvBulkWriters.for_schema(SCHEMA))
    with pytest.raises(ValueError, match="must be OnCheckpointRollingPolicy for bulk format"):
        bulk.with_rolling_policy(RollingPolicy.default_rolling_policy())  # type: ignore[arg-type]
    strategy = FileCompactStrategy.builder().set_size_threshold(100).build()
    rows = FileSink.for_row_format(str(tmp_path), Encoder.simple_string_encoder())
    for builder in (bulk, rows):
        with pytest.raises(NotSupportedError, match=r"FileSink\.enable_compact"):
            builder.enable_compact(strategy, FileCompactor.concat_file_compactor())
    with pytest.raises(ValueError, match="At least one of size threshold"):
        FileCompactStrategy.builder().build()
    with pytest.raises(TypeError, match="must be a BulkFormat"):
        FileSource.for_bulk_file_format(StreamFormat.text_line_format(), "x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a CsvSchema"):
        CsvReaderFormat.for_schema("x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="column 'm' of a CSV file cannot be of type MapType"):
        element = DataTypes.MAP(DataTypes.STRING(), DataTypes.INT())
        CsvReaderFormat.for_schema(CsvSchema.builder().add_array_column("m", ",", element).build())
    with pytest.raises(ValueError, match="There is a column 'a' already"):
        CsvSchema.builder().add_string_column("a").add_string_column("a")


def test_sources_one_after_the_other(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    env.set_parallelism(2)
    builder = HybridSource.builder(NumberSequenceSource(1, 50_000))
    source = builder.add_source(NumberSequenceSource(-50_000, -1)).build()
    found = collect(env.from_source(source, NONE, "numbers"))
    assert sorted(found[:50_000]) == list(range(1, 50_001))
    assert sorted(found[50_000:]) == list(range(-50_000, 0))

    files = [tmp_path / "old.txt", tmp_path / "new.txt"]
    for path in files:
        path.write_text(f"{path.stem} 1\n{path.stem} 2\n")
    old, new = (
        FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(path)).build()
        for path in files
    )
    env.set_parallelism(1)
    lines = env.from_source(HybridSource.builder(old).add_source(new).build(), NONE, "lines")
    assert lines.get_type() == Types.STRING()
    assert collect(lines) == ["old 1", "old 2", "new 1", "new 2"]


def test_what_a_hybrid_source_refuses(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text((1, "x")))

    def hybrid(*sources: Any) -> DataStream:
        builder = HybridSource.builder(sources[0])
        for other in sources[1:]:
            builder.add_source(other)
        return env.from_source(builder.build(), NONE, "hybrid")

    numbers = NumberSequenceSource(1, 2)
    lines = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
    with pytest.raises(ValidationError, match=r"first is of Long, and source 2 of String"):
        hybrid(numbers, lines.build())
    with pytest.raises(ValidationError, match="'hybrid: source 1' cannot be part of a hybrid"):
        hybrid(source(path), source(path))
    endless = lines.monitor_continuously(Duration.of_seconds(1)).build()
    with pytest.raises(ValidationError, match="source 1 of 2 is"):
        hybrid(endless, lines.process_static_file_set().build())
    with pytest.raises(TypeError, match="consists of Sources"):
        HybridSource.builder("x")  # type: ignore[arg-type]
