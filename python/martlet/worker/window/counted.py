"""Count windows with the trigger that belongs to them: a window is over when it is full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from martlet.datastream.window import (
    CountSlidingWindowAssigner,
    CountTrigger,
    CountTumblingWindowAssigner,
    CountWindow,
)
from martlet.worker.window.operator import Place, WindowOperator

if TYPE_CHECKING:
    from martlet.datastream.window import WindowOperationDescriptor

__all__ = ["CountOperator", "is_plain_count"]


def is_plain_count(operation: WindowOperationDescriptor) -> bool:
    """Whether :class:`CountOperator` can do it."""
    assigner, trigger = operation.assigner, operation.trigger
    kinds = (CountSlidingWindowAssigner, CountTumblingWindowAssigner)
    if type(assigner) not in kinds or type(trigger) is not CountTrigger:
        return False
    return bool(trigger._window_size == assigner._window_size)  # type: ignore[attr-defined]


class CountOperator(WindowOperator):
    """Count windows, one after the other or overlapping.

    How many records a key has had says which windows are full. Nobody adds to these, so that their
    contents are dropped.
    """

    def __init__(self, operation: WindowOperationDescriptor, place: Place) -> None:
        super().__init__(operation, place)
        assigner: Any = operation.assigner
        self._size: int = assigner._window_size
        self._slide: int = getattr(assigner, "_window_slide", self._size)
        self._windows_of = assigner.windows_of
        self._count: Any = place.keyed.get_state(assigner._count_descriptor)

    def process(self, value: Any, ctx: Any) -> Iterable[Any] | None:
        count = self._count.value() or 0
        self._count.update(count + 1)
        key = ctx.get_current_key()
        id = -1
        for id in self._windows_of(count):
            self.store.enter((key, id, id))
            self.contents.add(value)
        # Of the windows of a record only the first can be full, and that one came last.
        if id < 0 or count + 1 < id * self._slide + self._size:
            return None
        contents = self.contents.get()
        self.contents.clear()
        if contents is None or self.operation.internal_window_function is None:
            self.store.forget()
            return None if contents is None else (contents,)
        return self._evaluate(key, CountWindow(id), contents)

    def _evaluate(self, key: Any, window: CountWindow, contents: Any) -> Iterator[Any]:
        yield from self.evaluate(key, window, contents) or ()
        self.store.forget()
