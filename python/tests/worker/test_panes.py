"""Windows that slide over shared panes, beside a model that keeps each window by itself.

Rows come in any order, some of them late, and between them barriers, restarts, and times at which
the cache drops what it has.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_window_model import Sum, model, ms, rising
from test_windows import Backend, Listing, add
from window_runtime import Job, operation

from martlet.common.typeinfo import Types
from martlet.datastream import OutputTag
from martlet.datastream.functions import ProcessWindowFunction
from martlet.datastream.state import ValueStateDescriptor
from martlet.datastream.window import SlidingEventTimeWindows
from martlet.worker.window.contents import Reduced

rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(-20, 120)), max_size=8
)
steps = st.lists(
    st.one_of(rows, rows, st.integers(-20, 140), st.sampled_from(["barrier", "evict", "restart"])),
    max_size=16,
)
#: (panes of a window, panes from one window to the next, length of a pane, offset)
shapes = st.sampled_from([(60, 1, 1, 0), (12, 1, 5, 3), (9, 2, 3, 0), (4, 3, 7, 2), (6, 6, 4, 1)])
LATE = OutputTag("late", Types.TUPLE([Types.STRING(), Types.LONG()]))


class Average(Sum):
    """Keeps what cannot be changed in place."""

    def create_accumulator(self) -> Any:
        return 0, 0

    def add(self, value: Any, accumulator: Any) -> Any:
        return accumulator[0] + value[1], accumulator[1] + 1

    def merge(self, acc_a: Any, acc_b: Any) -> Any:
        return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]


class Nested(Sum):
    """Keeps what only a deep copy protects, and changes both of what it merges."""

    def create_accumulator(self) -> Any:
        return {"parts": [0, 0]}

    def add(self, value: Any, accumulator: Any) -> Any:
        accumulator["parts"][0] += value[1]
        accumulator["parts"][1] += 1
        return accumulator

    def get_result(self, accumulator: Any) -> Any:
        result = tuple(accumulator["parts"])
        accumulator["parts"].clear()
        return result

    def merge(self, acc_a: Any, acc_b: Any) -> Any:
        for i in range(2):
            acc_a["parts"][i] += acc_b["parts"][i]
        acc_b["parts"].clear()
        return acc_a


class Runs:
    """A job that is stopped and goes on, as another one with what the runtime has kept."""

    def __init__(self, chunk: int, monkeypatch: Any, **kind: Any) -> None:
        self.backend = Backend(monkeypatch)
        self.chunk = chunk
        self.operation = operation(late=LATE, **kind)
        self.job = Job(self.operation, chunk=chunk)
        assert type(self.job.stage._opened[1][1].operator).__name__ == "PaneOperator"
        self.results: list[Any] = []

    def evict(self) -> None:
        for states in self.job.stage.states._keyed:
            states.write_back()
            states.store.evict(1000)

    def restart(self) -> None:
        old = self.job
        old.barrier()
        # The old one must not get at what the new one keeps.
        self.backend.kept = copy.deepcopy(self.backend.kept)
        self.results += old.results
        self.job = Job(self.operation, chunk=self.chunk, state_empty=False)
        self.job.heaps, self.job.known, self.job.order = old.heaps, old.known, old.order
        self.job.stage.native.watermark = old.stage.native.watermark

    def run(self, taken: list[Any]) -> list[Any]:
        for what in taken:
            if isinstance(what, int):
                self.job.watermark(what)
            elif what == "barrier":
                self.job.barrier()
            elif isinstance(what, str):
                getattr(self, what)()
            else:
                self.job.rows(*what)
        self.job.barrier()
        assert [store.count for store in self.job.stores] == [0, 0]
        assert self.job.known == set()
        assert self.backend.kept == {}
        return self.results + self.job.results


def split(results: list[Any]) -> tuple[list[Any], list[Any]]:
    """Values of the main output, and of the side output."""
    return [v for out, v, _ in results if out == 0], sorted(v for out, v, _ in results if out == 1)


@pytest.mark.parametrize("accumulator", [Sum, Average, Nested])
def test_panes_do_as_windows_of_their_own_do(accumulator: Any, monkeypatch: Any) -> None:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(taken=steps, shape=shapes, chunk=st.sampled_from([1, 3, 8192]))
    def check(taken: list[Any], shape: Any, chunk: int) -> None:
        panes, step, pane, offset = shape
        size, slide = panes * pane, step * pane
        watermark, kept, late = -(2**63), [], []
        taken = rising(taken)
        for what in taken:
            if isinstance(what, int):
                watermark = what
            if isinstance(what, list):
                late += [
                    (key, number)
                    for key, number, time in what
                    if time - (time - offset) % slide + size - 1 <= watermark
                ]
            if not isinstance(what, str):
                kept.append(what)

        def windows_of(time: int) -> list[tuple[int, int]]:
            first = time - (time - offset) % slide
            return [(start, start + size) for start in range(first, time - size, -slide)]

        assigner = SlidingEventTimeWindows.of(ms(size), ms(slide), ms(offset))
        expected = model(kept, windows_of, False, 0)
        kinds: dict[str, Any] = {
            "function": Listing(),
            "reduce": add,
            "aggregate": accumulator(),
        }
        for kind, what in kinds.items():
            runs = Runs(chunk, monkeypatch, assigner=assigner, **{kind: what})
            results, aside = split(runs.run(taken))
            assert aside == sorted(late)
            if kind == "function":
                assert sorted(results) == sorted(expected)
                assert [end for _, _, end, _ in results] == [end for _, _, end, _ in expected]
            elif kind == "reduce":
                assert sorted(results) == sorted((k, sum(n)) for k, _, _, n in expected)
            else:
                assert sorted(results) == sorted((sum(n), len(n)) for _, _, _, n in expected)

    check()


def test_a_window_takes_few_calls_however_many_panes_it_has(monkeypatch: Any) -> None:
    calls = 0
    original = Reduced.__init__

    def counting(self: Any, states: Any, name: str, text: str, function: Any) -> None:
        def reduce(a: Any, b: Any) -> Any:
            nonlocal calls
            calls += 1
            return function(a, b)

        original(self, states, name, text, reduce)

    monkeypatch.setattr(Reduced, "__init__", counting)
    job = Job(operation(SlidingEventTimeWindows.of(ms(60), ms(1)), reduce=add))
    for time in range(300):
        job.rows(("a", 1, time))
        job.watermark(time)
    assert job.results[-1] == (0, ("a", 60), 299)
    assert 300 < calls <= 3 * 300


class Stateful(ProcessWindowFunction[Any, Any, Any, Any]):
    """Has state of its window, some of which it leaves there until the end."""

    def process(self, key: Any, context: Any, elements: Any) -> Any:
        state = context.window_state().get_state(ValueStateDescriptor("n", Types.LONG()))
        before = state.value()
        state.update(len(elements))
        yield key, context.window().start, before

    def clear(self, context: Any) -> None:
        context.window_state().get_state(ValueStateDescriptor("n", Types.LONG())).clear()


def test_a_windows_own_state_is_not_that_of_a_pane() -> None:
    job = Job(operation(SlidingEventTimeWindows.of(ms(3), ms(1)), function=Stateful()))
    job.rows(("a", 1, 0), ("b", 1, 1), ("a", 2, 1))
    job.watermark(100)
    assert sorted(value for _, value, _ in job.results) == [
        ("a", -2, None),
        ("a", -1, None),
        ("a", 0, None),
        ("a", 1, None),
        ("b", -1, None),
        ("b", 0, None),
        ("b", 1, None),
    ]
    assert [store.count for store in job.stores] == [0, 0]


def test_the_runtime_has_one_timer_for_all_keys_until_a_barrier(monkeypatch: Any) -> None:
    Backend(monkeypatch)
    job = Job(operation(SlidingEventTimeWindows.of(ms(4), ms(1)), reduce=add))
    job.rows(*[(f"key {n}", n, 0) for n in range(50)])
    assert len(job.known) == 1
    job.watermark(0)
    assert len(job.results) == 50
    assert len(job.known) == 1
    job.barrier()
    assert len(job.known) == 50
    job.watermark(10)
    assert len(job.results) == 4 * 50
    assert job.known == set()
