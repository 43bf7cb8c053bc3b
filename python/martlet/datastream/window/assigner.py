"""Into which windows a record goes: what a window assigner is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from martlet.common.serializer import TypeSerializer
    from martlet.datastream.functions.context import RuntimeContext
    from martlet.datastream.window.trigger import Trigger

__all__ = ["NO_TIMESTAMP", "MergingWindowAssigner", "WindowAssigner", "check_timestamp"]

T = TypeVar("T")
W = TypeVar("W")
W2 = TypeVar("W2")

NO_TIMESTAMP = -(2**63)
"""The timestamp of a record that has none."""


def check_timestamp(timestamp: int) -> None:
    """Raises if a record without a timestamp is to go into a window of event time."""
    if timestamp == NO_TIMESTAMP:
        raise ValueError(
            "Record has Long.MIN_VALUE timestamp (= no timestamp marker). Is the time "
            "characteristic set to 'ProcessingTime', or did you forget to call "
            "'data_stream.assign_timestamps_and_watermarks(...)'?"
        )


class WindowAssigner(ABC, Generic[T, W]):
    """Assigns any number of windows to each record."""

    class WindowAssignerContext(ABC):
        """What an assigner sees besides the record."""

        @abstractmethod
        def get_current_processing_time(self) -> int:
            """The machine's clock, in milliseconds since the epoch."""

        @abstractmethod
        def get_runtime_context(self) -> RuntimeContext:
            """The runtime context, whose state is that of the record's key."""

    @abstractmethod
    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[W]:
        """The windows that the record belongs to.

        :param timestamp: in milliseconds; -2**63 if the record has none
        """

    @abstractmethod
    def get_default_trigger(self, env: Any) -> Trigger[T, W]:
        """The trigger where the job sets none."""

    @abstractmethod
    def get_window_serializer(self) -> TypeSerializer[W]:
        """Writes the windows that :meth:`assign_windows` returns."""

    @abstractmethod
    def is_event_time(self) -> bool:
        """Whether windows are of event time: if so, records can be late for them."""


class MergingWindowAssigner(WindowAssigner[T, W]):
    """An assigner whose windows can grow together."""

    class MergeCallback(ABC, Generic[W2]):
        """Where :meth:`MergingWindowAssigner.merge_windows` says what is to be merged."""

        @abstractmethod
        def merge(self, to_be_merged: Iterable[W2], merge_result: W2) -> None:
            """The windows ``to_be_merged`` become ``merge_result``."""

    @abstractmethod
    def merge_windows(
        self, windows: Iterable[W], callback: MergingWindowAssigner.MergeCallback[W]
    ) -> None:
        """Tells ``callback`` which of the windows are to be merged, if any."""
