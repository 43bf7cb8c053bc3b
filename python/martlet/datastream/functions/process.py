"""Functions that see the time of each value, and may set timers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from martlet.datastream.functions.basic import Function

if TYPE_CHECKING:
    from martlet.datastream.time_domain import TimeDomain
    from martlet.datastream.timerservice import TimerService

__all__ = [
    "CoProcessFunction",
    "KeyedCoProcessFunction",
    "KeyedProcessFunction",
    "ProcessFunction",
]


class _TimedContext(ABC):
    """What every process function's context offers; valid during one call only."""

    @abstractmethod
    def timer_service(self) -> TimerService:
        """Reads time and sets timers."""

    @abstractmethod
    def timestamp(self) -> int:
        """The timestamp of the record (or of the timer that fires), in ms.

        Where there is none it is -2**63, Java's ``Long.MIN_VALUE``, as in PyFlink.
        """


class _KeyedContext(_TimedContext):
    @abstractmethod
    def get_current_key(self) -> Any:
        """The key of the record or of the timer."""


class _KeyedTimerContext(_KeyedContext):
    @abstractmethod
    def time_domain(self) -> TimeDomain:
        """Which clock made the timer fire."""


class ProcessFunction(Function):
    """Any number of results for one value of a stream that is not keyed."""

    class Context(_TimedContext):
        """The context of a call."""

    @abstractmethod
    def process_element(self, value: Any, ctx: ProcessFunction.Context) -> Any:
        """The results for ``value``, as an iterable."""


class KeyedProcessFunction(Function):
    """Any number of results for one value of a keyed stream, and for each timer that fires."""

    class Context(_KeyedContext):
        """The context of a call."""

    class OnTimerContext(_KeyedTimerContext, Context):
        """The context of a call for a timer."""

    @abstractmethod
    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
        """The results for ``value``, as an iterable."""

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Any:
        """The results for a timer that fires, as an iterable."""
        return None


class CoProcessFunction(Function):
    """Any number of results for each value of two connected streams."""

    class Context(_TimedContext):
        """The context of a call."""

    @abstractmethod
    def process_element1(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
        """The results for a value of the first stream, as an iterable."""

    @abstractmethod
    def process_element2(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
        """The results for a value of the second stream, as an iterable."""


class KeyedCoProcessFunction(Function):
    """Like :class:`CoProcessFunction`, over two keyed streams, and with timers."""

    class Context(_KeyedContext):
        """The context of a call."""

    class OnTimerContext(_KeyedTimerContext, Context):
        """The context of a call for a timer."""

    @abstractmethod
    def process_element1(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> Any:
        """The results for a value of the first stream, as an iterable."""

    @abstractmethod
    def process_element2(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> Any:
        """The results for a value of the second stream, as an iterable."""

    def on_timer(self, timestamp: int, ctx: KeyedCoProcessFunction.OnTimerContext) -> Any:
        """The results for a timer that fires, as an iterable."""
        return None
