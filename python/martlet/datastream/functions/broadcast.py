"""Functions over a stream and a broadcast one, whose records all instances see."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from martlet.datastream.functions.basic import Function

if TYPE_CHECKING:
    from martlet.datastream.time_domain import TimeDomain
    from martlet.datastream.timerservice import TimerService

__all__ = [
    "BaseBroadcastProcessFunction",
    "BroadcastProcessFunction",
    "KeyedBroadcastProcessFunction",
]

KEY = TypeVar("KEY")
IN1 = TypeVar("IN1")
IN2 = TypeVar("IN2")
OUT = TypeVar("OUT")


class BaseBroadcastProcessFunction(Function):
    """What the two kinds have in common."""

    class BaseContext(ABC):
        """What every context offers; valid during one call only. Times are in milliseconds."""

        @abstractmethod
        def timestamp(self) -> int:
            """The timestamp of the record; None if it has none."""

        @abstractmethod
        def current_processing_time(self) -> int:
            """The machine's clock."""

        @abstractmethod
        def current_watermark(self) -> int:
            """The event-time clock."""

    class Context(BaseContext):
        """The context on the broadcast side, which may change the broadcast state."""

        @abstractmethod
        def get_broadcast_state(self, state_descriptor: Any) -> Any:
            """The broadcast state that the descriptor names."""

    class ReadOnlyContext(BaseContext):
        """The context on the other side, which may read the broadcast state."""

        @abstractmethod
        def get_broadcast_state(self, state_descriptor: Any) -> Any:
            """The broadcast state that the descriptor names, to be read only."""


class BroadcastProcessFunction(BaseBroadcastProcessFunction, Generic[IN1, IN2, OUT]):
    """For a stream that is not keyed."""

    class Context(BaseBroadcastProcessFunction.Context, ABC):
        """The context on the broadcast side."""

    class ReadOnlyContext(BaseBroadcastProcessFunction.ReadOnlyContext, ABC):
        """The context on the other side."""

    @abstractmethod
    def process_element(self, value: IN1, ctx: BroadcastProcessFunction.ReadOnlyContext) -> Any:
        """The results for a record of the stream, as an iterable."""

    @abstractmethod
    def process_broadcast_element(self, value: IN2, ctx: BroadcastProcessFunction.Context) -> Any:
        """The results for a broadcast record, as an iterable."""


class KeyedBroadcastProcessFunction(BaseBroadcastProcessFunction, Generic[KEY, IN1, IN2, OUT]):
    """For a keyed stream."""

    class Context(BaseBroadcastProcessFunction.Context, ABC):
        """The context on the broadcast side."""

    class ReadOnlyContext(BaseBroadcastProcessFunction.ReadOnlyContext, ABC):
        """The context on the keyed side."""

        @abstractmethod
        def timer_service(self) -> TimerService:
            """Reads time and sets timers."""

        @abstractmethod
        def get_current_key(self) -> Any:
            """The key of the record or of the timer."""

    class OnTimerContext(ReadOnlyContext, ABC):
        """The context of a call for a timer."""

        @abstractmethod
        def time_domain(self) -> TimeDomain:
            """Which clock made the timer fire."""

        @abstractmethod
        def get_current_key(self) -> Any:
            """The key of the timer."""

    @abstractmethod
    def process_element(
        self, value: IN1, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Any:
        """The results for a record of the keyed stream, as an iterable."""

    @abstractmethod
    def process_broadcast_element(
        self, value: IN2, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Any:
        """The results for a broadcast record, as an iterable."""

    def on_timer(self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext) -> Any:
        """The results for a timer that fires, as an iterable."""
        return None
