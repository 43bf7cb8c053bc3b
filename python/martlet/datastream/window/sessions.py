"""Session windows: they last as long as the records of a key come without a gap between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from martlet.datastream.window.assigner import MergingWindowAssigner
from martlet.datastream.window.assigners import TimeWindowAssigner
from martlet.datastream.window.times import millis
from martlet.datastream.window.windows import TimeWindow
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.common.time import Time
    from martlet.datastream.window.assigner import WindowAssigner

    Context = WindowAssigner.WindowAssignerContext

__all__ = [
    "DynamicEventTimeSessionWindows",
    "DynamicProcessingTimeSessionWindows",
    "EventTimeSessionWindows",
    "ProcessingTimeSessionWindows",
    "SessionWindowTimeGapExtractor",
]


class SessionWindowTimeGapExtractor(ABC):
    """Tells how long a gap after a record ends its session."""

    @abstractmethod
    def extract(self, element: Any) -> int:
        """The gap in milliseconds."""


class _Sessions(TimeWindowAssigner, MergingWindowAssigner[Any, TimeWindow]):
    """Windows that start with a record, and grow together where they overlap or touch."""

    def gap_after(self, element: Any) -> int:
        """How long the session lasts after the record, in milliseconds."""
        raise NotImplementedError

    def assign_windows(
        self, element: Any, timestamp: int, context: Context
    ) -> Collection[TimeWindow]:
        start = self._time(timestamp, context)
        return [TimeWindow(start, start + self.gap_after(element))]

    def merge_windows(
        self,
        windows: Iterable[TimeWindow],
        callback: MergingWindowAssigner.MergeCallback[TimeWindow],
    ) -> None:
        TimeWindow.merge_windows(windows, callback)


class _FixedSessions(_Sessions):
    def __init__(self, session_gap: int):
        if session_gap <= 0:
            raise ValidationError(f"{type(self).__name__} parameters must satisfy 0 < size")
        self._session_gap = session_gap

    def gap_after(self, element: Any) -> int:
        return self._session_gap

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session_gap})"


class _DynamicSessions(_Sessions):
    def __init__(self, session_window_time_gap_extractor: SessionWindowTimeGapExtractor):
        self._session_gap = 0
        self._session_window_time_gap_extractor = session_window_time_gap_extractor

    def gap_after(self, element: Any) -> int:
        gap = self._session_window_time_gap_extractor.extract(element)
        if gap <= 0:
            raise ValueError("Dynamic session time gap must satisfy 0 < gap")
        self._session_gap = gap
        return gap

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session_gap})"


class EventTimeSessionWindows(_FixedSessions):
    """Sessions by the timestamps of the records, with one gap for all.

    :param session_gap: in milliseconds
    """

    @staticmethod
    def with_gap(size: Time) -> EventTimeSessionWindows:
        return EventTimeSessionWindows(millis(size))

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor,
    ) -> DynamicEventTimeSessionWindows:
        return DynamicEventTimeSessionWindows(extractor)


class ProcessingTimeSessionWindows(_FixedSessions):
    """Sessions by the machine's clock, with one gap for all.

    :param session_gap: in milliseconds
    """

    _event_time = False

    @staticmethod
    def with_gap(size: Time) -> ProcessingTimeSessionWindows:
        return ProcessingTimeSessionWindows(millis(size))

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor,
    ) -> DynamicProcessingTimeSessionWindows:
        return DynamicProcessingTimeSessionWindows(extractor)


class DynamicEventTimeSessionWindows(_DynamicSessions):
    """Sessions by the timestamps of the records, with a gap that depends on the record."""

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor,
    ) -> DynamicEventTimeSessionWindows:
        return DynamicEventTimeSessionWindows(extractor)


class DynamicProcessingTimeSessionWindows(_DynamicSessions):
    """Sessions by the machine's clock, with a gap that depends on the record."""

    _event_time = False

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor,
    ) -> DynamicProcessingTimeSessionWindows:
        return DynamicProcessingTimeSessionWindows(extractor)
