"""A step on a windowed stream: which operator it needs, and how the stage runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.datastream.functions.basic import Function
from martlet.datastream.window import MergingWindowAssigner
from martlet.worker.process import BroadcastStates, contexts_for
from martlet.worker.window.counted import CountOperator, is_plain_count
from martlet.worker.window.merging import MergingOperator
from martlet.worker.window.operator import Place, WindowOperator
from martlet.worker.window.sessions import SessionOperator, are_plain_sessions
from martlet.worker.window.timed import (
    PaneOperator,
    TumblingOperator,
    can_share_panes,
    is_plain_tumbling,
)

if TYPE_CHECKING:
    from martlet.datastream.functions.context import RuntimeContext
    from martlet.datastream.window import WindowOperationDescriptor
    from martlet.worker.state import KeyedStates

__all__ = ["WindowStep"]


class WindowStep:
    """What runs a window operation; opened and closed as its functions are.

    :param fast: whether to look for an operator that is made for the case at hand
    """

    def __init__(
        self,
        operation: WindowOperationDescriptor,
        keyed: KeyedStates,
        windows: KeyedStates,
        runtime: RuntimeContext,
        fast: bool = True,
    ) -> None:
        self._operation = operation
        # One context is enough, since one function sees records and timers.
        _, _, self._context = contexts_for(None, BroadcastStates("", []))
        place = Place(keyed, windows, self._context, runtime)
        self._place = place
        self.operator: WindowOperator
        if fast and are_plain_sessions(operation):
            self.operator = SessionOperator(operation, place)
        elif fast and is_plain_count(operation):
            self.operator = CountOperator(operation, place)
        elif isinstance(operation.assigner, MergingWindowAssigner):
            self.operator = MergingOperator(operation, place)
        elif fast and is_plain_tumbling(operation):
            self.operator = TumblingOperator(operation, place)
        elif fast and can_share_panes(operation):
            self.operator = PaneOperator(operation, place)
        else:
            self.operator = WindowOperator(operation, place)

    @property
    def user_functions(self) -> list[Function]:
        """What the user has written, of what this step runs."""
        given = (self.operator.contents.function, self._operation.internal_window_function)
        return [function for function in given if isinstance(function, Function)]

    def open(self, runtime_context: RuntimeContext) -> None:
        for function in self.user_functions:
            function.open(runtime_context)

    def close(self) -> None:
        for function in self.user_functions:
            function.close()

    def native_step(self, output: str | None, timer_type: str) -> tuple[Any, ...]:
        """The step as :class:`martlet._native.Stage` takes it."""
        operator, place = self.operator, self._place
        contexts = (self._context, self._context, self._context)
        stores = (place.keyed.store, place.windows.store)
        calls = (contexts, operator.on_timer, stores[1], timer_type)
        if not isinstance(operator, (TumblingOperator, PaneOperator)):
            return ("process", operator.process, output, stores[0], *calls)
        # Where the last record of a key went; the runtime does not hear of this slot.
        cursor = place.keyed.store.declare("window-cursor")
        spec = operator.window_spec(cursor)
        return ("window", operator.process, output, stores[0], *calls, spec)
