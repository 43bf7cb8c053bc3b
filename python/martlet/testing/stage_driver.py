"""The runtime's part for a stage that runs in this process: clocks, timers and results."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from martlet import _native
from martlet.worker.errors import StageError
from martlet.worker.opening import Opening
from martlet.worker.protocol import Flag
from martlet.worker.stage import OpenStage, timer_key_type

__all__ = ["Record", "StageDriver", "TimerQueue"]

LOWEST = -(1 << 63)
FIRE_ROWS = 8192
"""How many timers the runtime fires at once."""


@dataclass(frozen=True)
class Record:
    """A value that came out, and its timestamp in ms; None if it has none."""

    value: Any
    timestamp: int | None


class TimerQueue:
    """Timers of one step and one clock, each key and time at most once."""

    def __init__(self, key_type: str) -> None:
        self._key_type = key_type
        self._order = itertools.count()
        self._heap: list[tuple[int, int, bytes]] = []
        self._waiting: set[tuple[int, bytes]] = set()

    def change(self, key: Any, time: int, delete: bool) -> None:
        # The key as it travels: not all keys can be hashed.
        entry = (time, bytes(_native.encode([key], self._key_type)))
        if delete:
            self._waiting.discard(entry)
        elif entry not in self._waiting:
            self._waiting.add(entry)
            heapq.heappush(self._heap, (time, next(self._order), entry[1]))

    def next_time(self) -> int | None:
        while self._heap and (self._heap[0][0], self._heap[0][2]) not in self._waiting:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, time: int) -> tuple[list[Any], list[int]]:
        """The keys and times of the first that are due, in the order of their times."""
        keys: list[Any] = []
        times: list[int] = []
        while len(times) < FIRE_ROWS and (first := self.next_time()) is not None and first <= time:
            _, _, key = heapq.heappop(self._heap)
            self._waiting.discard((first, key))
            keys += _native.decode(key, self._key_type)
            times.append(first)
        return keys, times

    def all(self) -> list[tuple[int, Any]]:
        """Times and keys, in the order in which they fire."""
        entries = sorted(entry for entry in self._heap if (entry[0], entry[2]) in self._waiting)
        return [(time, _native.decode(key, self._key_type)[0]) for time, _, key in entries]


class StageDriver:
    """A stage as in a worker, and what the runtime does for it.

    :param outputs: the type of the main output, then those of the side outputs
    """

    def __init__(self, opening: Opening, outputs: Sequence[str], processing_time: int) -> None:
        self.now = processing_time
        self.watermark = LOWEST
        self.results: list[list[Record]] = [[] for _ in outputs]
        self._outputs = list(outputs)
        self._steps = opening.steps
        with self._clock():
            try:
                self.stage = OpenStage(opening)
            except StageError as error:
                raise (error.__cause__ or error) from None
        self._has_timers = {
            index: timer_key_type(step)
            for index, step in enumerate(opening.steps)
            if step.key is not None and step.kind.endswith(("process", "window"))
        }
        #: By step: of event time and of processing time.
        self.timers = {
            index: (TimerQueue(key), TimerQueue(key)) for index, key in self._has_timers.items()
        }

    # What comes

    def rows(
        self,
        values: list[Any],
        type_text: str,
        timestamps: list[int | None] | None = None,
        keys: list[Any] | None = None,
        key_type: str | None = None,
        kinds: list[int] | None = None,
        second: bool = False,
    ) -> None:
        body = _native.encode(values, type_text, keys, key_type, timestamps, kinds)
        flags = Flag.SECOND if second else 0
        flags |= Flag.TIMESTAMPS if timestamps is not None else 0
        flags |= Flag.KINDS if kinds is not None else 0
        with self._at_work():
            self._take(self.stage.native.process(body, flags))
        self._fire(self.now, processing=True)

    def advance_watermark(self, time: int) -> None:
        self._fire(time, processing=False)
        self.watermark = self.stage.native.watermark = time

    def advance_clock(self, time: int) -> None:
        self.now = time
        self._fire(time, processing=True)

    def finish(self) -> None:
        with self._at_work():
            self._take(self.stage.native.finish())

    def close(self) -> None:
        with self._clock():
            try:
                self.stage.close()
            except StageError as error:
                raise (error.__cause__ or error) from None

    # Timers

    def _fire(self, time: int, processing: bool) -> None:
        """As the runtime: those that are due, step by step, until none is left."""
        while (step := self._first_due(time, processing)) is not None:
            queue = self.timers[step][processing]
            keys, times = queue.pop_due(time)
            more = queue.next_time()
            bound = LOWEST
            if self._steps[step].kind == "window":
                bound = time if more is None or more > time else times[-1] - 1
            with self._at_work():
                self._take(self.stage.native.fire(step, keys, times, time, bound, processing))

    def _first_due(self, time: int, processing: bool) -> int | None:
        for step, queues in sorted(self.timers.items()):
            first = queues[processing].next_time()
            if first is not None and first <= time:
                return step
        return None

    # Results

    def _take(self, frames: list[Any]) -> None:
        for flags, body, *index in frames:
            output = index[0] if index else 0
            values, _, times, kinds = _native.decode_batch(body, self._outputs[output], None, flags)
            del kinds  # rows have theirs
            self.results[output] += map(Record, values, times or [None] * len(values))
        for step, changes in self.stage.native.take_timers():
            for key, time, op in changes:
                self.timers[step][bool(op & 2)].change(key, time, bool(op & 1))

    @contextmanager
    def _clock(self) -> Iterator[None]:
        _native.hold_clock(self.now)
        try:
            yield
        finally:
            _native.hold_clock(None)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """The clock is the test's, and an error tells where it comes from."""
        with self._clock():
            try:
                yield
            except Exception as error:
                if self.stage.native.failure is not None:
                    _, step, record = self.stage.native.failure
                    error.add_note(f"in {self.stage.step_name(step)}, for {record!r:.500}")
                raise
