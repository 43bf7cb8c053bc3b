"""Windows that merge, such as sessions.

What a window has is kept under the window that it began as, its state window: when windows merge,
one of their state windows goes on for all, so that little has to be moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.window import MergingWindowAssigner
from martlet.datastream.window.assigner import NO_TIMESTAMP
from martlet.worker.window.operator import Place, WindowOperator

if TYPE_CHECKING:
    from martlet.datastream.window import WindowOperationDescriptor

__all__ = ["MergingOperator", "mapping_state"]

NUMBERS = "TUPLE<BIGINT NOT NULL, BIGINT NOT NULL, BIGINT NOT NULL, BIGINT NOT NULL> NOT NULL"


def mapping_state(place: Place) -> Any:
    """Of each window of a key, its numbers and those of its state window."""
    return place.keyed.declare(
        _native.ValueState, "value", "merging-window-set", f"LIST<{NUMBERS}>"
    )


class _Merges(MergingWindowAssigner.MergeCallback[Any]):
    def __init__(self) -> None:
        self.results: dict[Any, set[Any]] = {}

    def merge(self, to_be_merged: Iterable[Any], merge_result: Any) -> None:
        self.results[merge_result] = set(to_be_merged)


class MergingOperator(WindowOperator):
    """Windows of an assigner that merges, with any trigger that can."""

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        super().__init__(operation, place)
        self._mapping = mapping_state(place)

    def process(self, value: Any, ctx: Any) -> Iterator[Any]:
        timestamp = ctx.timestamp()
        if timestamp is None:
            timestamp = NO_TIMESTAMP
        key = ctx.get_current_key()
        skipped = True
        windows = self._read()
        before = dict(windows)
        for new in self.assigner.assign_windows(value, timestamp, self.assigner_context):
            window = self._add(key, new, windows)
            if self.is_late(window):
                del windows[window]
                continue
            skipped = False
            self.enter(key, windows[window])
            self.contents.add(value)
            yield from self._after_record(key, value, timestamp, window, windows[window])
        if windows != before:
            self._write(windows)
        if skipped:
            yield from self.late(value, timestamp)

    def _after_record(
        self, key: Any, value: Any, timestamp: int, window: Any, state_window: Any
    ) -> Iterator[Any]:
        """As for other windows; the trigger's state is the window's, not the state window's."""
        window_key = self.enter(key, window)
        self.trigger_context.window_key = window_key
        result = self.trigger.on_element(value, timestamp, window, self.trigger_context)
        fire, purge = result.value
        self.enter(key, state_window)
        if fire:
            contents = self.contents.get()
            if contents is None:
                return
            yield from self.emit_contents(key, window, contents)
        if purge:
            self.contents.clear()
        self.register_cleanup(window)
        self.store.forget()

    def on_timer(self, time: int, ctx: Any) -> Iterator[Any]:
        window_key = ctx.get_current_window()
        window = self.names.window(window_key[1], window_key[2])
        windows = self._read()
        state_window = windows.get(window)
        if state_window is None:
            # A timer of a window that is no more, which its trigger has left behind.
            self.store.forget()
            return
        key = window_key[0]
        fire, purge = self.ask_trigger(time, window, window_key)
        self.enter(key, state_window)
        if fire:
            yield from self.emit(key, window)
        if purge:
            self.contents.clear()
        if self.is_cleanup(time, window):
            self.contents.clear()
            self.store.forget()
            self.store.enter(window_key)
            self.clear(window)
            del windows[window]
            self._write(windows)
            self.store.forget()
            self.keyed_store.forget()

    # The windows of a key

    def _read(self) -> dict[Any, Any]:
        window = self.names.window
        return {window(a, b): window(c, d) for a, b, c, d in self._mapping.value() or ()}

    def _write(self, windows: dict[Any, Any]) -> None:
        numbers = self.names.numbers
        rows = [(*numbers(window), *numbers(state)) for window, state in windows.items()]
        self._mapping.update(rows or None)

    def _add(self, key: Any, new: Any, windows: dict[Any, Any]) -> Any:
        """Merges what is to be merged now that there is a new window; what became of that."""
        merges = _Merges()
        assert isinstance(self.assigner, MergingWindowAssigner)
        self.assigner.merge_windows([*windows, new], merges)
        result, merged_new = new, False
        for merged, parts in merges.results.items():
            if new in parts:
                merged_new = True
                result = merged
                parts.discard(new)
            known = [part for part in windows if part in parts]
            states = [windows.pop(part) for part in known]
            windows[merged] = states[0]
            if known != [merged]:
                self._merge(key, merged, known, states)
        if not merges.results or (result == new and not merged_new):
            windows.setdefault(new, new)
        return result

    def _merge(self, key: Any, merged: Any, parts: list[Any], states: list[Any]) -> None:
        """Windows ``parts``, which are kept under ``states``, become one, under the first of these.

        ``merged`` may be one of them.
        """
        self._check_merged(merged)
        context = self.trigger_context
        gone = [part for part in parts if part != merged]
        context.merged = [(key, *self.names.numbers(part)) for part in gone]
        context.window_key = self.enter(key, merged)
        self.trigger.on_merge(merged, context)
        for part in gone:
            context.window_key = self.enter(key, part)
            self.trigger.clear(part, context)
            self.delete_cleanup(part)
            self.store.forget()
        context.merged = []
        kept = []
        for state in states:
            self.enter(key, state)
            if len(states) == 1:
                return
            own = self.contents.kept()
            if own is not None:
                kept.append(own)
            self.contents.clear()
            self.store.forget()
        if kept:
            self.enter(key, states[0])
            self.contents.keep(self.contents.join(kept))

    def _check_merged(self, merged: Any) -> None:
        end = merged.max_timestamp()
        if self.is_event_time:
            now = self.place.context.watermark
            if end + self.lateness <= now:
                raise RuntimeError(
                    "The end timestamp of an event-time window cannot become earlier than the "
                    f"current watermark by merging. Current watermark: {now} window: {merged}"
                )
        elif end <= self.clock.now():
            raise RuntimeError(
                "The end timestamp of a processing-time window cannot become earlier than the "
                "current processing time by merging. Current processing time: "
                f"{self.clock.now()} window: {merged}"
            )
