"""The triggers that come with the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.common.typeinfo import Types
from martlet.datastream.functions.basic import ReduceFunction
from martlet.datastream.state import ReducingStateDescriptor
from martlet.datastream.window.times import millis
from martlet.datastream.window.trigger import Trigger, TriggerResult

if TYPE_CHECKING:
    from martlet.common.time import Time
    from martlet.datastream.window.windows import Window

__all__ = [
    "ContinuousEventTimeTrigger",
    "ContinuousProcessingTimeTrigger",
    "CountTrigger",
    "EventTimeTrigger",
    "Min",
    "NeverTrigger",
    "ProcessingTimeTrigger",
    "PurgingTrigger",
]

CONTINUE = TriggerResult.CONTINUE
FIRE = TriggerResult.FIRE
Context = Trigger.TriggerContext
MergeContext = Trigger.OnMergeContext


class EventTimeTrigger(Trigger[Any, Any]):
    """Fires when the watermark has passed the end of the window, and again for late records."""

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        if window.max_timestamp() <= ctx.get_current_watermark():
            return FIRE
        ctx.register_event_time_timer(window.max_timestamp())
        return CONTINUE

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return FIRE if time == window.max_timestamp() else CONTINUE

    def can_merge(self) -> bool:
        return True

    def on_merge(self, window: Any, ctx: MergeContext) -> None:
        if window.max_timestamp() > ctx.get_current_watermark():
            ctx.register_event_time_timer(window.max_timestamp())

    def clear(self, window: Any, ctx: Context) -> None:
        ctx.delete_event_time_timer(window.max_timestamp())

    @staticmethod
    def create() -> EventTimeTrigger:
        return EventTimeTrigger()


class ProcessingTimeTrigger(Trigger[Any, Any]):
    """Fires when the machine's clock has passed the end of the window."""

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        ctx.register_processing_time_timer(window.max_timestamp())
        return CONTINUE

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return FIRE

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def can_merge(self) -> bool:
        return True

    def on_merge(self, window: Any, ctx: MergeContext) -> None:
        if window.max_timestamp() > ctx.get_current_processing_time():
            ctx.register_processing_time_timer(window.max_timestamp())

    def clear(self, window: Any, ctx: Context) -> None:
        ctx.delete_processing_time_timer(window.max_timestamp())

    @staticmethod
    def create() -> ProcessingTimeTrigger:
        return ProcessingTimeTrigger()


class Min(ReduceFunction):
    """The smaller of two."""

    def reduce(self, value1: Any, value2: Any) -> Any:
        return min(value1, value2)


class _ContinuousTrigger(Trigger[Any, Any]):
    """What fires at every multiple of an interval, as long as the window lives.

    :param interval: in milliseconds
    """

    def __init__(self, interval: int):
        self.interval = interval
        self.state_desc = ReducingStateDescriptor("fire-time", Min(), Types.LONG())
        self.fire_timestamp_state = None

    def can_merge(self) -> bool:
        return True

    def _register(self, time: int, ctx: Context) -> None:
        raise NotImplementedError

    def _delete(self, time: int, ctx: Context) -> None:
        raise NotImplementedError

    def _start(self, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        """Sees to it that the window fires at the next multiple of the interval."""
        state = ctx.get_partitioned_state(self.state_desc)
        if state.get() is None:
            start = timestamp - timestamp % self.interval
            self.register_next_fire_timestamp(start, window, ctx, state)
        return CONTINUE

    def _fire(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        state = ctx.get_partitioned_state(self.state_desc)
        if state.get() != time:
            return CONTINUE
        state.clear()
        self.register_next_fire_timestamp(time, window, ctx, state)
        return FIRE

    def on_merge(self, window: Any, ctx: MergeContext) -> None:
        ctx.merge_partitioned_state(self.state_desc)
        time = ctx.get_partitioned_state(self.state_desc).get()
        if time is not None:
            self._register(time, ctx)

    def clear(self, window: Any, ctx: Context) -> None:
        state = ctx.get_partitioned_state(self.state_desc)
        time = state.get()
        if time is not None:
            self._delete(time, ctx)
            state.clear()

    def register_next_fire_timestamp(
        self, time: int, window: Any, ctx: Context, fire_timestamp_state: Any
    ) -> None:
        """Has the window fire an interval after ``time``, at its end at the latest."""
        at = min(time + self.interval, window.max_timestamp())
        fire_timestamp_state.add(at)
        self._register(at, ctx)


class ContinuousEventTimeTrigger(_ContinuousTrigger):
    """Fires each time that the watermark has passed another interval, and at the window's end."""

    @staticmethod
    def of(interval: Time) -> ContinuousEventTimeTrigger:
        return ContinuousEventTimeTrigger(millis(interval))

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        if window.max_timestamp() <= ctx.get_current_watermark():
            return FIRE
        ctx.register_event_time_timer(window.max_timestamp())
        return self._start(timestamp, window, ctx)

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return FIRE if time == window.max_timestamp() else self._fire(time, window, ctx)

    def _register(self, time: int, ctx: Context) -> None:
        ctx.register_event_time_timer(time)

    def _delete(self, time: int, ctx: Context) -> None:
        ctx.delete_event_time_timer(time)


class ContinuousProcessingTimeTrigger(_ContinuousTrigger):
    """Fires each time that the machine's clock has passed another interval."""

    @staticmethod
    def of(interval: Time) -> ContinuousProcessingTimeTrigger:
        return ContinuousProcessingTimeTrigger(millis(interval))

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        return self._start(ctx.get_current_processing_time(), window, ctx)

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return self._fire(time, window, ctx)

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def _register(self, time: int, ctx: Context) -> None:
        ctx.register_processing_time_timer(time)

    def _delete(self, time: int, ctx: Context) -> None:
        ctx.delete_processing_time_timer(time)


class PurgingTrigger(Trigger[Any, Any]):
    """Fires when another trigger does, and has the records dropped that were evaluated."""

    def __init__(self, nested_trigger: Trigger[Any, Any]):
        self.nested_trigger = nested_trigger

    @staticmethod
    def of(nested_trigger: Trigger[Any, Any]) -> PurgingTrigger:
        return PurgingTrigger(nested_trigger)

    def on_element(
        self, element: Any, timestamp: int, window: Window, ctx: Context
    ) -> TriggerResult:
        return _purging(self.nested_trigger.on_element(element, timestamp, window, ctx))

    def on_event_time(self, time: int, window: Window, ctx: Context) -> TriggerResult:
        return _purging(self.nested_trigger.on_event_time(time, window, ctx))

    def on_processing_time(self, time: int, window: Window, ctx: Context) -> TriggerResult:
        return _purging(self.nested_trigger.on_processing_time(time, window, ctx))

    def clear(self, window: Window, ctx: Context) -> None:
        self.nested_trigger.clear(window, ctx)

    def can_merge(self) -> bool:
        return self.nested_trigger.can_merge()

    def on_merge(self, window: Window, ctx: MergeContext) -> None:
        self.nested_trigger.on_merge(window, ctx)


def _purging(result: TriggerResult) -> TriggerResult:
    return TriggerResult.FIRE_AND_PURGE if result.is_fire() else result


def _add(value1: int, value2: int) -> int:
    return value1 + value2


class CountTrigger(Trigger[Any, Any]):
    """Fires when a number of records has come since the last time.

    :param window_size: the number of records
    """

    def __init__(self, window_size: int):
        self._window_size = window_size
        self._count_state_descriptor = ReducingStateDescriptor("count", _add, Types.LONG())

    @staticmethod
    def of(window_size: int) -> CountTrigger:
        return CountTrigger(window_size)

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        count = ctx.get_partitioned_state(self._count_state_descriptor)
        count.add(1)
        if count.get() < self._window_size:
            return CONTINUE
        count.clear()
        return FIRE

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def can_merge(self) -> bool:
        return True

    def on_merge(self, window: Any, ctx: MergeContext) -> None:
        ctx.merge_partitioned_state(self._count_state_descriptor)

    def clear(self, window: Any, ctx: Context) -> None:
        ctx.get_partitioned_state(self._count_state_descriptor).clear()


class NeverTrigger(Trigger[Any, Any]):
    """Never fires; the default of :class:`GlobalWindows`."""

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_processing_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Context) -> TriggerResult:
        return CONTINUE

    def on_merge(self, window: Any, ctx: MergeContext) -> None:
        return None

    def clear(self, window: Any, ctx: Context) -> None:
        return None
