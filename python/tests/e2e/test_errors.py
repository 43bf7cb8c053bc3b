"""What a user is told when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from martlet.common import Types, WatermarkStrategy
from martlet.common.typeinfo import TypeInformation
from martlet.datastream import MapFunction, StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, ValidationError, ValueMismatchError


class OddError(Exception):
    pass


def fail_on_three(x: int) -> Any:
    if x == 3:
        raise OddError("three is odd")
    return x


def test_a_function_that_raises(env: StreamExecutionEnvironment) -> None:
    with pytest.raises(JobExecutionError) as caught:
        collect(env.from_collection([1, 2, 3, 4]).map(fail_on_three).name("Odd"))
    error = caught.value
    assert "three is odd" in str(error) and "Odd" in str(error)
    assert isinstance(error.__cause__, OddError) and error.__cause__.args == ("three is odd",)
    assert (error.exception_type or "").endswith("OddError")
    assert "fail_on_three" in (error.traceback or "") and error.record == "3"
    assert str(error).count("fail_on_three") == 1, "the traceback is shown once"
    assert "martlet/worker" not in str(error), "the frames are the user's own"


@pytest.mark.parametrize("kind", ["key", "filter", "flat_map", "reduce", "open", "partition"])
def test_wherever_it_raises(env: StreamExecutionEnvironment, kind: str) -> None:
    def broken(*_: Any) -> Any:
        raise OddError(kind)

    class BrokenOpen(MapFunction):
        def open(self, runtime_context: Any) -> None:
            raise OddError(kind)

        def map(self, value: Any) -> Any:
            return value

    stream = env.from_collection([1, 2])
    failing = {
        "key": lambda: stream.key_by(broken).reduce(lambda a, b: a),
        "filter": lambda: stream.filter(broken),
        "flat_map": lambda: stream.flat_map(broken),
        "reduce": lambda: stream.key_by(lambda v: 0).reduce(broken),
        "open": lambda: stream.map(BrokenOpen()),
        "partition": lambda: stream.partition_custom(broken, lambda v: v).map(str),
    }[kind]()
    with pytest.raises(JobExecutionError) as caught:
        collect(failing)
    assert isinstance(caught.value.__cause__, OddError)


@pytest.mark.parametrize(
    ("type_info", "place"),
    [
        (Types.TUPLE([Types.STRING(), Types.INT()]), r"\[1\]"),
        (Types.ROW([Types.STRING(), Types.INT()]), "field 'f1'"),
    ],
    ids=["tuple", "row"],
)
def test_a_result_that_does_not_fit_its_type(
    env: StreamExecutionEnvironment, type_info: TypeInformation, place: str
) -> None:
    stream = env.from_collection([1, 2]).map(lambda x: ("a", "b" if x == 2 else 1), type_info)
    with pytest.raises(JobExecutionError, match=f"{place}: expected INT, got str 'b'") as caught:
        collect(stream)
    assert "Map" in str(caught.value)
    assert caught.value.record == "('a', 'b')" and "record: ('a', 'b')" in str(caught.value)


def test_an_annotation_that_is_wrong(env: StreamExecutionEnvironment) -> None:
    def wrong(x: int) -> int:
        return 2**70 if x == 2 else x

    with pytest.raises(JobExecutionError) as caught:
        collect(env.from_collection([1, 2]).map(wrong))
    message = str(caught.value)
    assert "out of range" in message
    assert "The type BIGINT comes from the annotation '-> int' of" in message
    assert "wrong' (" in message and "output_type=" in message


def test_errors_before_the_job_runs(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="No operators defined in streaming topology"):
        env.execute()
    with pytest.raises(ValueMismatchError, match="row 1: expected INT") as caught:
        env.from_collection([1, "x"], type_info=Types.INT())
    assert caught.value.row == 1
    missing = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), str(tmp_path / "missing")
    )
    with pytest.raises(ValidationError, match="No such file or directory"):
        env.from_source(missing.build(), WatermarkStrategy.no_watermarks(), "lines")
    other = StreamExecutionEnvironment.get_execution_environment()
    with pytest.raises(ValidationError, match="different environments"):
        env.from_collection([1]).union(other.from_collection([2]))


def test_an_environment_survives_a_failed_job(env: StreamExecutionEnvironment) -> None:
    with pytest.raises(JobExecutionError):
        collect(env.from_collection([3]).map(fail_on_three))
    assert collect(env.from_collection([1]).map(fail_on_three)) == [1]


def test_a_worker_that_dies(env: StreamExecutionEnvironment) -> None:
    def die(x: int) -> int:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
        return x

    with pytest.raises(JobExecutionError, match=r"SIGKILL|signal 9|killed"):
        collect(env.from_collection([1]).map(die))
    assert collect(env.from_collection([1])) == [1]


FAILING = """
from martlet.common import Configuration, Types
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat
from martlet.testing import collect

def fail(x):
    raise ValueError("no")

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
source = env.from_collection([1, 2])
stream = source.map(fail)
"""


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("stream.print(); env.execute()", "JobExecutionError"),
        ("list(stream.execute_and_collect())", "JobExecutionError"),
        ("stream.execute_and_collect().next()", "JobExecutionError"),
        ("stream.execute_and_collect(limit=1)", "JobExecutionError"),
        ("collect(stream)", "JobExecutionError"),
        (
            "stream.print(); env.execute_async().get_job_execution_result().result()",
            "JobExecutionError",
        ),
        ("env.from_collection([1, 'x'], Types.INT())", "ValueMismatchError"),
        ("source.union(env.from_collection(['x'], Types.STRING()))", "ValidationError"),
        ("source.key_by(fail).rebalance()", "ValidationError"),
        ("source.set_parallelism(0)", "ValidationError"),
        ("source.map(fail).name('a').set_max_parallelism(0)", "ValidationError"),
        ("env.close(); env.execute()", "ValidationError"),
        ("source.print().set_parallelism(0)", "ValidationError"),
        ("stream.execute_and_collect(limit=0)", "ValidationError"),
        ("import threading; source.map(threading.Lock().acquire)", "FunctionPicklingError"),
        ("env.add_python_file('nowhere.py')", "ValidationError"),
        ("env.configure(Configuration().set_string('a.b', 'c'))", "ConfigurationError"),
        (
            "FileSource.for_record_stream_format(StreamFormat.text_line_format(), 's3://a/b')",
            "NotSupportedError",
        ),
    ],
)
def test_an_error_shows_the_users_line(script: Any, call: str, error: str) -> None:
    with script(FAILING + call) as process:
        _, errors = process.communicate(timeout=60)
    frames = [line for line in errors.splitlines() if line.startswith('  File "')]
    assert len([line for line in frames if "/martlet/" in line]) <= 1, errors
    assert error in errors and errors.count("Traceback") <= (2 if "Job" in error else 1), errors
    assert any("job.py" in line for line in frames), errors
