"""Windows of time with the trigger that belongs to them: most of the work is the stage's.

A record that is neither late nor without a timestamp never gets here: the stage puts it into the
record of its window, or of its pane, and sets the timers. Tumbling windows fire here; those that
slide over panes do so in the stage.
"""

from __future__ import annotations

import dis
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.state import AggregatingStateDescriptor, ListStateDescriptor
from martlet.datastream.window import (
    SlidingEventTimeWindows,
    SlidingProcessingTimeWindows,
    TimeWindow,
    TimeWindowSerializer,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from martlet.datastream.window.assigner import NO_TIMESTAMP, check_timestamp
from martlet.worker.window.contents import Contents, copied, is_immutable_type
from martlet.worker.window.operator import Place, WindowOperator, fires_at_end

if TYPE_CHECKING:
    from martlet.datastream.window import WindowOperationDescriptor
    from martlet.worker.state import KeyedStates

__all__ = ["PaneOperator", "TumblingOperator", "can_share_panes", "is_plain_tumbling"]

MOST_PANES_PER_WINDOW = 4
"""Panes are worth it up to so many for each window that a record would go into otherwise."""


def _has_default_trigger(operation: WindowOperationDescriptor) -> bool:
    time_windows = type(operation.window_serializer) is TimeWindowSerializer
    return time_windows and fires_at_end(operation)


def is_plain_tumbling(operation: WindowOperationDescriptor) -> bool:
    """Whether :class:`TumblingOperator` can do it."""
    kinds = (TumblingEventTimeWindows, TumblingProcessingTimeWindows)
    return type(operation.assigner) in kinds and _has_default_trigger(operation)


def can_share_panes(operation: WindowOperationDescriptor) -> bool:
    """Whether :class:`PaneOperator` can do it, and is better than a window for each."""
    assigner = operation.assigner
    if type(assigner) not in (SlidingEventTimeWindows, SlidingProcessingTimeWindows):
        return False
    assert isinstance(assigner, (SlidingEventTimeWindows, SlidingProcessingTimeWindows))
    if not _has_default_trigger(operation) or operation.allowed_lateness != 0:
        return False
    if assigner._size < assigner._slide:
        return False
    if assigner._slide > MOST_PANES_PER_WINDOW * assigner._pane_size:
        return False
    descriptor = operation.window_state_descriptor
    if isinstance(descriptor, AggregatingStateDescriptor):
        return _merges(descriptor.get_agg_function())
    return True


def _merges(function: Any) -> bool:
    """Whether the function has a ``merge`` that looks at both of its arguments."""
    code = getattr(getattr(type(function), "merge", None), "__code__", None)
    if code is None or code.co_argcount < 3:
        return False
    read = {i.argval for i in dis.get_instructions(code) if i.opname.startswith("LOAD_")}
    return {*code.co_varnames[1:3]} <= read


class TumblingOperator(WindowOperator):
    """Tumbling windows of either time."""

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        super().__init__(operation, place)
        # Without a function, and if nothing is left for late records, firing is short.
        if operation.internal_window_function is None and self.cleanup_lateness == 0:
            self.on_timer = self._fire_and_forget  # type: ignore[method-assign]

    @property
    def cleanup_lateness(self) -> int:
        return self.lateness if self.is_event_time else 0

    def window_spec(self, cursor: int) -> tuple[Any, ...]:
        """How the stage puts records into windows; ``cursor``: a slot of the key's record."""
        assigner: Any = self.assigner
        return (
            assigner._size,
            assigner._offset % assigner._size,
            0,
            0,
            self.cleanup_lateness,
            not self.is_event_time,
            self.contents.kind,
            self.contents.text,
            self.contents.slot,
            cursor,
            self.contents.fold,
            self.contents.create,
            *(None,) * 5,
        )

    def on_window_timer(
        self, time: int, window: Any, window_key: tuple[Any, int, int]
    ) -> Iterator[Any]:
        if time == window.end - 1:
            yield from self.emit(window_key[0], window)
        if time == window.end - 1 + self.cleanup_lateness:
            self.contents.clear()
            if self.clear_function is not None:
                self.clear_function(window)
            self.store.forget()
            self.keyed_store.forget()

    def _fire_and_forget(self, time: int, ctx: Any) -> Iterable[Any] | None:
        contents = self.contents.get()
        if not self.is_event_time:
            ctx.set_time(time)
        self.contents.clear()
        self.store.forget()
        self.keyed_store.forget()
        return None if contents is None else (contents,)


class Ordered(Contents):
    """All records of a pane, each with a number, so that those of several panes can be told apart
    by the order of their arrival."""

    kind = "list"

    def __init__(self, states: KeyedStates, name: str, text: str) -> None:
        text = f"TUPLE<BIGINT NOT NULL, {text}> NOT NULL"
        super().__init__(states, name, text, _native.ListState, "list")
        # Higher than any number of an earlier run.
        self.order = itertools.count(time.time_ns())


class PaneOperator(WindowOperator):
    """Sliding windows that share panes: each record is kept once, in the pane that it falls into.

    The panes are as long as the greatest common divisor of size and slide, so that each window
    consists of whole ones. What a window comes to, and when it fires, is the stage's work: here is
    how it is told, and what happens to late records.
    """

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        super().__init__(operation, place)
        assigner: Any = operation.assigner
        self.size: int = assigner._size
        self.slide: int = assigner._slide
        self.offset: int = assigner._offset % assigner._slide
        self.pane: int = assigner._pane_size
        place.keyed.hand_over = place.context.hand_over

    def make_contents(self) -> Contents:
        descriptor = self.operation.window_state_descriptor
        if isinstance(descriptor, ListStateDescriptor):
            text = descriptor.type_info.elem_type.type_text()  # type: ignore[attr-defined]
            return Ordered(self.place.windows, descriptor.name, text)
        return super().make_contents()

    def window_spec(self, cursor: int) -> tuple[Any, ...]:
        """How the stage puts records into panes, and what it calls when windows fire."""
        contents = self.contents
        return (
            self.pane,
            self.offset,
            self.size,
            self.slide,
            0,
            not self.is_event_time,
            contents.kind,
            contents.text,
            contents.slot,
            cursor,
            contents.fold,
            contents.create,
            contents.order if isinstance(contents, Ordered) else None,
            contents.merge,
            contents.result,
            self._evaluation(),
            None if is_immutable_type(contents.text) else copied,
        )

    def _evaluation(self) -> Callable[[Any, int, Any], Iterable[Any] | None] | None:
        """What makes results of key, start and contents; None: the contents are the result."""
        if self.operation.internal_window_function is None:
            return None
        size, evaluate, clear = self.size, self.evaluate, self.clear_function

        def evaluate_window(key: Any, start: int, contents: Any) -> Iterable[Any] | None:
            self.function_context.forget_window(key, start, start + size)
            return evaluate(key, TimeWindow(start, start + size), contents)

        if clear is None:
            return evaluate_window

        def evaluate_and_clear(key: Any, start: int, contents: Any) -> Iterator[Any]:
            yield from evaluate_window(key, start, contents) or ()
            clear(TimeWindow(start, start + size))

        return evaluate_and_clear

    def process(self, value: Any, ctx: Any) -> Iterable[Any]:
        """A record that the stage has put into no pane, since all of its windows are over."""
        if value is None:
            raise TypeError("a window cannot hold None")
        timestamp = ctx.timestamp()
        check_timestamp(NO_TIMESTAMP if timestamp is None else timestamp)
        if timestamp > ctx.watermark:
            raise ValueError(f"the timestamp {timestamp} is too far from now to be in a window")
        return self.late(value, timestamp)
