"""In which order results leave, and when a frame is done. No threads and no clock: see ``step``.

Both orders are told of the same events, in the order of the input: rows that come (``add``), the
end of a frame (``mark``), and rows whose results are there (``complete``). ``take`` gives what may
leave: rows, and None where the oldest frame is done and may be answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

__all__ = ["Element", "Ordered", "Unordered"]


class Element:
    """A row on its way through an asynchronous function."""

    __slots__ = (
        "error",
        "frame",
        "is_done",
        "is_settled",
        "results",
        "segment",
        "task",
        "time",
        "value",
    )

    def __init__(self, value: Any, time: int | None) -> None:
        self.value = value
        self.time = time
        self.results: Iterable[Any] = ()
        self.error: BaseException | None = None
        #: The event loop's: whatever its coroutine does from now on does not count.
        self.is_settled = False
        #: While its coroutine runs, what keeps it from being collected.
        self.task: Any = None
        #: The order's own.
        self.is_done = False
        self.frame: Any = None
        self.segment: Any = None


class Ordered:
    """Results leave in the order of the rows."""

    def __init__(self) -> None:
        #: Rows that have not left.
        self.in_flight = 0
        self._queue: deque[Element | None] = deque()

    def add(self, element: Element) -> None:
        self.in_flight += 1
        self._queue.append(element)

    def mark(self, boundary: bool) -> None:
        self._queue.append(None)

    def complete(self, element: Element) -> None:
        element.is_done = True

    def take(self) -> list[Element | None]:
        queue = self._queue
        taken: list[Element | None] = []
        while queue:
            head = queue[0]
            if head is not None:
                if not head.is_done:
                    break
                self.in_flight -= 1
            taken.append(queue.popleft())
        return taken


class _Frame:
    __slots__ = ("is_whole", "waits_for")

    def __init__(self) -> None:
        self.is_whole = False
        #: Rows that have not left.
        self.waits_for = 0


class _Segment:
    """What lies between two boundaries."""

    __slots__ = ("frames", "is_closed", "ready")

    def __init__(self) -> None:
        self.frames: deque[_Frame] = deque()
        self.ready: list[Element] = []
        self.is_closed = False


class Unordered:
    """Results leave as they come, but not past a boundary, such as a watermark."""

    def __init__(self) -> None:
        #: Rows that have not left.
        self.in_flight = 0
        self._segments: deque[_Segment] = deque([_Segment()])
        self._frame: _Frame | None = None

    def _current(self) -> _Frame:
        if self._frame is None:
            self._frame = _Frame()
            self._segments[-1].frames.append(self._frame)
        return self._frame

    def add(self, element: Element) -> None:
        self.in_flight += 1
        element.frame = frame = self._current()
        element.segment = self._segments[-1]
        frame.waits_for += 1

    def mark(self, boundary: bool) -> None:
        if boundary:
            self._segments[-1].is_closed = True
            self._segments.append(_Segment())
            return
        self._current().is_whole = True
        self._frame = None

    def complete(self, element: Element) -> None:
        element.segment.ready.append(element)

    def take(self) -> list[Element | None]:
        taken: list[Element | None] = []
        while True:
            segment = self._segments[0]
            if segment.ready:
                for element in segment.ready:
                    element.frame.waits_for -= 1
                taken += segment.ready
                self.in_flight -= len(segment.ready)
                segment.ready = []
            frames = segment.frames
            while frames and frames[0].is_whole and frames[0].waits_for == 0:
                frames.popleft()
                taken.append(None)
            if frames or not segment.is_closed:
                return taken
            self._segments.popleft()
            taken.append(None)
