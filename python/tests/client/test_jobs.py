"""Starting jobs, waiting for them, and taking their records."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from fake_facade import FakeRuntime

pytest.importorskip("martlet._native")

from martlet import _native
from martlet.common import JobStatus, Types
from martlet.datastream import StreamExecutionEnvironment
from martlet.testing import CollectingSink, collect
from martlet.util.exceptions import JobExecutionError, ValidationError


def batches(runtime: FakeRuntime, *groups: list[Any], type_text: str = "PICKLED") -> None:
    left = [b"\0" + _native.encode(group, type_text) for group in groups]
    runtime.answers["CollectSink.next"] = lambda rows: left.pop(0) if left else None


def test_execute(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.from_collection([1]).print()
    result = env.execute("my job")
    assert result.get_net_runtime() == 12 and str(result.get_job_id()) == "0" * 32
    assert "Job Runtime: 12 ms" in str(result)
    assert runtime.called("execute") == [("my job",)]
    client = dict(runtime.called("set"))
    assert client["martlet.client.cwd"].startswith("/")
    assert client["martlet.client.compat"] in ("true", "false")
    assert all(path.startswith("/") for path in client["martlet.client.sys-path"].split("\n"))


def test_execute_async(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.from_collection([1]).print()
    client = env.execute_async()
    assert runtime.called("execute") == [("Flink Streaming Job", True)]
    assert str(client.get_job_id()) == "0" * 32
    assert client.get_job_status().result() is JobStatus.FINISHED
    future = client.get_job_execution_result()
    assert future.done() and future.result().get_net_runtime() == 12
    assert future.exception() is None and not future.cancelled()
    client.cancel().result()
    assert runtime.called("cancel") == [()]


def test_metrics(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    runtime.answers["Job.metrics"] = {"source.bytes-read": "12.0"}
    stream = env.from_collection([1])
    with stream.execute_and_collect() as rows:
        assert rows.get_job_client().get_metrics().result() == {"source.bytes-read": 12.0}


def test_a_cancelled_job_has_no_result(
    env: StreamExecutionEnvironment, runtime: FakeRuntime
) -> None:
    env.from_collection([1]).print()
    runtime.answers["Job.status"] = "CANCELED"
    future = env.execute_async().get_job_execution_result()
    assert isinstance(future.exception(), JobExecutionError)
    with pytest.raises(JobExecutionError, match="was cancelled"):
        future.result()


def test_execute_and_collect(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    batches(runtime, [1, 2], [], [3])
    with env.from_collection([1]).execute_and_collect("name") as rows:
        assert list(rows) == [1, 2, 3]
    assert runtime.called("execute") == [("name",)]
    assert runtime.called("cancel") == [], "the job ended by itself"
    batches(runtime, [1, 2, 3])
    assert env.from_collection([1]).execute_and_collect(limit=2) == [1, 2]
    assert runtime.called("cancel") == [()] and runtime.called("close") == [()]
    batches(runtime, [1])
    assert env.from_collection([1]).execute_and_collect(limit=5) == [1]
    batches(runtime, [1, 2])
    iterator = env.from_collection([1]).execute_and_collect()
    assert iterator.next() == 1
    iterator.close()
    assert list(iterator) == []
    with pytest.raises(ValidationError, match="Limit"):
        env.from_collection([1]).execute_and_collect(limit=0)


def test_collecting_sinks(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    batches(runtime, [(1, "a")], [(2, "b")], type_text="TUPLE<BIGINT, STRING>")
    pair = Types.TUPLE([Types.LONG(), Types.STRING()])
    stream = env.from_collection([], type_info=pair)
    sink = CollectingSink()
    stream.add_sink(sink)
    assert sink.results == []
    env.execute()
    assert sink.results == [(1, "a"), (2, "b")]
    sink.clear()
    assert sink.results == []
    with pytest.raises(ValidationError, match="one stream"):
        stream.add_sink(sink)
    batches(runtime, [5])
    assert collect(env.from_collection([5])) == [5]


class FakeJavaError:
    """What the runtime throws when a job fails."""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts

    def toString(self) -> str:
        return f"martlet.JobException: {self.facts['getMessage']}"

    def __getattr__(self, name: str) -> Any:
        return lambda: self.facts.get(name)


def failing(runtime: FakeRuntime, **facts: Any) -> None:
    from py4j.protocol import Py4JJavaError

    error = Py4JJavaError.__new__(Py4JJavaError)
    error.java_exception = FakeJavaError(**facts)
    runtime.answers["Job.await"] = error


def test_a_function_that_raises(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.from_collection([1]).print()
    failing(
        runtime,
        getMessage="Map (1/1): the function raised KeyError: 'x'",
        code="user-function",
        location="Map (1/1)",
        exceptionType="builtins.KeyError",
        traceback='  File "job.py", line 3, in f\n',
        record="('a', 1)",
        pickledException=pickle.dumps(KeyError("x")),
    )
    with pytest.raises(JobExecutionError, match="KeyError: 'x'") as caught:
        env.execute()
    error = caught.value
    assert isinstance(error.__cause__, KeyError) and error.__cause__.args == ("x",)
    assert error.operator == "Map (1/1)" and error.record == "('a', 1)"
    assert error.exception_type == "builtins.KeyError" and "job.py" in (error.traceback or "")
    assert str(error).endswith("line 3, in f")


def test_a_wrong_annotation_is_named(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    def wrong(x: int) -> int:
        return str(x)  # type: ignore[return-value]

    env.from_collection([1]).map(wrong).name("Wrong").print()
    failing(
        runtime,
        getMessage="Wrong (1/1): expected BIGINT, got str '1'",
        code="bad-value",
        location="Wrong (1/1)",
    )
    with pytest.raises(JobExecutionError) as caught:
        env.execute()
    assert "The type BIGINT comes from the annotation '-> int' of" in str(caught.value)
    assert "correct it, or pass output_type=" in str(caught.value)


def test_wrong_calls(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    from py4j.protocol import Py4JJavaError

    error = Py4JJavaError.__new__(Py4JJavaError)
    error.java_exception = FakeJavaError(getMessage="")
    error.java_exception.toString = (  # type: ignore[method-assign]
        lambda: "martlet.ValidationException: No operators defined: cannot execute"
    )
    runtime.answers["StreamEnvironment.execute"] = error
    with pytest.raises(ValidationError, match=r"^No operators defined: cannot execute$") as caught:
        env.execute()
    assert caught.value.__context__ is None, "no frames of the client's"


def test_plan_and_clear(env: StreamExecutionEnvironment, runtime: FakeRuntime) -> None:
    env.close()
    assert runtime.calls == [], "nothing was built"
    runtime.answers["StreamEnvironment.executionPlan"] = '{"nodes":[]}'
    assert env.get_execution_plan() == '{"nodes":[]}'
    env.close()
    assert runtime.called("clear") == [()]
