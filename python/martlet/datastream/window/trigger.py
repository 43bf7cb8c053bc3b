"""When windows are evaluated: what a trigger is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from martlet.metrics.metricbase import MetricGroup

__all__ = ["Trigger", "TriggerResult"]

T = TypeVar("T")
W = TypeVar("W")


class TriggerResult(Enum):
    """What is to happen with a window: is it evaluated, and are its records then dropped?

    Of a window without records there is nothing to evaluate.
    """

    CONTINUE = (False, False)
    FIRE_AND_PURGE = (True, True)
    FIRE = (True, False)
    PURGE = (False, True)

    def is_fire(self) -> bool:
        """Whether the window is evaluated."""
        return self.value[0]

    def is_purge(self) -> bool:
        """Whether the records of the window are dropped."""
        return self.value[1]


class Trigger(ABC, Generic[T, W]):
    """Decides when a window of a key is evaluated.

    It must keep nothing in itself, since one object serves all keys and windows: what it has to
    remember belongs into the state that its context offers. Together with a
    :class:`MergingWindowAssigner`, :meth:`can_merge` must be true.
    """

    class TriggerContext(ABC):
        """What a trigger sees of the key and the window at hand; valid during one call only."""

        @abstractmethod
        def get_current_processing_time(self) -> int:
            """The machine's clock, in milliseconds since the epoch."""

        @abstractmethod
        def get_metric_group(self) -> MetricGroup:
            """The metrics of the operator."""

        @abstractmethod
        def get_current_watermark(self) -> int:
            """The event-time clock, in milliseconds since the epoch."""

        @abstractmethod
        def register_processing_time_timer(self, time: int) -> None:
            """Has :meth:`Trigger.on_processing_time` called when the clock has passed ``time``."""

        @abstractmethod
        def register_event_time_timer(self, time: int) -> None:
            """Has :meth:`Trigger.on_event_time` called when the watermark has passed ``time``."""

        @abstractmethod
        def delete_processing_time_timer(self, time: int) -> None:
            """Takes a timer back; nothing happens if there is none."""

        @abstractmethod
        def delete_event_time_timer(self, time: int) -> None:
            """Takes a timer back; nothing happens if there is none."""

        @abstractmethod
        def get_partitioned_state(self, state_descriptor: Any) -> Any:
            """A state of the key and the window at hand."""

    class OnMergeContext(TriggerContext):
        """The context of :meth:`Trigger.on_merge`."""

        @abstractmethod
        def merge_partitioned_state(self, state_descriptor: Any) -> None:
            """Adds the state of the windows that were merged to that of the new window."""

    @abstractmethod
    def on_element(
        self, element: T, timestamp: int, window: W, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Called for each record that was added to a window."""

    @abstractmethod
    def on_processing_time(
        self, time: int, window: W, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Called for a timer of processing time that was set for the window."""

    @abstractmethod
    def on_event_time(self, time: int, window: W, ctx: Trigger.TriggerContext) -> TriggerResult:
        """Called for a timer of event time that was set for the window."""

    def can_merge(self) -> bool:
        """Whether windows with this trigger can be merged: if so, :meth:`on_merge` must do it."""
        return False

    @abstractmethod
    def on_merge(self, window: W, ctx: Trigger.OnMergeContext) -> None:
        """Called when several windows have become ``window``."""

    @abstractmethod
    def clear(self, window: W, ctx: Trigger.TriggerContext) -> None:
        """Removes the timers and the state of a window that is over."""
