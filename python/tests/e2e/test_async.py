"""Asynchronous functions in jobs: where they run, how they end, and what PyFlink's example does."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Configuration, JobStatus, Time, Types, WatermarkStrategy
from martlet.common.watermark_strategy import TimestampAssigner
from martlet.datastream import (
    AsyncDataStream,
    AsyncFunction,
    KeyedProcessFunction,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from martlet.datastream.async_retry_strategies import FixedDelayRetryStrategy
from martlet.datastream.state import ValueStateDescriptor
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, ValidationError

LONG = Types.LONG()
FETCHED = Path(__file__).resolve().parents[3] / ".cache" / "pyflink"


class Where(AsyncFunction[Any, Any]):
    async def async_invoke(self, value: Any) -> list[Any]:
        await asyncio.sleep(0)
        return [(value, os.getpid())]


def test_a_worker_of_its_own_with_the_functions_behind(env: StreamExecutionEnvironment) -> None:
    stream = env.from_collection([1, 2, 3]).map(lambda v: os.getpid())
    answered = AsyncDataStream.ordered_wait(stream, Where(), Time.seconds(60))
    for before, own, behind in collect(answered.map(lambda pair: (*pair, os.getpid()))):
        assert before != own
        assert own == behind


@pytest.mark.parametrize("runner", ["threads", "single-thread"])
@pytest.mark.parametrize("parallelism", [1, 4])
def test_behind_a_key_and_before_one(parallelism: int, runner: str) -> None:
    configuration = Configuration()
    configuration.set_string("martlet.runner", runner)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(parallelism)
    keyed = env.from_collection(list(range(200)), LONG).key_by(lambda v: v % 7, LONG)
    answered = AsyncDataStream.unordered_wait(keyed, Where(), Time.seconds(60), 10)
    by_key = answered.key_by(lambda pair: pair[0] % 7, LONG).reduce(
        lambda a, b: (a[0] + b[0], a[1] if a[1] == b[1] else -1)
    )
    results = collect(by_key)
    assert len(results) == 200
    assert -1 not in {pid for _, pid in results}, "the rows of a key go to one instance"
    totals = [sum(range(key, 200, 7)) for key in range(7)]
    assert set(totals) <= {total for total, _ in results}


def test_timers_behind_it_wait_for_its_results(env: StreamExecutionEnvironment) -> None:
    """In one stage: the watermark that fires them comes after the last result."""

    class Slow(AsyncFunction[Any, Any]):
        async def async_invoke(self, value: Any) -> list[Any]:
            await asyncio.sleep(0.001 * (20 - value[1]))
            return [value]

    class Sum(KeyedProcessFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.sum = runtime_context.get_state(ValueStateDescriptor("sum", LONG))

        def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
            self.sum.update((self.sum.value() or 0) + value[1])
            ctx.timer_service().register_event_time_timer(100)

        def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Any:
            yield ctx.get_current_key(), self.sum.value(), timestamp

    class Second(TimestampAssigner):
        def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
            return int(value[1])

    rows = [("a", n) for n in range(10)] + [("b", n) for n in range(10, 20)]
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Second())
    stream = env.from_collection(rows).assign_timestamps_and_watermarks(strategy)
    answered = AsyncDataStream.unordered_wait(stream, Slow(), Time.seconds(60), 3)
    results = answered.key_by(lambda row: row[0], Types.STRING()).process(Sum())
    assert sorted(collect(results)) == [("a", 45, 100), ("b", 145, 100)]


def test_many_rows_in_several_instances(env: StreamExecutionEnvironment) -> None:
    class Square(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            await asyncio.sleep(0.001 if value % 100 == 0 else 0)
            return [value * value]

    env.set_parallelism(2)
    stream = AsyncDataStream.unordered_wait(
        env.from_collection(list(range(1, 20_001)), LONG), Square(), Time.seconds(60), 50, LONG
    )
    assert sorted(collect(stream)) == [n * n for n in range(1, 20_001)]


def test_an_exception_has_the_users_traceback(env: StreamExecutionEnvironment) -> None:
    class Lookup(AsyncFunction[Any, Any]):
        async def async_invoke(self, value: Any) -> list[Any]:
            await asyncio.sleep(0)
            return [{1: "one"}[value]]

    stream = AsyncDataStream.unordered_wait(
        env.from_collection([1, 2], LONG), Lookup(), Time.seconds(60)
    )
    with pytest.raises(JobExecutionError) as caught:
        collect(stream)
    error = caught.value
    assert isinstance(error.__cause__, KeyError) and error.__cause__.args == (2,)
    assert "async_invoke" in (error.traceback or "") and error.record == "2"
    assert "async wait operator" in str(error)
    assert "martlet/worker" not in str(error), "the frames are the user's own"


def test_a_job_whose_calls_never_end_can_be_cancelled(env: StreamExecutionEnvironment) -> None:
    class Never(AsyncFunction[Any, Any]):
        async def async_invoke(self, value: Any) -> list[Any]:
            if value == 2:
                await asyncio.Event().wait()
            return [value]

    for wait in (AsyncDataStream.ordered_wait, AsyncDataStream.unordered_wait):
        stream = wait(env.from_collection([1, 2, 3], LONG), Never(), Time.seconds(0), 1, LONG)
        with stream.execute_and_collect() as results:
            assert next(results) == 1
            client = results.get_job_client()
            client.cancel().result()
            assert client.get_job_status().result() is JobStatus.CANCELED


def test_what_is_wrong_is_said_at_the_call(env: StreamExecutionEnvironment) -> None:
    stream = env.from_collection([1], LONG)

    class NotAsync(AsyncFunction[Any, Any]):
        def async_invoke(self, value: Any) -> list[Any]:  # type: ignore[override]
            return [value]

    class Generates(AsyncFunction[Any, Any]):
        async def async_invoke(self, value: Any) -> Any:  # type: ignore[override]
            yield value

    wait = AsyncDataStream.ordered_wait
    for function in (NotAsync(), Generates(), None):
        with pytest.raises(ValidationError, match="should be declared as 'async def'"):
            wait(stream, function, Time.seconds(1))  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"timeout must be a Time such as Time.seconds\(10\), got 5"
    ):
        wait(stream, Where(), 5)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="The capacity must be greater than 0, got 0"):
        wait(stream, Where(), Time.seconds(1), 0)
    with pytest.raises(TypeError, match="output_type must be a TypeInformation"):
        wait(stream, Where(), Time.seconds(1), output_type=int)  # type: ignore[arg-type]
    retry = AsyncDataStream.unordered_wait_with_retry
    with pytest.raises(ValidationError, match="Async retry strategy should not be None"):
        retry(stream, Where(), Time.seconds(1), None)  # type: ignore[arg-type]
    strategy = FixedDelayRetryStrategy[Any](1, 1, None, None)
    with pytest.raises(ValidationError, match="Timeout should be configured when do async with"):
        retry(stream, Where(), Time.seconds(0), strategy)


STAND_IN = """
import runpy, sys, types
from pyflink.common import Row, Types
from pyflink.datastream import StreamExecutionEnvironment

class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: self

class Tables(Anything):
    @staticmethod
    def create(stream_execution_environment):
        Tables.env = stream_execution_environment
        return Tables()

    def to_data_stream(self, table):
        rows = [Row(user_id=n, comments=f"comment {n}") for n in range(20)]
        types = Types.ROW_NAMED(["user_id", "comments"], [Types.INT(), Types.STRING()])
        return self.env.from_collection(rows, types)

# A bounded source in the place of a table that never ends, and no checkpoints of it.
tables = types.ModuleType("pyflink.table")
tables.StreamTableEnvironment = Tables
tables.TableDescriptor = tables.Schema = tables.DataTypes = Anything()
sys.modules["pyflink.table"] = tables
StreamExecutionEnvironment.enable_checkpointing = lambda self, *args: self
script = sys.argv.pop(1)
runpy.run_path(script, run_name="__main__")
"""


def test_the_example_of_pyflink(tmp_path: Path) -> None:
    """A model service that fails now and then, retried; the script is PyFlink's own."""
    home = os.environ.get("MARTLET_PYFLINK_HOME")
    package = Path(home) if home else FETCHED
    script = package / "examples" / "datastream" / "asyncio" / "remote_model_inference.py"
    if not script.exists():
        pytest.skip("PyFlink's examples are not there: `make test-python` fetches them")
    driver = tmp_path / "driver.py"
    driver.write_text(STAND_IN)
    done = subprocess.run(
        [sys.executable, "-m", "martlet.compat", str(driver), str(script)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    heading, *lines = done.stdout.splitlines()
    assert heading.startswith("Printing result to stdout.")
    results = [json.loads(line.partition("> ")[2] or line) for line in lines]
    assert sorted(result["user_id"] for result in results) == list(range(20))
    assert {result["comments"] for result in results} == {f"comment {n}" for n in range(20)}
    assert {result["analysis_result"] for result in results} <= {"positive", None}
