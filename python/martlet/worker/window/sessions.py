"""Sessions with the trigger that belongs to them.

A session grows with almost every record. It does not move its timer each time, as a merging window
in general does: the timer finds out, when it fires, that the session has gone on, and waits for its
new end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from martlet.datastream.window import (
    DynamicEventTimeSessionWindows,
    DynamicProcessingTimeSessionWindows,
    EventTimeSessionWindows,
    ProcessingTimeSessionWindows,
    TimeWindow,
)
from martlet.datastream.window.assigner import NO_TIMESTAMP, check_timestamp
from martlet.worker.window.merging import mapping_state
from martlet.worker.window.operator import Place, WindowOperator, fires_at_end

if TYPE_CHECKING:
    from martlet.datastream.window import WindowOperationDescriptor

__all__ = ["SessionOperator", "are_plain_sessions"]

KINDS = (
    DynamicEventTimeSessionWindows,
    DynamicProcessingTimeSessionWindows,
    EventTimeSessionWindows,
    ProcessingTimeSessionWindows,
)
Session = tuple[int, int, int, int]
"""Start and end, and start and end of the window that it began as: its contents and its timers
belong to that one, whatever becomes of the session."""


def are_plain_sessions(operation: WindowOperationDescriptor) -> bool:
    """Whether :class:`SessionOperator` can do it."""
    return type(operation.assigner) in KINDS and fires_at_end(operation)


class SessionOperator(WindowOperator):
    """Sessions of either time."""

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        super().__init__(operation, place)
        assigner: Any = operation.assigner
        self._gap_after = assigner.gap_after
        self._sessions = mapping_state(place)
        self._timer_op = 0 if self.is_event_time else 2
        self._lateness = self.lateness if self.is_event_time else 0

    def process(self, value: Any, ctx: Any) -> Iterable[Any] | None:
        watermark = NO_TIMESTAMP
        if self.is_event_time:
            start = ctx.timestamp()
            check_timestamp(NO_TIMESTAMP if start is None else start)
            watermark = ctx.watermark
        else:
            start = self.clock.now()
        end = start + self._gap_after(value)
        sessions: list[Session] = self._sessions.value() or []
        touched = [s for s in sessions if s[0] <= end and s[1] >= start]
        key = ctx.get_current_key()
        if not touched:
            if end - 1 + self._lateness <= watermark:
                return self.late(value, start)
            session = (start, end, start, end)
            self._sessions.update([*sessions, session])
            has_timer = False
        else:
            before = touched[0]
            session = (
                min(start, min(s[0] for s in touched)),
                max(end, max(s[1] for s in touched)),
                before[2],
                before[3],
            )
            if len(touched) > 1:
                self._join(key, touched)
            if session != before or len(touched) > 1:
                others = [s for s in sessions if s not in touched]
                self._sessions.update([*others, session])
            # One that has been evaluated, and is kept for late records, does not wait for its end.
            has_timer = before[1] - 1 > watermark
        own = (key, session[2], session[3])
        self.store.enter(own)
        self.contents.add(value)
        last = session[1] - 1
        if last > watermark:
            if not has_timer:
                self._set_timer(own, last)
            return None
        if not touched or last + self._lateness != before[1] - 1 + self._lateness:
            self._set_timer(own, last + self._lateness)
        return self.emit(key, TimeWindow(session[0], session[1]))

    def _set_timer(self, own: tuple[Any, int, int], time: int) -> None:
        self.clock.service.change_window(own, time, self._timer_op)

    def _join(self, key: Any, sessions: list[Session]) -> None:
        """Moves the contents of all sessions to the first of them."""
        parts = []
        for session in sessions:
            self.store.enter((key, session[2], session[3]))
            kept = self.contents.kept()
            if kept is not None:
                parts.append(kept)
            self.contents.clear()
            self.store.forget()
        if parts:
            self.store.enter((key, sessions[0][2], sessions[0][3]))
            self.contents.keep(self.contents.join(parts))

    def on_timer(self, time: int, ctx: Any) -> Iterator[Any]:
        own = ctx.get_current_window()
        sessions: list[Session] = self._sessions.value() or []
        for session in sessions:
            if session[2:] == own[1:]:
                break
        else:  # it has become part of another one
            self.store.forget()
            return
        last = session[1] - 1
        if time < last:
            self._set_timer(own, last)
            return
        window = TimeWindow(session[0], session[1])
        if time == last:
            yield from self.emit(own[0], window)
            if self._lateness:
                self._set_timer(own, last + self._lateness)
        if time == last + self._lateness:
            self.contents.clear()
            if self.clear_function is not None:
                self.clear_function(window)
            self._sessions.update([s for s in sessions if s is not session] or None)
            self.store.forget()
            self.keyed_store.forget()
