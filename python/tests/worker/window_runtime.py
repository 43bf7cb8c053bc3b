"""A window step without the runtime: its part (timers, watermarks) is played here."""

from __future__ import annotations

import heapq
from typing import Any

from martlet import _native
from martlet.common.typeinfo import TypeInformation, Types
from martlet.datastream import OutputTag
from martlet.datastream.data_stream.windowed import WINDOW_STATE_NAME
from martlet.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    ReducingStateDescriptor,
)
from martlet.datastream.window import WindowOperationDescriptor
from martlet.util.pickling import dump_function
from martlet.worker.opening import Opening, Step
from martlet.worker.stage import OpenStage, window_key_type

PAIR = "TUPLE<STRING, BIGINT>"
MIN = -(2**63)
Result = tuple[int, Any, int | None]
"""Output (0: the main one), value, timestamp."""


def operation(
    assigner: Any,
    *,
    reduce: Any = None,
    aggregate: Any = None,
    function: Any = None,
    trigger: Any = None,
    lateness: int = 0,
    late: OutputTag | None = None,
    element: TypeInformation | None = None,
    accumulator: TypeInformation | None = None,
) -> WindowOperationDescriptor:
    element = element or Types.TUPLE([Types.STRING(), Types.LONG()])
    state: Any
    if reduce is not None:
        state = ReducingStateDescriptor(WINDOW_STATE_NAME, reduce, element)
    elif aggregate is not None:
        kept = accumulator or Types.PICKLED_BYTE_ARRAY()
        state = AggregatingStateDescriptor(WINDOW_STATE_NAME, aggregate, kept)
    else:
        state = ListStateDescriptor(WINDOW_STATE_NAME, element)
    return WindowOperationDescriptor(
        assigner,
        trigger or assigner.get_default_trigger(None),
        lateness,
        late,
        state,
        assigner.get_window_serializer(),
        function,
    )


class Job:
    """Rows ``(key, number)`` with timestamps, keyed by the key, into windows."""

    def __init__(
        self,
        given: WindowOperationDescriptor,
        output: str = "PICKLED",
        mode: str = "streaming",
        batch_rows: int = 4096,
        chunk: int = 8192,
        state_empty: bool = True,
    ) -> None:
        late = given.late_data_output_tag
        window = Step("window", "windows", dump_function(given), output, key="STRING")
        opening = Opening(
            job="job",
            operator="windows",
            input=PAIR,
            output=output,
            steps=[Step("key_by", "key", dump_function(lambda row: row[0]), "STRING"), window],
            side_outputs=[] if late is None else [[late.tag_id, late.type_info.type_text()]],
            mode=mode,
            batch_rows=batch_rows,
            state_empty=state_empty,
        )
        self.stage = OpenStage(opening)
        self.types = [output] + ([late.type_info.type_text()] if late else [])
        self.heaps: tuple[list[Any], list[Any]] = ([], [])
        self.known: set[tuple[bool, int, Any]] = set()
        self.order = 0
        self.chunk = chunk
        self.results: list[Result] = []
        self.key_type = window_key_type("STRING")

    @property
    def stores(self) -> list[Any]:
        return [states.store for states in self.stage.states._keyed]

    def rows(self, *rows: tuple[str, int, int | None]) -> list[Result]:
        """Rows (key, number, timestamp); the results."""
        values, times = [row[:2] for row in rows], [row[2] for row in rows]
        return self._take(
            self.stage.native.process(_native.encode(values, PAIR, timestamps=times), 2)
        )

    def watermark(self, time: int) -> list[Result]:
        """Fires what is due, chunk by chunk, as the runtime does."""
        out = self._advance(time, processing=False)
        self.stage.native.watermark = time
        return out

    def clock(self, time: int) -> list[Result]:
        """Fires the timers of processing time that are due then."""
        return self._advance(time, processing=True)

    def barrier(self) -> None:
        """What the worker does before it echoes one."""
        self.stage.states.write_back()
        self._take([])

    def finish(self) -> list[Result]:
        return self._take(self.stage.native.finish())

    def _advance(self, time: int, processing: bool) -> list[Result]:
        out: list[Result] = []
        heap = self.heaps[processing]
        while True:
            due: list[tuple[int, Any]] = []
            while heap and heap[0][0] <= time and len(due) < self.chunk:
                at, _, key = heapq.heappop(heap)
                if (processing, at, key) in self.known:
                    self.known.discard((processing, at, key))
                    due.append((at, key))
            if not due:
                return out
            more = any(at <= time for at, _, _ in heap)
            bound = due[-1][0] - 1 if more else time
            keys = _native.decode(
                _native.encode([key for _, key in due], self.key_type), self.key_type
            )
            frames = self.stage.native.fire(1, keys, [at for at, _ in due], time, bound, processing)
            out += self._take(frames)

    def _take(self, frames: list[Any]) -> list[Result]:
        out: list[Result] = []
        for frame in frames:
            flags, body = frame[0], frame[1]
            output = frame[2] if len(frame) > 2 else 0
            values, _, times, _ = _native.decode_batch(body, self.types[output], None, flags)
            out += zip([output] * len(values), values, times or [None] * len(values), strict=True)
        for _, timers in self.stage.native.take_timers():
            for key, time, op in timers:
                entry = (bool(op & 2), time, key)
                if op & 1:
                    self.known.discard(entry)
                elif entry not in self.known:
                    self.known.add(entry)
                    self.order += 1
                    heapq.heappush(self.heaps[entry[0]], (time, self.order, key))
        self.results += out
        return out


def values(results: list[Result]) -> list[Any]:
    return [value for _, value, _ in results]
