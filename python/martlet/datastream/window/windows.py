"""Windows: what the records of a stream are divided into, and how a window is written as bytes."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from martlet.common.constants import MAX_LONG_VALUE
from martlet.common.serializer import TypeSerializer

if TYPE_CHECKING:
    from martlet.datastream.window.assigner import MergingWindowAssigner

__all__ = [
    "CountWindow",
    "CountWindowSerializer",
    "GlobalWindow",
    "GlobalWindowSerializer",
    "TimeWindow",
    "TimeWindowSerializer",
    "Window",
]


class Window(ABC):
    """A finite part of a stream, over at some point of time."""

    @abstractmethod
    def max_timestamp(self) -> int:
        """The largest timestamp that still belongs to the window."""


class TimeWindow(Window):
    """The time from ``start`` to before ``end``, in milliseconds since the epoch."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int):
        self.start = start
        self.end = end

    def max_timestamp(self) -> int:
        return self.end - 1

    def intersects(self, other: TimeWindow) -> bool:
        """Whether the two overlap or touch."""
        return self.start <= other.end and self.end >= other.start

    def cover(self, other: TimeWindow) -> TimeWindow:
        """The smallest window that contains both."""
        return TimeWindow(min(self.start, other.start), max(self.end, other.end))

    @staticmethod
    def get_window_start_with_offset(timestamp: int, offset: int, window_size: int) -> int:
        """The start of the window that ``timestamp`` falls into, of windows of one size.

        :param offset: how much later than a multiple of the size windows start, in milliseconds
        """
        return timestamp - (timestamp - offset) % window_size

    @staticmethod
    def merge_windows(
        windows: Iterable[TimeWindow], callback: MergingWindowAssigner.MergeCallback[TimeWindow]
    ) -> None:
        """Tells ``callback`` which of the windows overlap or touch, and what they come to."""
        group: set[TimeWindow] = set()
        cover: TimeWindow | None = None
        for window in sorted(windows):
            if cover is not None and cover.intersects(window):
                cover = cover.cover(window)
                group.add(window)
                continue
            if cover is not None and len(group) > 1:
                callback.merge(group, cover)
            cover, group = window, {window}
        if cover is not None and len(group) > 1:
            callback.merge(group, cover)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __eq__(self, other: object) -> bool:
        return (
            self.__class__ == other.__class__
            and isinstance(other, TimeWindow)
            and self.end == other.end
            and self.start == other.start
        )

    def __lt__(self, other: TimeWindow) -> bool:
        if not isinstance(other, TimeWindow):
            raise TypeError(f"Does not support comparison with non-TimeWindow {other}")
        return (self.start, self.end) < (other.start, other.end)

    def __le__(self, other: TimeWindow) -> bool:
        return self == other or self < other

    def __repr__(self) -> str:
        return f"TimeWindow(start={self.start}, end={self.end})"


class CountWindow(Window):
    """A number of records, one after the other; the first window of a key has the id 0."""

    def __init__(self, id: int):
        self.id = id

    def max_timestamp(self) -> int:
        return MAX_LONG_VALUE

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return (
            self.__class__ == other.__class__
            and isinstance(other, CountWindow)
            and self.id == other.id
        )

    def __repr__(self) -> str:
        return f"CountWindow(id={self.id})"


class GlobalWindow(Window):
    """The one window of :class:`GlobalWindows`, which never ends."""

    @staticmethod
    def get() -> GlobalWindow:
        return GlobalWindow()

    def max_timestamp(self) -> int:
        return MAX_LONG_VALUE

    def __eq__(self, other: object) -> bool:
        return self.__class__ == other.__class__

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "GlobalWindow"


class _FixedSerializer(TypeSerializer[Any]):
    """Writes a window as integers of 64 bits, big-endian, as Flink does."""

    _format = struct.Struct(">q")

    def deserialize(self, stream: BytesIO) -> Any:
        return self._window(*self._format.unpack(stream.read(self._format.size)))

    _window: Callable[..., Any]


class TimeWindowSerializer(_FixedSerializer):
    """Writes a :class:`TimeWindow` as 16 bytes: start and end."""

    _format = struct.Struct(">qq")
    _window = staticmethod(TimeWindow)

    def serialize(self, element: TimeWindow, stream: BytesIO) -> None:
        stream.write(self._format.pack(element.start, element.end))


class CountWindowSerializer(_FixedSerializer):
    """Writes a :class:`CountWindow` as 8 bytes: its id."""

    _window = staticmethod(CountWindow)

    def serialize(self, element: CountWindow, stream: BytesIO) -> None:
        stream.write(self._format.pack(element.id))


class GlobalWindowSerializer(TypeSerializer[GlobalWindow]):
    """Writes a :class:`GlobalWindow` as a byte, which says nothing."""

    def serialize(self, element: GlobalWindow, stream: BytesIO) -> None:
        stream.write(b"\0")

    def deserialize(self, stream: BytesIO) -> GlobalWindow:
        stream.read(1)
        return GlobalWindow()
