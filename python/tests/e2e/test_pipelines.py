"""Jobs, from their sources to their sinks."""

from __future__ import annotations

import gzip
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Duration, Encoder, JobStatus, Row, Types, WatermarkStrategy
from martlet.datastream import (
    DataStream,
    FlatMapFunction,
    MapFunction,
    ReduceFunction,
    RuntimeContext,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
)
from martlet.datastream.connectors.file_system import (
    BucketAssigner,
    FileEnumeratorProvider,
    FileSink,
    FileSource,
    OutputFileConfig,
    RollingPolicy,
    StreamFormat,
)
from martlet.datastream.connectors.number_seq import NumberSequenceSource
from martlet.testing import CollectingSink, collect

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
NONE = WatermarkStrategy.no_watermarks()
TEXT = ["to", "be", "or", "not", "to", "be", "that", "is", "the", "question"]


def numbers(env: StreamExecutionEnvironment, last: int) -> DataStream:
    return env.from_source(NumberSequenceSource(1, last), NONE, "numbers", Types.LONG())


def test_functions(env: StreamExecutionEnvironment) -> None:
    stream = numbers(env, 10).map(lambda x: x * 2).filter(lambda x: x % 3 == 0)
    assert collect(stream) == [6, 12, 18]
    assert collect(numbers(env, 3).flat_map(lambda x: [x] * x)) == [1, 2, 2, 3, 3, 3]
    assert collect(numbers(env, 2).flat_map(lambda x: None)) == []
    assert collect(numbers(env, 2).map(str, output_type=Types.STRING())) == ["1", "2"]


def test_values_of_any_kind_pass(env: StreamExecutionEnvironment) -> None:
    values: list[Any] = [None, 1, "a", (1, [2, {"k": b"v"}]), Row(a=1), {3}, 2**80, 1.5]
    assert collect(env.from_collection(values)) == values
    assert collect(env.from_collection(values).map(lambda v: v)) == values


@pytest.mark.parametrize("rows", [0, 1, 4096, 4097, 20_000])
def test_any_number_of_rows(env: StreamExecutionEnvironment, rows: int) -> None:
    typed = env.from_collection(list(range(rows)), type_info=Types.LONG())
    assert collect(typed.map(lambda x: x + 1, Types.LONG())) == list(range(1, rows + 1))
    assert collect(env.from_collection(list(range(rows)))) == list(range(rows))


def test_rows_that_are_large(env: StreamExecutionEnvironment) -> None:
    """As many as would be one batch by their number are more than the gateway takes at once."""
    value = b"x" * 65_536
    stream = env.from_collection([value] * 4096, type_info=Types.PRIMITIVE_ARRAY(Types.BYTE()))
    assert collect(stream.map(len, Types.INT())) == [65_536] * 4096


@pytest.mark.parametrize("parallelism", [1, 3])
@pytest.mark.parametrize("mode", [RuntimeExecutionMode.STREAMING, RuntimeExecutionMode.BATCH])
def test_word_count(
    env: StreamExecutionEnvironment, parallelism: int, mode: RuntimeExecutionMode
) -> None:
    env.set_parallelism(parallelism).set_runtime_mode(mode)
    counts = (
        env.from_collection(TEXT, type_info=Types.STRING())
        .map(lambda w: (w, 1), output_type=PAIR)
        .key_by(lambda p: p[0], key_type=Types.STRING())
        .reduce(lambda a, b: (a[0], a[1] + b[1]))
    )
    results = collect(counts)
    if mode is RuntimeExecutionMode.BATCH:
        assert sorted(results) == sorted(Counter(TEXT).items())
    else:
        seen: Counter[str] = Counter()
        expected = []
        for word in TEXT:
            seen[word] += 1
            expected.append((word, seen[word]))
        assert sorted(results) == sorted(expected)


def test_annotations_make_types(env: StreamExecutionEnvironment) -> None:
    def count(word: str) -> tuple[str, int]:
        return word, 1

    def letters(word: str) -> Iterator[str]:
        yield from word

    stream = env.from_collection(["ab"], type_info=Types.STRING())
    assert stream.map(count).get_type() == PAIR
    assert collect(stream.map(count)) == [("ab", 1)]
    assert collect(stream.flat_map(letters).map(str.upper)) == ["A", "B"]


def test_function_objects_are_opened_and_closed(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    class Logged(MapFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.name = runtime_context.get_task_name_with_subtasks()
            self.index = runtime_context.get_index_of_this_subtask()
            with log.open("a") as file:
                file.write("open\n")

        def close(self) -> None:
            with log.open("a") as file:
                file.write("close\n")

        def map(self, value: Any) -> Any:
            return value, self.index

    class Repeat(FlatMapFunction):
        def flat_map(self, value: Any) -> Any:
            yield value
            yield value

    class Add(ReduceFunction):
        def reduce(self, value1: Any, value2: Any) -> Any:
            return value1[0] + value2[0], value2[1]

    stream = env.from_collection([1, 2]).map(Logged()).flat_map(Repeat())
    assert collect(stream.key_by(lambda v: v[1]).reduce(Add())) == [(1, 0), (2, 0), (4, 0), (6, 0)]
    assert log.read_text() == "open\nclose\n"


def test_union_and_partitions(env: StreamExecutionEnvironment) -> None:
    united = numbers(env, 3).union(numbers(env, 2), numbers(env, 1))
    assert sorted(collect(united)) == [1, 1, 1, 2, 2, 3]
    for way in ("rebalance", "shuffle", "rescale"):
        stream = getattr(numbers(env, 50), way)().map(lambda x: x).set_parallelism(3)
        assert sorted(collect(stream)) == list(range(1, 51)), way
    everywhere = numbers(env, 3).broadcast().map(lambda x: x).set_parallelism(2)
    assert sorted(collect(everywhere)) == [1, 1, 2, 2, 3, 3]

    class Where(MapFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.index = runtime_context.get_index_of_this_subtask()

        def map(self, value: Any) -> Any:
            return value, self.index

    stream = numbers(env, 7).partition_custom(lambda k, n: k % n, lambda v: v).map(Where())
    assert sorted(collect(stream.set_parallelism(3))) == [(x, x % 3) for x in range(1, 8)]


def test_the_same_key_goes_to_one_instance(env: StreamExecutionEnvironment) -> None:
    class Where(MapFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.index = runtime_context.get_index_of_this_subtask()

        def map(self, value: Any) -> Any:
            return value % 5, self.index

    for key_type in (None, Types.LONG()):
        stream = numbers(env, 100).rebalance().map(lambda x: x, Types.LONG()).set_parallelism(2)
        keyed = stream.key_by(lambda x: x % 5, key_type=key_type)
        places = set(collect(keyed.map(Where()).set_parallelism(3)))
        assert len(places) == 5


def lines(env: StreamExecutionEnvironment, *paths: Path) -> DataStream:
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), *map(str, paths)
    ).build()
    return env.from_source(source, NONE, "lines")


@pytest.mark.parametrize("parallelism", [1, 3])
def test_files(env: StreamExecutionEnvironment, tmp_path: Path, parallelism: int) -> None:
    env.set_parallelism(parallelism)
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("drei €")
    with gzip.open(tmp_path / "c.gz", "wt") as file:
        file.write("packed\n")
    assert sorted(collect(lines(env, tmp_path / "a.txt"))) == ["one", "two"]
    assert sorted(collect(lines(env, tmp_path))) == ["drei €", "one", "packed", "two"]
    assert sorted(collect(lines(env, tmp_path / "*.txt", tmp_path / "c.gz"))) == [
        "one",
        "packed",
        "two",
    ]


@pytest.mark.parametrize(
    ("enumerator", "readers"),
    [
        (FileEnumeratorProvider.default_splittable_file_enumerator(), {0, 1}),
        (FileEnumeratorProvider.default_non_splittable_file_enumerator(), {0}),
    ],
    ids=["splittable", "non-splittable"],
)
def test_who_reads_a_large_file(
    env: StreamExecutionEnvironment,
    tmp_path: Path,
    enumerator: FileEnumeratorProvider,
    readers: set[int],
) -> None:
    (tmp_path / "large.txt").write_text("a line of some length\n" * 200_000)
    source = (
        FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
        .set_file_enumerator(enumerator)
        .build()
    )

    class Where(MapFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.index = runtime_context.get_index_of_this_subtask()

        def map(self, value: Any) -> Any:
            return self.index

    env.set_parallelism(2)
    found = collect(env.from_source(source, NONE, "lines").map(Where(), Types.INT()))
    assert len(found) == 200_000 and set(found) == readers


@pytest.mark.parametrize("mode", [RuntimeExecutionMode.STREAMING, RuntimeExecutionMode.BATCH])
def test_file_sink(
    env: StreamExecutionEnvironment, tmp_path: Path, mode: RuntimeExecutionMode
) -> None:
    env.set_runtime_mode(mode)
    sink = (
        FileSink.for_row_format(str(tmp_path), Encoder.simple_string_encoder())
        .with_output_file_config(
            OutputFileConfig.builder().with_part_prefix("pre").with_part_suffix(".txt").build()
        )
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .with_rolling_policy(RollingPolicy.default_rolling_policy(part_size=6))
        .build()
    )
    env.from_collection(["one", "two", "three", ("a", 1)]).sink_to(sink)
    env.execute()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert all(re.fullmatch(r"pre-[0-9a-f-]{36}-\d+\.txt", name) for name in names), names
    assert len(names) > 1
    text = "".join(path.read_text() for path in tmp_path.iterdir())
    assert sorted(text.splitlines()) == ["('a', 1)", "one", "three", "two"]


def test_several_sinks(env: StreamExecutionEnvironment) -> None:
    small, large = CollectingSink(), CollectingSink()
    stream = numbers(env, 10)
    stream.filter(lambda x: x < 4).add_sink(small)
    stream.filter(lambda x: x > 8).add_sink(large)
    result = env.execute("two sinks")
    assert small.results == [1, 2, 3] and large.results == [9, 10]
    assert result.get_net_runtime() >= 0 and len(str(result.get_job_id())) == 32


def test_an_environment_executes_again(env: StreamExecutionEnvironment) -> None:
    for round_ in range(3):
        assert collect(env.from_collection([round_])) == [round_]


def test_limit_and_close(env: StreamExecutionEnvironment) -> None:
    endless = numbers(env, 2**62)
    assert endless.execute_and_collect(limit=5) == [1, 2, 3, 4, 5]
    with numbers(env, 2**62).map(lambda x: x).execute_and_collect("endless") as rows:
        assert next(rows) == 1 and rows.next() == 2
    assert list(rows) == []


def test_a_limit_is_met_while_the_source_idles(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    """The rows are all there is to wait for: a file that never comes must not be waited for."""
    (tmp_path / "a.txt").write_text("one\ntwo\nthree\n")
    source = (
        FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
        .monitor_continuously(Duration.of_millis(20))
        .build()
    )
    found: list[Any] = []
    take = threading.Thread(
        target=lambda: found.extend(
            env.from_source(source, NONE, "lines").execute_and_collect(limit=3)
        ),
        daemon=True,
    )
    take.start()
    take.join(20)
    assert found == ["one", "two", "three"]


def test_execute_async(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\n")
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), str(tmp_path)
    ).monitor_continuously(Duration.of_millis(20))
    env.from_source(source.build(), NONE, "lines").print()
    client = env.execute_async("endless")
    assert client.get_job_status().result() in (JobStatus.CREATED, JobStatus.RUNNING)
    assert not client.get_job_execution_result().done()
    client.cancel().result()
    assert client.get_job_status().result() is JobStatus.CANCELED
    assert client.get_job_execution_result().exception() is not None
    numbers(env, 3).print()
    client = env.execute_async()
    assert client.get_job_execution_result().result().get_net_runtime() >= 0
    assert client.get_job_status().result() is JobStatus.FINISHED


def test_metrics(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    with lines(env, tmp_path / "a.txt").execute_and_collect() as rows:
        assert list(rows) == ["one", "two"]
        metrics = rows.get_job_client().get_metrics().result()
    assert metrics["source.bytes-read"] == metrics["source.bytes-total"] == 8


def test_plan(env: StreamExecutionEnvironment) -> None:
    import json

    numbers(env, 3).map(lambda x: x).name("mine").print()
    plan = json.loads(env.get_execution_plan())
    assert "mine" in json.dumps(plan) and plan["nodes"][0]["pact"] == "Data Source"


def test_modules_beside_the_script_are_found(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    (tmp_path / "extra_module.py").write_text("def double(x):\n    return x * 2\n")
    env.add_python_file(str(tmp_path / "extra_module.py"))

    def double(x: int) -> int:
        import extra_module  # type: ignore[import-not-found]

        return int(extra_module.double(x))

    assert collect(env.from_collection([1, 2]).map(double)) == [2, 4]
