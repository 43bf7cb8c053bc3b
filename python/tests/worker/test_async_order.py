"""In which order asynchronous results leave: the orders alone, without threads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.worker.asynchronous.order import Element, Ordered, Unordered


def shown(taken: list[Element | None]) -> list[Any]:
    return [None if element is None else element.value for element in taken]


def elements(order: Ordered | Unordered, *values: Any) -> list[Element]:
    made = [Element(value, None) for value in values]
    for element in made:
        order.add(element)
    return made


def test_ordered_results_wait_for_those_before() -> None:
    order = Ordered()
    a, b, c = elements(order, "a", "b", "c")
    order.mark(False)
    order.complete(c)
    assert shown(order.take()) == []
    order.complete(a)
    assert shown(order.take()) == ["a"]
    assert order.in_flight == 2
    order.complete(b)
    assert shown(order.take()) == ["b", "c", None]
    assert order.in_flight == 0


def test_unordered_results_leave_as_they_come_and_frames_are_answered_in_turn() -> None:
    order = Unordered()
    a, b = elements(order, "a", "b")
    order.mark(False)
    (c,) = elements(order, "c")
    order.mark(False)
    order.complete(c)
    order.complete(b)
    assert shown(order.take()) == ["c", "b"]
    order.complete(a)
    assert shown(order.take()) == ["a", None, None]


def test_nothing_passes_a_boundary() -> None:
    order = Unordered()
    (a,) = elements(order, "a")
    order.mark(False)
    order.mark(True)
    (b,) = elements(order, "b")
    order.complete(b)
    assert shown(order.take()) == []
    assert order.in_flight == 2
    order.complete(a)
    assert shown(order.take()) == ["a", None, None, "b"]
    order.mark(False)
    assert shown(order.take()) == [None]


@pytest.mark.parametrize("order", [Ordered, Unordered])
def test_frames_without_rows_and_boundaries_are_answered_at_once(order: Any) -> None:
    made = order()
    made.mark(False)
    made.mark(True)
    made.mark(True)
    assert shown(made.take()) == [None, None, None]
    assert shown(made.take()) == []


#: What happens: a row comes, a frame ends, a watermark comes.
EVENTS = st.lists(st.sampled_from(["row", "row", "row", "frame", "boundary"]), max_size=40)


@given(EVENTS, st.randoms(use_true_random=False), st.booleans())
def test_whatever_happens(events: list[str], random: Any, ordered: bool) -> None:
    order: Ordered | Unordered = Ordered() if ordered else Unordered()
    running: list[Element] = []
    left: list[Any] = []
    came: list[Any] = []
    has_rows = False
    for number, event in enumerate([*events, "frame"]):
        if event == "row":
            came.append(number)
            has_rows = True
            running += elements(order, number)
        else:
            # A boundary is a frame of its own, and comes when the one before it is whole.
            if event == "boundary" and has_rows:
                came.append(None)
                order.mark(False)
            came.append("|" if event == "boundary" else None)
            order.mark(event == "boundary")
            has_rows = False
        while running and random.random() < 0.4:
            order.complete(running.pop(random.randrange(len(running))))
        left += shown(order.take())
    while running:
        order.complete(running.pop(random.randrange(len(running))))
        left += shown(order.take())
    assert order.in_flight == 0
    marks = [None if mark == "|" else mark for mark in came]
    if ordered:
        assert left == marks
        return
    assert sorted(filter(lambda v: v is not None, left)) == [v for v in marks if v is not None]
    assert left.count(None) == marks.count(None)
    _check_segments(came, left)


def _check_segments(came: list[Any], left: list[Any]) -> None:
    """A row leaves after the boundaries that it came after, and before the answer to its frame."""
    answers = 0
    for value in left:
        if value is None:
            answers += 1
            continue
        place = came.index(value)
        before = came[:place]
        boundaries = [i for i, mark in enumerate(before) if mark == "|"]
        needed = 0
        if boundaries:
            needed = sum(mark is None or mark == "|" for mark in before[: boundaries[-1] + 1])
        own = sum(mark is None or mark == "|" for mark in before)
        assert needed <= answers <= own
