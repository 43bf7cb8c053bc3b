"""Asynchronous steps: in a stage that is called, and in a worker with frames in flight."""

from __future__ import annotations

import asyncio
import struct
import sys
import threading
from collections.abc import Iterator
from typing import Any

import cloudpickle
import pytest
from worker_harness import Peer, step

from martlet import _native
from martlet.common.time import Time
from martlet.datastream.async_retry_predicates import has_exception_predicate
from martlet.datastream.async_retry_strategies import (
    NO_RETRY_STRATEGY,
    ExponentialBackoffDelayRetryStrategy,
    FixedDelayRetryStrategy,
)
from martlet.datastream.functions import AsyncFunction, AsyncFunctionDescriptor
from martlet.util.pickling import dump_function
from martlet.worker.opening import Opening, Step
from martlet.worker.protocol import Flag, Frame
from martlet.worker.stage import OpenStage

# Workers cannot import this file.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

LONG = "BIGINT"
Modes = AsyncFunctionDescriptor.OutputMode


class Echo(AsyncFunction[int, int]):
    async def async_invoke(self, value: int) -> list[int]:
        return [value]


def described(
    function: AsyncFunction[Any, Any],
    ordered: bool = True,
    capacity: int = 100,
    timeout: int = 60_000,
    strategy: Any = NO_RETRY_STRATEGY,
) -> AsyncFunctionDescriptor:
    mode = Modes.ORDERED if ordered else Modes.UNORDERED
    return AsyncFunctionDescriptor(function, Time(timeout), capacity, strategy, mode)


class Called:
    """A stage in this process."""

    def __init__(self, function: Any, output: str = LONG, more: Any = (), **options: Any) -> None:
        steps = [Step("async", "a", dump_function(described(function, **options)), output), *more]
        opening = Opening(job="job", operator="a", input=LONG, output=output, steps=steps)
        self.stage = OpenStage(opening)
        self.output = output

    def __call__(self, values: list[int], times: list[int | None] | None = None) -> list[Any]:
        body = _native.encode(values, LONG, timestamps=times)
        frames = self.stage.native.process(body, 0 if times is None else Flag.TIMESTAMPS)
        assert [flags & Flag.LAST for flags, _ in frames] == [0] * (len(frames) - 1) + [Flag.LAST]
        found: list[Any] = []
        for flags, data in frames:
            decoded = _native.decode_batch(data, self.output, None, flags)
            found += decoded[0] if times is None else zip(decoded[0], decoded[2] or [], strict=True)
        return found


@pytest.fixture
def called() -> Iterator[Any]:
    made: list[Called] = []

    def make(*args: Any, **options: Any) -> Called:
        made.append(Called(*args, **options))
        return made[-1]

    yield make
    for one in made:
        one.stage.abandon()


@pytest.mark.parametrize("capacity", [1, 3, 1000])
@pytest.mark.parametrize("ordered", [True, False])
def test_all_rows_are_answered(called: Any, ordered: bool, capacity: int) -> None:
    class Twice(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            await asyncio.sleep(0)
            return [value, -value]

    run = called(Twice(), ordered=ordered, capacity=capacity)
    for _ in range(3):
        found = run(list(range(1, 50)))
        assert sorted(found) == [*range(-49, 0), *range(1, 50)]
        if ordered:
            assert found == [sign * i for i in range(1, 50) for sign in (1, -1)]
    assert run([]) == []


def test_results_that_are_ready_together_leave_together(called: Any) -> None:
    class Pause(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            await asyncio.sleep(0)
            return [value]

    run = called(Pause(), ordered=False, capacity=100)
    frames = run.stage.native.process(_native.encode(list(range(2000)), LONG))
    assert len(frames) < 200, "a frame for each wave of calls, and not for each result"


def test_what_is_done_is_forgotten_long_before_its_deadline(called: Any) -> None:
    run = called(Echo(), capacity=10, timeout=3_600_000)
    assert len(run(list(range(5000)))) == 5000
    ((_, step),) = run.stage._opened
    assert len(step._invocations._deadlines) <= 2 * 10 + 65


def test_results_have_the_time_of_their_row(called: Any) -> None:
    run = called(Echo(), capacity=2)
    assert run([1, 2]) == [1, 2]
    assert run([1, 2, 3], [10, None, 30]) == [(1, 10), (2, None), (3, 30)]
    assert run([4], [40]) == [(4, 40)]


def test_steps_behind_see_each_result(called: Any) -> None:
    more = [
        Step("map", "m", dump_function(lambda x: x + 1), LONG),
        Step("key_by", "k", dump_function(lambda x: x % 2), LONG),
        Step("reduce", "r", dump_function(lambda a, b: a + b), key=LONG, value=LONG),
    ]
    assert called(Echo(), more=more)([1, 2, 3, 4]) == [2, 3, 6, 8]


def test_one_thread_and_one_loop(called: Any) -> None:
    class Where(AsyncFunction[int, int]):
        def open(self, runtime_context: Any) -> None:
            self.seen: set[tuple[int, int]] = set()

        async def async_invoke(self, value: int) -> list[int]:
            self.seen.add((threading.get_ident(), id(asyncio.get_running_loop())))
            await asyncio.sleep(0)
            return [len(self.seen), threading.get_ident()]

    counts = called(Where())(list(range(20)))
    assert set(counts[::2]) == {1}
    assert threading.get_ident() not in counts[1::2]


def test_an_exception_fails_with_its_traceback_and_the_row(called: Any) -> None:
    class Fails(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            if value == 3:
                raise LookupError("no such thing")
            await asyncio.Event().wait()  # the row before never ends
            return []

    run = called(Fails())
    with pytest.raises(LookupError, match="no such thing") as caught:
        run([1, 2, 3])
    assert run.stage.native.failure == ("user", 0, 3)
    assert caught.traceback[-1].name == "async_invoke"


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (None, "The result of AsyncFunction cannot be none, please check the methods"),
        (7, "should be of list type, not int 7, please check"),
        ("text", "should be of list type, not str 'text', please check"),
    ],
)
def test_what_is_no_list_is_refused(called: Any, results: Any, message: str) -> None:
    class Wrong(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            return results  # type: ignore[no-any-return]

    with pytest.raises(RuntimeError, match=message):
        called(Wrong())([1])


def test_a_cancelled_call_is_a_failure(called: Any) -> None:
    class Cancels(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        called(Cancels())([1])


class Hangs(AsyncFunction[int, int]):
    """Odd values take for ever, until they are cancelled."""

    def open(self, runtime_context: Any) -> None:
        self.cancelled: list[int] = []

    async def async_invoke(self, value: int) -> list[int]:
        try:
            if value % 2:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(value)
            raise
        return [value, *self.cancelled]

    def timeout(self, value: int) -> list[int]:
        return [-value]


def test_what_takes_too_long_is_cancelled_and_makes_room(called: Any) -> None:
    run = called(Hangs(), timeout=20, capacity=1)
    assert run([1, 2, 3, 4]) == [-1, 2, 1, -3, 4, 1, 3]


def test_a_timeout_that_is_not_overridden_fails(called: Any) -> None:
    class Stuck(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            await asyncio.Event().wait()
            return []

    with pytest.raises(TimeoutError, match="Async function call has timed out for input: 5"):
        called(Stuck(), timeout=10)([5])


def test_a_predicate_that_fails_fails_the_job(called: Any) -> None:
    def broken(results: list[int]) -> bool:
        raise ZeroDivisionError("in the predicate")

    with pytest.raises(ZeroDivisionError, match="in the predicate"):
        called(Echo(), strategy=FixedDelayRetryStrategy(1, 1, broken, None))([1])


def test_the_delays_of_strategies() -> None:
    fixed = FixedDelayRetryStrategy(2, 7, None, has_exception_predicate)
    assert [fixed.can_retry(n) for n in (1, 2, 3)] == [True, True, False]
    assert [fixed.get_backoff_time_millis(n) for n in (1, 2)] == [7, 7]
    growing = ExponentialBackoffDelayRetryStrategy(5, 10, 50, 2.5, None, has_exception_predicate)
    assert [growing.get_backoff_time_millis(n) for n in (1, 2, 3, 1, 2)] == [10, 25, 50, 10, 25]
    assert growing.get_retry_predicate().exception_predicate() is has_exception_predicate
    with pytest.raises(AssertionError, match=r"max_attempts should be greater than zero\."):
        FixedDelayRetryStrategy(0, 1, None, None)


# In a worker


def watermark(time: int) -> bytes:
    return struct.pack("<q", time)


class Gate(AsyncFunction[int, int]):
    """A value waits until a later one says that it may go on: -n lets n go on."""

    def open(self, runtime_context: Any) -> None:
        self.gates: dict[int, asyncio.Event] = {}

    def gate(self, value: int) -> asyncio.Event:
        return self.gates.setdefault(value, asyncio.Event())

    async def async_invoke(self, value: int) -> list[int]:
        if value < 0:
            self.gate(-value).set()
        elif value > 0:
            await self.gate(value).wait()
        return [value]


def opened(worker: Peer, function: Any, **options: Any) -> None:
    answer = worker.open(LONG, LONG, [step("async", described(function, **options), LONG)])
    assert answer.kind == Frame.READY, answer.error


def send(worker: Peer, *values: int) -> int:
    return worker.send(Frame.BATCH, _native.encode(list(values), LONG))


def told(worker: Peer, count: int) -> list[tuple[int, Any, bool]]:
    """The next answers: sequence, values or None for an echo, last."""
    answers = [worker.read() for _ in range(count)]
    return [
        (a.sequence, worker.values(a) if a.kind == Frame.RESULT else None, a.last) for a in answers
    ]


def test_results_leave_while_others_wait(worker: Peer) -> None:
    opened(worker, Gate(), ordered=False)
    first = send(worker, 1, 0)
    assert told(worker, 1) == [(first, [0], False)]
    second = send(worker, 2)
    third = send(worker, -2)
    found: list[int] = []
    while sorted(found) != [-2, 2]:
        ((sequence, values, last),) = told(worker, 1)
        assert (sequence, last) == (first, False)
        found += values
    fourth = send(worker, -1)
    found = []
    ends: list[int] = []
    while fourth not in ends:
        ((sequence, values, last),) = told(worker, 1)
        found += values
        ends += [sequence] if last else []
    assert (sorted(found), ends) == ([-1, 1], [first, second, third, fourth])
    assert worker.end() == ([], {})


def test_a_watermark_waits_for_the_rows_before_it_and_holds_those_behind(worker: Peer) -> None:
    opened(worker, Gate(), ordered=False)
    first = send(worker, 1)
    mark = worker.send(Frame.WATERMARK, watermark(5))
    second = send(worker, 0, -1)
    found = told(worker, 3)
    assert found[:2] == [(first, [1], True), (mark, None, False)]
    (sequence, values, last) = found[2]
    assert (sequence, sorted(values)) == (second, [-1, 0])
    if not last:
        assert told(worker, 1) == [(second, [], True)]
    assert worker.end() == ([], {})


def test_the_end_waits_for_all_rows(worker: Peer) -> None:
    opened(worker, Gate(), ordered=True)
    first = send(worker, 1, 2)
    send(worker, -2, -1)
    end = worker.send(Frame.END)
    found: list[int] = []
    while True:
        answer = worker.read()
        if answer.kind == Frame.ECHO:
            break
        found += worker.values(answer)
    assert (answer.sequence, found) == (end, [1, 2, -2, -1])
    assert first < end
    assert worker.at_end()


def test_capacity_holds_rows_back(worker: Peer) -> None:
    opened(worker, Hangs(), ordered=False, capacity=1, timeout=50)
    send(worker, 1, 3, 4)
    end = worker.send(Frame.END)
    values: list[int] = []
    while (answer := worker.read()).kind != Frame.ECHO:
        values += worker.values(answer)
    assert (answer.sequence, values) == (end, [-1, -3, 4, 1, 3])


def test_a_failure_is_reported_as_the_users(worker: Peer) -> None:
    class Fails(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            raise ValueError(f"not {value}")

    opened(worker, Fails())
    send(worker, 3)
    answer = worker.read()
    assert answer.error["kind"] == "user"
    assert answer.error["message"] == "not 3"
    assert answer.error["record"] == "3"
    assert "in async_invoke" in answer.error["traceback"]
    assert "invocation.py" not in answer.error["traceback"]


@pytest.mark.parametrize("rows", [[1], [1, 2, 3]])
def test_a_runtime_that_is_gone_ends_all_waiting(worker: Peer, rows: list[int]) -> None:
    """Both where the next frame is awaited, and where there is no room for a row."""
    opened(worker, Gate(), capacity=2)
    send(worker, *rows, 0) if len(rows) > 1 else send(worker, *rows)
    worker.stream.close()
    # The fixture waits for the worker's end.
