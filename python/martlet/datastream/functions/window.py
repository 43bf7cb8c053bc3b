"""Functions that are given the records of a window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from martlet.datastream.functions.basic import Function

if TYPE_CHECKING:
    from martlet.datastream.functions.state_store import KeyedStateStore

__all__ = [
    "AllWindowFunction",
    "ProcessAllWindowFunction",
    "ProcessWindowFunction",
    "WindowFunction",
]

IN = TypeVar("IN")
OUT = TypeVar("OUT")
KEY = TypeVar("KEY")
W = TypeVar("W")
W2 = TypeVar("W2")


class WindowFunction(Function, Generic[IN, OUT, KEY, W]):
    """Evaluates a window of one key."""

    @abstractmethod
    def apply(self, key: KEY, window: W, inputs: Iterable[IN]) -> Iterable[OUT]:
        """The results for the records of ``window``."""


class AllWindowFunction(Function, Generic[IN, OUT, W]):
    """Evaluates a window of a stream that is not keyed."""

    @abstractmethod
    def apply(self, window: W, inputs: Iterable[IN]) -> Iterable[OUT]:
        """The results for the records of ``window``."""


class _WindowContext(ABC, Generic[W2]):
    """What every window's context offers; valid during one call only."""

    @abstractmethod
    def window(self) -> W2:
        """The window at hand."""

    @abstractmethod
    def window_state(self) -> KeyedStateStore:
        """State of the key and the window, which ``clear`` must remove."""

    @abstractmethod
    def global_state(self) -> KeyedStateStore:
        """State of the key across windows."""


class ProcessWindowFunction(Function, Generic[IN, OUT, KEY, W]):
    """Evaluates a window of one key, with time and state at hand."""

    class Context(_WindowContext[W2]):
        """The context of a call."""

        @abstractmethod
        def current_processing_time(self) -> int:
            """The machine's clock, in milliseconds since the epoch."""

        @abstractmethod
        def current_watermark(self) -> int:
            """The event-time clock, in milliseconds since the epoch."""

    @abstractmethod
    def process(
        self, key: KEY, context: ProcessWindowFunction.Context[W], elements: Iterable[IN]
    ) -> Iterable[OUT]:
        """The results for the records of the context's window."""

    def clear(self, context: ProcessWindowFunction.Context[W]) -> None:
        """Removes the state of a window that is over."""
        return None


class ProcessAllWindowFunction(Function, Generic[IN, OUT, W]):
    """Evaluates a window of a stream that is not keyed, with state at hand."""

    class Context(_WindowContext[W2]):
        """The context of a call."""

    @abstractmethod
    def process(
        self, context: ProcessAllWindowFunction.Context[W], elements: Iterable[IN]
    ) -> Iterable[OUT]:
        """The results for the records of the context's window."""

    def clear(self, context: ProcessAllWindowFunction.Context[W]) -> None:
        """Removes the state of a window that is over."""
        return None
