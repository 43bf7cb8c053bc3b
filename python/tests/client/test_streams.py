"""What the DataStream API tells the runtime."""

from __future__ import annotations

import threading
from typing import Any

import cloudpickle
import pytest
from fake_facade import FakeRuntime

from martlet.common import Encoder, Row, Types, WatermarkStrategy
from martlet.common.time import Duration
from martlet.datastream import (
    FilterFunction,
    KeySelector,
    MapFunction,
    Partitioner,
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
from martlet.datastream.slot_sharing_group import MemorySize, SlotSharingGroup
from martlet.util.exceptions import FunctionPicklingError, NotSupportedError, ValidationError

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])


class Shout(MapFunction):
    def map(self, value: str) -> str:
        return value.upper()


class Long(FilterFunction):
    def filter(self, value: str) -> bool:
        return len(value) > 3


class First(KeySelector):
    def get_key(self, value: Any) -> Any:
        return value[0]


class Modulo(Partitioner):
    def partition(self, key: int, num_partitions: int) -> int:
        return key % num_partitions


def test_functions(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    stream = env.from_collection(["a"], type_info=Types.STRING())
    assert runtime.called("fromRows")[0][1:] == ("STRING", "Collection Source")
    mapped = stream.map(lambda s: (s, 1), output_type=PAIR)
    assert mapped.get_type() == PAIR
    kind, function, type_text, name = runtime.called("python")[0]
    assert (kind, type_text, name) == ("map", "TUPLE<STRING, INT>", "Map")
    assert cloudpickle.loads(function)("x") == ("x", 1)
    assert stream.map(lambda s: s).get_type() == Types.PICKLED_BYTE_ARRAY()
    assert stream.map(Shout()).get_type() == Types.STRING()
    assert isinstance(runtime.function(), Shout)
    assert stream.filter(Long()).get_type() == Types.STRING()
    kind, _, type_text, name = runtime.called("python")[-1]
    assert (kind, type_text, name) == ("filter", None, "Filter")

    def words(line: str) -> list[str]:
        return line.split()

    assert stream.flat_map(words).get_type() == Types.STRING()
    assert runtime.called("python")[-1][0] == "flat_map"


def test_a_function_goes_as_it_is(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.from_collection([1]).map(len)
    assert runtime.function() is len
    env.from_collection([1]).map(str.upper)
    assert runtime.function() is str.upper


@pytest.mark.parametrize("name", ["map", "flat_map", "filter", "key_by"])
def test_what_is_no_function(env: StreamExecutionEnvironment, name: str) -> None:
    with pytest.raises(TypeError, match="callable function"):
        getattr(env.from_collection([1]), name)(3)
    with pytest.raises(TypeError):
        env.from_collection([1]).map(len, output_type=int)  # type: ignore[arg-type]


def test_a_function_that_cannot_be_pickled(env: StreamExecutionEnvironment) -> None:
    lock = threading.Lock()

    def locked(x: int) -> int:
        with lock:
            return x

    with pytest.raises(FunctionPicklingError) as caught:
        env.from_collection([1]).map(locked)
    message = str(caught.value)
    assert "locked' (" in message and "given to map" in message and "variable 'lock'" in message
    assert "_thread.lock" in message

    class Holder(MapFunction):
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def map(self, value: Any) -> Any:
            return value

    with pytest.raises(FunctionPicklingError, match=r"Holder object.*its attribute 'lock'"):
        env.from_collection([1]).map(Holder())


def test_keys(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    stream = env.from_collection([("a", 1)], type_info=PAIR)
    keyed = stream.key_by(First(), key_type=Types.STRING())
    assert runtime.called("keyBy")[0][1:] == ("STRING", "KeyBy")
    assert keyed.get_type() == PAIR
    stream.key_by(lambda t: t[0])
    assert runtime.called("keyBy")[1][1] == "PICKLED"
    assert keyed.reduce(lambda a, b: a).get_type() == PAIR
    assert runtime.called("reduce")[0][1] == "Reduce"
    assert keyed.map(lambda t: t).get_type() == Types.PICKLED_BYTE_ARRAY()
    assert keyed.filter(lambda t: True).get_type() == PAIR
    with pytest.raises(TypeError, match="ReduceFunction"):
        keyed.reduce(1)  # type: ignore[arg-type]
    for call in (
        keyed.shuffle,
        keyed.rebalance,
        keyed.forward,
        keyed.rescale,
        keyed.broadcast,
        lambda: keyed.partition_custom(Modulo(), First()),
        lambda: keyed.set_parallelism(1),
        lambda: keyed.name("x"),
        lambda: keyed.uid("x"),
        keyed.get_name,
        keyed.disable_chaining,
    ):
        with pytest.raises(ValidationError, match="KeyedStream"):
            call()


def reduced(runtime: FakeRuntime, values: list[Any]) -> Any:
    function = cloudpickle.loads(runtime.called("reduce")[-1][0])
    result = values[0]
    for value in values[1:]:
        result = function.reduce(result, value)
    return result


@pytest.mark.parametrize(
    ("method", "position", "values", "expected"),
    [
        ("sum", 1, [("a", 1), ("b", 2), ("c", 3)], ("a", 6)),
        ("min", 1, [("a", 2), ("b", 1), ("c", 3)], ("a", 1)),
        ("max", 1, [("a", 2), ("b", 1), ("c", 3)], ("a", 3)),
        ("min_by", 1, [("a", 2), ("b", 1), ("c", 1)], ("b", 1)),
        ("max_by", 1, [("a", 2), ("b", 3), ("c", 3)], ("b", 3)),
        ("sum", -1, [("a", 1), ("b", 2)], ("a", 3)),
        ("sum", 1, [["a", 1], ["b", 2]], ["a", 3]),
        ("sum", "n", [Row(k="a", n=1), Row(k="b", n=2)], Row(k="a", n=3)),
        ("max_by", "n", [Row(k="a", n=1), Row(k="b", n=2)], Row(k="b", n=2)),
        ("sum", 0, [1, 2, 3], 6),
        ("min", 0, [3, 1, 2], 1),
        ("max_by", 0, [3, 1, 4], 4),
        ("max_by", 7, [3, 1, 4], 4),  # as in PyFlink, which does not look at it
        ("sum", 0, ["a", "b"], "ab"),
    ],
)
def test_accumulations(
    env: StreamExecutionEnvironment,
    runtime: FakeRuntime,
    method: str,
    position: int | str,
    values: list[Any],
    expected: Any,
) -> None:
    keyed = env.from_collection(values).key_by(lambda v: 0)
    getattr(keyed, method)(position)
    before = cloudpickle.dumps(values)
    assert reduced(runtime, values) == expected
    assert cloudpickle.dumps(values) == before, "what was emitted must stay as it is"


def test_accumulating_what_has_no_fields(
    env: StreamExecutionEnvironment, runtime: FakeRuntime
) -> None:
    keyed = env.from_collection([1]).key_by(lambda v: 0)
    keyed.sum(1)
    with pytest.raises(TypeError, match="can only select the 0th field"):
        reduced(runtime, [1, 2])
    with pytest.raises(TypeError, match="must be of int or str type"):
        keyed.sum(1.5)  # type: ignore[arg-type]


def test_partitions(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    stream = env.from_collection([1], type_info=Types.INT())
    for way in ("shuffle", "rebalance", "rescale", "forward", "broadcast"):
        assert getattr(stream, way)().get_type() == Types.INT()
    assert [a[0] for a in runtime.called("partition")] == [
        "shuffle",
        "rebalance",
        "rescale",
        "forward",
        "broadcast",
    ]
    with pytest.raises(TypeError, match=r"broadcast\(\) takes MapStateDescriptors"):
        stream.broadcast(object())
    stream.partition_custom(Modulo(), lambda v: v + 1)
    function = cloudpickle.loads(runtime.called("partitionCustom")[0][0])
    assert function(3, 3) == 1


def test_union(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    one, two = (env.from_collection([1], type_info=Types.INT()) for _ in range(2))
    assert one.union(two).get_type() == Types.INT()
    assert len(runtime.called("union")[0][0]) == 1
    with pytest.raises(ValidationError, match="different types: Integer and Pickled"):
        one.union(env.from_collection([1]))


def test_projection(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    stream = env.from_collection([("a", 1)], type_info=PAIR).project(1)
    assert stream.get_type() == Types.TUPLE([Types.INT()])
    assert runtime.function()(("a", 1)) == (1,)
    with pytest.raises(TypeError, match="Only Tuple"):
        env.from_collection([1]).project(0)
    with pytest.raises(ValidationError, match="index 2"):
        stream.project(2)


def test_settings(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    stream = env.from_collection([1]).map(len)
    assert (
        stream.name("n")
        .uid("u")
        .set_uid_hash("0" * 32)
        .set_description("d")
        .set_parallelism(2)
        .set_max_parallelism(128)
        .set_buffer_timeout(5)
        .start_new_chain()
        .disable_chaining()
        .slot_sharing_group("g")
        .force_non_parallel()
        is stream
    )
    sink = stream.print()
    assert sink.name("s").set_parallelism(1).uid("v").disable_chaining() is sink
    methods = [name for _, name, _ in runtime.calls]
    for method in [
        "setName",
        "setUid",
        "setUidHash",
        "setDescription",
        "setParallelism",
        "setMaxParallelism",
        "setBufferTimeout",
        "startNewChain",
        "disableChaining",
        "slotSharingGroup",
        "forceNonParallel",
    ]:
        assert method in methods
    stream.slot_sharing_group(SlotSharingGroup.builder("h").build())
    group = SlotSharingGroup.builder("h").set_cpu_cores(1.0).set_task_heap_memory_mb(10).build()
    assert group.get_task_heap_memory() == MemorySize.of_mebi_bytes(10)
    with pytest.raises(NotSupportedError, match="resources"):
        stream.slot_sharing_group(group)
    for action in (
        lambda: stream.set_parallelism(0),
        lambda: stream.set_max_parallelism(2**15 + 1),
        lambda: stream.set_buffer_timeout(-2),
        lambda: stream.set_uid_hash("xyz"),
    ):
        with pytest.raises(ValueError):
            action()


@pytest.mark.parametrize(
    ("type_info", "value", "printed"),
    [
        (None, ("a", 1), "('a', 1)"),
        (None, b"raw", "raw"),
        (Types.ROW([Types.INT(), Types.STRING()]), Row(f0=1, f1=None), "+I[1,None]"),
    ],
)
def test_what_python_formats(
    env: StreamExecutionEnvironment,
    runtime: FakeRuntime,
    type_info: Any,
    value: Any,
    printed: str,
) -> None:
    env.from_collection([], type_info=type_info).print("id")
    kind, _, type_text, _ = runtime.called("python")[0]
    assert (kind, type_text) == ("map", "STRING")
    assert runtime.function()(value) == printed
    assert runtime.called("print") == [("id", False)]


def test_what_the_runtime_formats(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.from_collection([], type_info=PAIR).print()
    env.from_collection([], type_info=PAIR).key_by(lambda t: t[0]).print("keyed")
    assert runtime.called("python") == []
    assert runtime.called("print") == [(None, False), ("keyed", False)]


def test_sources(env: StreamExecutionEnvironment, runtime: FakeRuntime, tmp_path: Any) -> None:
    numbers = env.from_source(
        NumberSequenceSource(1, 2**40), WatermarkStrategy.no_watermarks(), "n", Types.LONG()
    )
    assert numbers.get_type() == Types.LONG()
    assert runtime.called("numberSequence") == [(1, 2**40, "n")]
    file = tmp_path / "a b.txt"
    file.write_text("x")
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format("latin-1"), str(file), file.as_uri(), str(tmp_path / "*.txt")
    )
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(2))
    lines = env.from_source(
        source.monitor_continuously(Duration.of_millis(10)).build(),
        strategy.with_idleness(Duration.of_millis(7)),
        "lines",
    )
    assert lines.get_type() == Types.STRING()
    paths, options, name = runtime.called("textFiles")[0]
    assert paths == [str(file), str(file), str(tmp_path / "*.txt")]
    assert options == {"charset": "latin-1", "monitor-interval-ms": "10"} and name == "lines"
    assert runtime.called("watermarks") == [
        ("bounded", {"max-out-of-orderness-ms": "2000", "idleness-ms": "7"})
    ]


@pytest.mark.parametrize(
    ("enumerator", "options"),
    [
        (FileEnumeratorProvider.default_splittable_file_enumerator(), {}),
        (FileEnumeratorProvider.default_non_splittable_file_enumerator(), {"splittable": "false"}),
    ],
)
def test_file_enumerators(
    env: StreamExecutionEnvironment,
    runtime: FakeRuntime,
    tmp_path: Any,
    enumerator: FileEnumeratorProvider,
    options: dict[str, str],
) -> None:
    (tmp_path / "a.txt").write_text("x")
    source = (
        FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
        .set_file_enumerator(enumerator)
        .build()
    )
    env.from_source(source, WatermarkStrategy.no_watermarks(), "lines")
    assert runtime.called("textFiles")[0][1] == {"charset": "UTF-8", **options}


def test_wrong_sources(env: StreamExecutionEnvironment, tmp_path: Any) -> None:
    none = WatermarkStrategy.no_watermarks()
    with pytest.raises(ValueError, match="'from' must be <= 'to'"):
        NumberSequenceSource(2, 1)
    with pytest.raises(TypeError):
        NumberSequenceSource("1", 2)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match=r"yields values of type Long, not String"):
        env.from_source(NumberSequenceSource(1, 2), none, "n", Types.STRING())
    text = StreamFormat.text_line_format()
    missing = FileSource.for_record_stream_format(text, str(tmp_path / "missing"))
    with pytest.raises(ValidationError, match=r"No such file or directory: .*missing"):
        env.from_source(missing.build(), none, "lines")
    with pytest.raises(NotSupportedError, match="'s3'"):
        FileSource.for_record_stream_format(text, "s3://bucket/key")
    with pytest.raises(ValueError, match="charset 'nope'"):
        StreamFormat.text_line_format("nope")
    with pytest.raises(TypeError, match="with_timestamp_assigner takes a TimestampAssigner"):
        env.from_source(
            NumberSequenceSource(1, 2),
            none.with_timestamp_assigner(object()),  # type: ignore[arg-type]
            "n",
        )
    with pytest.raises(TypeError, match="list of values"):
        env.from_collection("text")
    with pytest.raises(TypeError, match="type_info must be"):
        env.from_collection([1], type_info=int)  # type: ignore[arg-type]


def test_file_sink(env: StreamExecutionEnvironment, runtime: FakeRuntime, tmp_path: Any) -> None:
    sink = (
        FileSink.for_row_format(str(tmp_path), Encoder.simple_string_encoder("UTF-16"))
        .with_output_file_config(
            OutputFileConfig.builder().with_part_prefix("p").with_part_suffix(".s").build()
        )
        .with_rolling_policy(RollingPolicy.on_checkpoint_rolling_policy())
        .with_rolling_policy(RollingPolicy.default_rolling_policy(part_size=10))
        .with_bucket_assigner(BucketAssigner.date_time_bucket_assigner("yyyy", "UTC"))
        .build()
    )
    env.from_collection([1]).sink_to(sink)
    assert runtime.called("fileSink") == [
        (
            {
                "path": str(tmp_path),
                "charset": "UTF-16",
                "part-prefix": "p",
                "part-suffix": ".s",
                "rolling.part-size": "10",
                "rolling.rollover-interval-ms": "60000",
                "rolling.inactivity-interval-ms": "60000",
                "bucket-assigner": "date-time",
                "bucket-format": "yyyy",
                "bucket-zone": "UTC",
            },
        )
    ]
    assert runtime.called("python")[0][2] == "STRING", "pickled records become text"
    with pytest.raises(ValueError):
        RollingPolicy.default_rolling_policy(part_size=0)
    with pytest.raises(TypeError, match="takes a Sink"):
        env.from_collection([1]).sink_to(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a SinkFunction"):
        env.from_collection([1]).add_sink(object())  # type: ignore[arg-type]


def test_runtime_mode(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    assert env.set_runtime_mode(RuntimeExecutionMode.BATCH) is env
    env.from_collection([1])
    assert runtime.settings()["execution.runtime-mode"] == "BATCH"


def test_functions_of_modules_that_workers_cannot_import(tmp_path: Any) -> None:
    import importlib.util
    import subprocess
    import sys

    from martlet.datastream.function_bytes import function_bytes

    path = tmp_path / "off_the_path.py"
    path.write_text("N = 2\ndef double(x):\n    return x * N\n")
    spec = importlib.util.spec_from_file_location("off_the_path", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["off_the_path"] = module
    spec.loader.exec_module(module)
    data = function_bytes(module.double, "map")
    code = f"import pickle; print(pickle.loads({data!r})(21))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "42"
    import json

    assert b"json" in function_bytes(json.dumps, "map")
    assert len(function_bytes(json.dumps, "map")) < 100, "by its name"
