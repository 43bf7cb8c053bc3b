"""The window assigners that come with the API, except for sessions."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from martlet.common.typeinfo import Types
from martlet.datastream.state import ValueStateDescriptor
from martlet.datastream.window.assigner import WindowAssigner, check_timestamp
from martlet.datastream.window.times import millis
from martlet.datastream.window.triggers import (
    CountTrigger,
    EventTimeTrigger,
    NeverTrigger,
    ProcessingTimeTrigger,
)
from martlet.datastream.window.windows import (
    CountWindow,
    CountWindowSerializer,
    GlobalWindow,
    GlobalWindowSerializer,
    TimeWindow,
    TimeWindowSerializer,
)
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.common.time import Time
    from martlet.datastream.window.trigger import Trigger

__all__ = [
    "CountSlidingWindowAssigner",
    "CountTumblingWindowAssigner",
    "GlobalWindows",
    "SlidingEventTimeWindows",
    "SlidingProcessingTimeWindows",
    "TumblingEventTimeWindows",
    "TumblingProcessingTimeWindows",
]

Context = WindowAssigner.WindowAssignerContext


class TimeWindowAssigner(WindowAssigner[Any, TimeWindow]):
    """Assigns :class:`TimeWindow` objects, of event time or of processing time."""

    _event_time = True

    def get_default_trigger(self, env: Any) -> Trigger[Any, TimeWindow]:
        return EventTimeTrigger() if self.is_event_time() else ProcessingTimeTrigger()

    def get_window_serializer(self) -> TimeWindowSerializer:
        return TimeWindowSerializer()

    def is_event_time(self) -> bool:
        return self._event_time

    def _time(self, timestamp: int, context: Context) -> int:
        """The time that counts for a record."""
        if not self._event_time:
            return context.get_current_processing_time()
        check_timestamp(timestamp)
        return timestamp


class _Tumbling(TimeWindowAssigner):
    """Windows of one size, one after the other; amounts are in milliseconds."""

    def __init__(self, size: int, offset: int):
        if abs(offset) >= size:
            raise ValidationError(
                f"{type(self).__name__} parameters must satisfy abs(offset) < size"
            )
        self._size = size
        self._offset = offset

    def assign_windows(
        self, element: Any, timestamp: int, context: Context
    ) -> Collection[TimeWindow]:
        time = self._time(timestamp, context)
        start = TimeWindow.get_window_start_with_offset(time, self._offset, self._size)
        return [TimeWindow(start, start + self._size)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._size}, {self._offset})"


class TumblingEventTimeWindows(_Tumbling):
    """Windows of one size, one after the other, by the timestamps of the records."""

    @staticmethod
    def of(size: Time, offset: Time | None = None) -> TumblingEventTimeWindows:
        """Windows that start at multiples of ``size``, or ``offset`` later."""
        return TumblingEventTimeWindows(millis(size), millis(offset) if offset else 0)


class TumblingProcessingTimeWindows(_Tumbling):
    """Windows of one size, one after the other, by the machine's clock."""

    _event_time = False

    @staticmethod
    def of(size: Time, offset: Time | None = None) -> TumblingProcessingTimeWindows:
        """Windows that start at multiples of ``size``, or ``offset`` later."""
        return TumblingProcessingTimeWindows(millis(size), millis(offset) if offset else 0)


class _Sliding(TimeWindowAssigner):
    """Windows of one size, which start at regular intervals; amounts are in milliseconds."""

    def __init__(self, size: int, slide: int, offset: int):
        if abs(offset) >= slide or size <= 0:
            raise ValidationError(
                f"{type(self).__name__} parameters must satisfy abs(offset) < slide and size > 0"
            )
        self._size = size
        self._slide = slide
        self._offset = offset
        self._pane_size = math.gcd(size, slide)

    def assign_windows(
        self, element: Any, timestamp: int, context: Context
    ) -> Collection[TimeWindow]:
        time = self._time(timestamp, context)
        last = TimeWindow.get_window_start_with_offset(time, self._offset, self._slide)
        starts = range(last, time - self._size, -self._slide)
        return [TimeWindow(start, start + self._size) for start in starts]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._size}, {self._slide}, {self._offset})"


class SlidingEventTimeWindows(_Sliding):
    """Windows that may overlap, by the timestamps of the records."""

    @staticmethod
    def of(size: Time, slide: Time, offset: Time | None = None) -> SlidingEventTimeWindows:
        """Windows of ``size`` that start at multiples of ``slide``, or ``offset`` later."""
        return SlidingEventTimeWindows(millis(size), millis(slide), millis(offset) if offset else 0)


class SlidingProcessingTimeWindows(_Sliding):
    """Windows that may overlap, by the machine's clock."""

    _event_time = False

    @staticmethod
    def of(size: Time, slide: Time, offset: Time | None = None) -> SlidingProcessingTimeWindows:
        """Windows of ``size`` that start at multiples of ``slide``, or ``offset`` later."""
        return SlidingProcessingTimeWindows(
            millis(size), millis(slide), millis(offset) if offset else 0
        )


class GlobalWindows(WindowAssigner[Any, GlobalWindow]):
    """All records of a key go into one window, which only a trigger of its own evaluates."""

    @staticmethod
    def create() -> GlobalWindows:
        return GlobalWindows()

    def assign_windows(
        self, element: Any, timestamp: int, context: Context
    ) -> Collection[GlobalWindow]:
        return [GlobalWindow.get()]

    def get_default_trigger(self, env: Any) -> Trigger[Any, GlobalWindow]:
        return NeverTrigger()

    def get_window_serializer(self) -> GlobalWindowSerializer:
        return GlobalWindowSerializer()

    def is_event_time(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "GlobalWindows()"


class CountWindowAssigner(WindowAssigner[Any, CountWindow]):
    """Assigns windows by the number of a record among those of its key."""

    _window_size: int
    _count_descriptor: ValueStateDescriptor

    def windows_of(self, count: int) -> list[int]:
        """The ids of the windows of a record that has ``count`` before it."""
        raise NotImplementedError

    def assign_windows(
        self, element: Any, timestamp: int, context: Context
    ) -> Collection[CountWindow]:
        runtime: Any = context.get_runtime_context()
        state = runtime.get_state(self._count_descriptor)
        count = state.value() or 0
        state.update(count + 1)
        return [CountWindow(id) for id in self.windows_of(count)]

    def get_default_trigger(self, env: Any) -> Trigger[Any, CountWindow]:
        return CountTrigger(self._window_size)

    def get_window_serializer(self) -> CountWindowSerializer:
        return CountWindowSerializer()

    def is_event_time(self) -> bool:
        return False


class CountTumblingWindowAssigner(CountWindowAssigner):
    """Windows of a number of records, one after the other.

    :param window_size: the number of records of a window
    """

    def __init__(self, window_size: int):
        if window_size <= 0:
            raise ValidationError(f"A count window needs a size above 0, got {window_size}")
        self._window_size = window_size
        self._count_descriptor = ValueStateDescriptor("tumble-count-assigner", Types.LONG())

    @staticmethod
    def of(window_size: int) -> CountTumblingWindowAssigner:
        return CountTumblingWindowAssigner(window_size)

    def windows_of(self, count: int) -> list[int]:
        return [count // self._window_size]

    def __repr__(self) -> str:
        return f"CountTumblingWindowAssigner({self._window_size})"


class CountSlidingWindowAssigner(CountWindowAssigner):
    """Windows of a number of records, of which one starts every so many records.

    :param window_size: the number of records of a window
    :param window_slide: the number of records from the start of one window to that of the next
    """

    def __init__(self, window_size: int, window_slide: int):
        if window_size <= 0 or window_slide <= 0:
            raise ValidationError(
                "A count window needs a size and a slide above 0, got size "
                f"{window_size} and slide {window_slide}"
            )
        self._window_size = window_size
        self._window_slide = window_slide
        self._count_descriptor = ValueStateDescriptor("slide-count-assigner", Types.LONG())

    @staticmethod
    def of(window_size: int, window_slide: int) -> CountSlidingWindowAssigner:
        return CountSlidingWindowAssigner(window_size, window_slide)

    def windows_of(self, count: int) -> list[int]:
        last = count // self._window_slide
        first = (count - self._window_size) // self._window_slide + 1
        return list(range(last, max(first, 0) - 1, -1))

    def __repr__(self) -> str:
        return f"CountSlidingWindowAssigner({self._window_size}, {self._window_slide})"
