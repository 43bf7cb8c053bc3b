"""Any windows over any rows: what comes out is what a simple model says, by every way there is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_windows import Listing, add
from window_runtime import Job, operation

from martlet.common.time import Time
from martlet.datastream.functions import AggregateFunction
from martlet.datastream.window import (
    EventTimeSessionWindows,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
)
from martlet.worker.window import step as window_step

Row = tuple[str, int, int]
rows = st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(-30, 60))
steps = st.lists(st.one_of(st.lists(rows, max_size=8), st.integers(-30, 80)), max_size=12)
"""Batches of rows, and watermarks in between."""


class Sum(AggregateFunction):
    """Sums up in place, with a count."""

    def create_accumulator(self) -> Any:
        return [0, 0]

    def add(self, value: Any, accumulator: Any) -> Any:
        accumulator[0] += value[1]
        accumulator[1] += 1
        return accumulator

    def get_result(self, accumulator: Any) -> Any:
        return tuple(accumulator)

    def merge(self, acc_a: Any, acc_b: Any) -> Any:
        acc_a[0] += acc_b[0]
        acc_a[1] += acc_b[1]
        return acc_a


def ms(time: int) -> Time:
    return Time.milliseconds(time)


def model(
    taken: list[list[Row] | int], windows_of: Any, merges: bool, lateness: int
) -> list[tuple[Any, ...]]:
    """(key, start, end, numbers) of all evaluations."""
    live: dict[str, dict[tuple[int, int], list[int]]] = {}
    out, watermark = [], -(2**63)

    def fire(key: str, window: tuple[int, int]) -> None:
        out.append((key, *window, list(live[key][window])))

    for what in taken:
        if isinstance(what, int):
            due = [
                (end - 1, key, start, end)
                for key, windows in live.items()
                for start, end in windows
                if watermark < end - 1 <= what
            ]
            for _, key, start, end in sorted(due):
                fire(key, (start, end))
            watermark = max(watermark, what)
            for windows in live.values():
                for start, end in list(windows):
                    if end - 1 + lateness <= watermark:
                        del windows[start, end]
            continue
        for key, number, time in what:
            windows = live.setdefault(key, {})
            for start, end in windows_of(time):
                parts: list[tuple[int, int]] = []
                if merges:
                    parts = [w for w in windows if w[0] <= end and w[1] >= start]
                    start = min([start, *(w[0] for w in parts)])
                    end = max([end, *(w[1] for w in parts)])
                if end - 1 + lateness <= watermark:
                    continue
                numbers = [n for w in parts for n in windows.pop(w)]
                window = (start, end)
                windows[window] = [*windows.get(window, []), *numbers, number]
                if end - 1 <= watermark:
                    fire(key, window)
    return out


def rising(taken: list[list[Row] | int]) -> list[list[Row] | int]:
    """Watermarks that do not rise are left out; at the end, one that is after everything."""
    out: list[list[Row] | int] = []
    last = -(2**63)
    for what in taken:
        if isinstance(what, int):
            if what <= last:
                continue
            last = what
        out.append(what)
    return [*out, 1000]


def run(given_operation: Any, taken: list[list[Row] | int], chunk: int = 8192) -> Job:
    job = Job(given_operation, chunk=chunk)
    for what in taken:
        if isinstance(what, int):
            job.watermark(what)
        else:
            job.rows(*what)
    assert [store.count for store in job.stores] == [0, 0]
    assert job.known == set()
    return job


@pytest.fixture(params=["fast", "general"])
def way(request: Any, monkeypatch: Any) -> str:
    """The operators that are made for a case, and the one that can do them all."""
    if request.param == "general":
        for check in (
            "is_plain_tumbling",
            "can_share_panes",
            "are_plain_sessions",
            "is_plain_count",
        ):
            monkeypatch.setattr(window_step, check, lambda _: False)
    return str(request.param)


def assigners(shape: tuple[str, int, int, int]) -> tuple[Any, Any, bool]:
    kind, size, slide, offset = shape
    if kind == "tumbling":
        offset %= size
        assigner: Any = TumblingEventTimeWindows.of(ms(size), ms(offset))
        starts: Any = lambda t: [t - (t - offset) % size]  # noqa: E731
    elif kind == "sliding":
        offset %= slide
        assigner = SlidingEventTimeWindows.of(ms(size), ms(slide), ms(offset))
        starts = lambda t: list(range(t - (t - offset) % slide, t - size, -slide))  # noqa: E731
    else:
        assigner = EventTimeSessionWindows.with_gap(ms(size))
        starts = lambda t: [t]  # noqa: E731
    return assigner, (lambda t: [(s, s + size) for s in starts(t)]), kind == "sessions"


shapes = st.tuples(
    st.sampled_from(["tumbling", "sliding", "sessions"]),
    st.integers(1, 24),
    st.integers(1, 12),
    st.integers(0, 11),
)


@given(taken=steps.map(rising), shape=shapes, lateness=st.sampled_from([0, 0, 7]))
def check(taken: Any, shape: Any, lateness: int) -> None:
    assigner, windows_of, merges = assigners(shape)
    expected = model(taken, windows_of, merges, lateness)

    def results(**kind: Any) -> list[Any]:
        job = run(operation(assigner, lateness=lateness, **kind), taken, chunk=shape[1])
        return [value for _, value, _ in job.results]

    # The order of elements is that of arrival; only merged sessions may bring another one.
    order = sorted if merges else list
    listed = [(k, s, e, order(n)) for k, s, e, n in results(function=Listing())]
    assert sorted(listed) == sorted((k, s, e, order(n)) for k, s, e, n in expected)
    assert [e for _, _, e, _ in listed] == [e for _, _, e, _ in expected]
    assert sorted(results(reduce=add)) == sorted((k, sum(n)) for k, _, _, n in expected)
    assert sorted(results(aggregate=Sum())) == sorted((sum(n), len(n)) for _, _, _, n in expected)


def test_windows_do_as_the_model_says(way: str) -> None:
    check()
