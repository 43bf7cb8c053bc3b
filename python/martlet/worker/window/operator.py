"""Windows of any assigner and any trigger, as long as they do not merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.common.constants import MAX_LONG_VALUE
from martlet.datastream.window import (
    CountTrigger,
    EventTimeTrigger,
    MergingWindowAssigner,
    ProcessingTimeTrigger,
)
from martlet.datastream.window.assigner import NO_TIMESTAMP
from martlet.datastream.window.assigners import CountWindowAssigner
from martlet.worker.window.contents import Contents, contents_of
from martlet.worker.window.contexts import (
    AssignerContext,
    Clock,
    FunctionContext,
    TriggerContext,
)
from martlet.worker.window.evaluation import clearing, evaluation
from martlet.worker.window.names import names_of

if TYPE_CHECKING:
    from martlet.datastream.functions.context import RuntimeContext
    from martlet.datastream.window import WindowOperationDescriptor
    from martlet.worker.state import KeyedStates

__all__ = ["Place", "WindowOperator", "fires_at_end"]


def fires_at_end(operation: WindowOperationDescriptor) -> bool:
    """Whether the trigger is that of the assigner's time, which sets one timer, for the end."""
    event = operation.assigner.is_event_time()
    return type(operation.trigger) is (EventTimeTrigger if event else ProcessingTimeTrigger)


@dataclass
class Place:
    """Where an operator stands: its stores, its context in the stage, and that of its functions."""

    keyed: KeyedStates
    windows: KeyedStates
    context: _native.Context
    runtime: RuntimeContext


class WindowOperator:
    """Puts records into windows, and evaluates these when their trigger says so.

    State of a window is in the record of ``(key, start, end)`` in ``place.windows``; before it is
    used, that record is made the current one.
    """

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        self.operation = operation
        self.place = place
        self.assigner = operation.assigner
        self.trigger = operation.trigger
        self.is_event_time = operation.assigner.is_event_time()
        self.lateness = operation.allowed_lateness
        self.late_tag = operation.late_data_output_tag
        self.store = place.windows.store
        self.keyed_store = place.keyed.store
        self.clock = Clock(place.context)
        self.names = names_of(operation.window_serializer, place.keyed)
        self.contents: Contents = self.make_contents()
        metrics = place.runtime.get_metrics_group()
        self.late_counter = metrics.counter("numLateRecordsDropped")
        self.trigger_context = TriggerContext(self.clock, place.windows, metrics)
        self.assigner_context = AssignerContext(self.clock, place.runtime)
        function = operation.internal_window_function
        merges = isinstance(operation.assigner, MergingWindowAssigner)
        self.function_context = FunctionContext(self.clock, place.windows, place.runtime, merges)
        buffered = self.contents.kind == "list"
        self.evaluate = evaluation(function, buffered, self.function_context)
        self.clear_function = clearing(function, self.function_context)
        # A full count window gets no more records, so that nobody misses them.
        self.is_over_when_fired = isinstance(self.assigner, CountWindowAssigner) and (
            type(self.trigger) is CountTrigger
            and self.trigger._window_size == self.assigner._window_size
        )

        # The timers of such a trigger have fired when the window is over.
        self.trigger_is_done = fires_at_end(operation)

    def make_contents(self) -> Contents:
        return contents_of(self.operation.window_state_descriptor, self.place.windows)

    # What the stage calls

    def process(self, value: Any, ctx: Any) -> Any:
        """A record: into its windows."""
        timestamp = ctx.timestamp()
        if timestamp is None:
            timestamp = NO_TIMESTAMP
        key = ctx.get_current_key()
        skipped = True
        for window in self.assigner.assign_windows(value, timestamp, self.assigner_context):
            if self.is_late(window):
                continue
            skipped = False
            window_key = self.enter(key, window)
            self.contents.add(value)
            yield from self.after_record(value, timestamp, window, window_key)
        if skipped:
            yield from self.late(value, timestamp)

    def on_timer(self, time: int, ctx: Any) -> Any:
        """A timer of a window, whose record is the current one."""
        window_key = ctx.get_current_window()
        window = self.names.window(window_key[1], window_key[2])
        if window is not None:
            yield from self.on_window_timer(time, window, window_key)
        self.store.forget()

    def on_window_timer(
        self, time: int, window: Any, window_key: tuple[Any, int, int]
    ) -> Iterator[Any]:
        fire, purge = self.ask_trigger(time, window, window_key)
        if fire:
            yield from self.emit(window_key[0], window)
        if purge:
            self.contents.clear()
        if self.is_cleanup(time, window):
            self.clear(window)
            self.store.forget()
            self.keyed_store.forget()

    # Steps of both

    def after_record(
        self, value: Any, timestamp: int, window: Any, window_key: tuple[Any, int, int]
    ) -> Iterator[Any]:
        """Asks the trigger, with the window's record at hand, and does what it says."""
        self.trigger_context.window_key = window_key
        result = self.trigger.on_element(value, timestamp, window, self.trigger_context)
        fire, purge = result.value
        if fire:
            contents = self.contents.get()
            if contents is None:
                return
            yield from self.emit_contents(window_key[0], window, contents)
        if purge or (fire and self.is_over_when_fired):
            self.contents.clear()
        self.register_cleanup(window)
        self.store.forget()

    def ask_trigger(
        self, time: int, window: Any, window_key: tuple[Any, int, int]
    ) -> tuple[bool, bool]:
        self.trigger_context.window_key = window_key
        if self.place.context.fires_processing:
            result = self.trigger.on_processing_time(time, window, self.trigger_context)
        else:
            result = self.trigger.on_event_time(time, window, self.trigger_context)
        return result.value

    def emit(self, key: Any, window: Any) -> Iterable[Any]:
        """Evaluates the window, unless it is empty."""
        contents = self.contents.get()
        return () if contents is None else self.emit_contents(key, window, contents)

    def emit_contents(self, key: Any, window: Any, contents: Any) -> Iterable[Any]:
        end = window.max_timestamp()
        if end != MAX_LONG_VALUE:
            self.place.context.set_time(end)
        return self.evaluate(key, window, contents) or ()

    def enter(self, key: Any, window: Any) -> tuple[Any, int, int]:
        """Makes a window's record the current one."""
        window_key = (key, *self.names.numbers(window))
        self.store.enter(window_key)
        return window_key

    # The end of a window

    def cleanup_time(self, window: Any) -> int:
        """When the window is forgotten."""
        end: int = window.max_timestamp()
        return min(end + self.lateness, MAX_LONG_VALUE) if self.is_event_time else end

    def is_cleanup(self, time: int, window: Any) -> bool:
        if self.place.context.fires_processing == self.is_event_time:
            return False
        return time == self.cleanup_time(window)

    def register_cleanup(self, window: Any) -> None:
        time = self.cleanup_time(window)
        if time == MAX_LONG_VALUE:
            return
        if self.is_event_time:
            self.trigger_context.register_event_time_timer(time)
        else:
            self.trigger_context.register_processing_time_timer(time)

    def delete_cleanup(self, window: Any) -> None:
        time = self.cleanup_time(window)
        if time == MAX_LONG_VALUE:
            return
        if self.is_event_time:
            self.trigger_context.delete_event_time_timer(time)
        else:
            self.trigger_context.delete_processing_time_timer(time)

    def clear(self, window: Any) -> None:
        """Removes all that is kept of the window whose record is the current one."""
        self.contents.clear()
        if not self.trigger_is_done:
            self.trigger.clear(window, self.trigger_context)
        if self.clear_function is not None:
            self.clear_function(window)
        self.names.forget(window)

    # Late records

    def is_late(self, window: Any) -> bool:
        return self.is_event_time and self.cleanup_time(window) <= self.place.context.watermark

    def late(self, value: Any, timestamp: int) -> Iterable[Any]:
        """A record that no window has taken."""
        self.keyed_store.forget()
        if not self.is_event_time or timestamp + self.lateness > self.place.context.watermark:
            return ()
        if self.late_tag is not None:
            return ((self.late_tag, value),)
        self.late_counter.inc()
        return ()
