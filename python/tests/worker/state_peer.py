"""A runtime that keeps a worker's state and timers, as plainly as can be."""

from __future__ import annotations

import heapq
import pickle
import struct
from typing import Any

from worker_harness import Answer, Peer

from martlet import _native
from martlet.worker.msgpack import unpack
from martlet.worker.protocol import Flag, Frame, StateOp


class StatePeer:
    """Plays the runtime towards one worker: see ``docs/worker-protocol.md``."""

    def __init__(self, peer: Peer, timer_types: dict[int, str] | None = None) -> None:
        self.peer = peer
        self.timer_types = timer_types or {}
        self.states: list[dict[str, Any]] = []
        #: By state and key (pickled): the value, the list, or the map.
        self.kept: dict[tuple[str, bytes], Any] = {}
        self.timers: list[tuple[int, int, bytes, int, Any, bool]] = []
        self.gone: set[tuple[int, bytes, bool]] = set()
        self.order = 0
        self.frames: list[Frame] = []

    # What the worker says

    def _take(self, answer: Answer) -> bool:
        """Whether the frame was about state or timers."""
        handlers = {
            Frame.STATES: self._declare,
            Frame.STATE_GET: self._get,
            Frame.STATE_PUT: self._put,
            Frame.STATE_SCAN: self._scan,
            Frame.TIMERS: self._change_timers,
        }
        handler = handlers.get(Frame(answer.kind))
        if handler is None:
            return False
        self.frames.append(Frame(answer.kind))
        handler(answer)
        return True

    def _declare(self, answer: Answer) -> None:
        for state in unpack(answer.body):
            assert state["index"] == len(self.states)
            self.states.append(state)

    def _name(self, state: dict[str, Any], key: Any) -> tuple[str, bytes]:
        return f"{state['step']}/{state['windowed']}/{state['name']}", pickle.dumps(key)

    def _column(self, state: dict[str, Any]) -> str:
        value = str(state["value"]).removesuffix(" NOT NULL")
        return f"LIST<{state['value']}>" if state["kind"] == "list" else value

    def _answer(
        self, answer: Answer, columns: list[list[Any]], types: list[str], flags: int
    ) -> None:
        body = _native.encode_columns(columns, types)
        header = struct.pack("<IBBHQ", len(body), Frame.STATE, flags, answer.index, answer.sequence)
        self.peer.stream.sendall(header + body)

    def _get(self, answer: Answer) -> None:
        state = self.states[answer.index]
        (keys,) = _native.decode_columns(answer.body, [state["key"]])
        assert len(keys) == len(set(map(pickle.dumps, keys))), "each key is asked for once"
        values = [self.kept.get(self._name(state, key)) for key in keys]
        present = [value is not None for value in values]
        self._answer(answer, [present, values], ["BOOLEAN NOT NULL", self._column(state)], 0)

    def _put(self, answer: Answer) -> None:
        state = self.states[answer.index]
        is_map = state["kind"] == "map"
        types = [state["key"]] + ([state["map_key"]] if is_map else [])
        types += ["TINYINT NOT NULL", self._column(state)]
        for key, *rest in zip(*_native.decode_columns(answer.body, types), strict=True):
            op, value = rest[-2:]
            name = self._name(state, key)
            if not is_map:
                assert op in (StateOp.SET, StateOp.REMOVE)
                self.kept.pop(name, None)
                if op == StateOp.SET:
                    self.kept[name] = value
            elif op == StateOp.CLEAR:
                self.kept.pop(name, None)
            elif op == StateOp.SET:
                self.kept.setdefault(name, {})[rest[0]] = value
            else:
                self.kept.get(name, {}).pop(rest[0], None)

    def _scan(self, answer: Answer, limit: int = 2) -> None:
        state = self.states[answer.index]
        (key,), (after,) = _native.decode_columns(answer.body, [state["key"], state["map_key"]])
        entries = sorted(self.kept.get(self._name(state, key), {}).items())
        rest = [entry for entry in entries if after is None or entry[0] > after]
        part = rest[:limit]
        columns = [[k for k, _ in part], [v for _, v in part]]
        flags = Flag.LAST if len(part) == len(rest) else 0
        self._answer(answer, columns, [state["map_key"], state["value"]], flags)

    def _change_timers(self, answer: Answer) -> None:
        types = [self.timer_types[answer.index], "BIGINT NOT NULL", "TINYINT NOT NULL"]
        for key, time, op in zip(*_native.decode_columns(answer.body, types), strict=True):
            identity = (time, pickle.dumps(key), op >= 2)
            known = any((t[0], t[2], t[5]) == identity for t in self.timers)
            if op % 2 == 1:
                self.timers = [t for t in self.timers if (t[0], t[2], t[5]) != identity]
                heapq.heapify(self.timers)
            elif not known:
                self.order += 1
                entry = (time, self.order, identity[1], answer.index, key, op >= 2)
                heapq.heappush(self.timers, entry)

    # What the runtime does

    def results(self) -> list[tuple[Any, int | None]]:
        """The answer to the frame sent last: values with their times."""
        out: list[tuple[Any, int | None]] = []
        while True:
            answer = self.peer.read()
            if self._take(answer):
                continue
            assert answer.kind == Frame.RESULT, (
                answer.error if answer.kind == Frame.ERROR else answer
            )
            values, _, times, _ = _native.decode_batch(
                answer.body, self.peer.output, None, answer.flags
            )
            out += zip(values, times or [None] * len(values), strict=True)
            if answer.last:
                return out

    def batch(
        self, values: list[Any], type_text: str, flags: int = 0, **columns: Any
    ) -> list[tuple[Any, int | None]]:
        flags |= Flag.TIMESTAMPS if "timestamps" in columns else 0
        self.peer.send(Frame.BATCH, _native.encode(values, type_text, **columns), flags)
        return self.results()

    def _fire(self, until: int, processing: bool) -> list[tuple[Any, int | None]]:
        out: list[tuple[Any, int | None]] = []
        while True:
            due = sorted(t for t in self.timers if t[0] <= until and t[5] is processing)
            if not due:
                return out
            step = due[0][3]
            mine = [t for t in due if t[3] == step]
            self.timers = [t for t in self.timers if t not in mine]
            heapq.heapify(self.timers)
            prefix = struct.pack("<qq48x", until, until)
            body = prefix + _native.encode_columns(
                [[t[4] for t in mine], [t[0] for t in mine]],
                [self.timer_types[step], "BIGINT NOT NULL"],
            )
            flags = Flag.PROCESSING if processing else 0
            self.peer.send(Frame.FIRE, body, flags, step)
            out += self.results()

    def watermark(self, time: int) -> list[tuple[Any, int | None]]:
        """All that the timers up to a watermark give; then the watermark itself passes."""
        out = self._fire(time, False)
        self.control(Frame.WATERMARK, struct.pack("<q", time))
        return out

    def clock(self, now: int) -> list[tuple[Any, int | None]]:
        return self._fire(now, True)

    def barrier(self) -> None:
        self.control(Frame.BARRIER, struct.pack("<Qq", 1, 0))

    def control(self, kind: Frame, body: bytes) -> None:
        sequence = self.peer.send(kind, body)
        while True:
            answer = self.peer.read()
            if not self._take(answer):
                assert (answer.kind, answer.sequence) == (Frame.ECHO, sequence)
                return
