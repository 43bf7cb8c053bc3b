"""What assigners, triggers and window functions see of the record or the timer at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from martlet.datastream.functions.state_store import KeyedStateStore
from martlet.datastream.functions.window import ProcessWindowFunction
from martlet.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from martlet.datastream.window import Trigger, WindowAssigner

if TYPE_CHECKING:
    from martlet import _native
    from martlet.datastream.functions.context import RuntimeContext
    from martlet.metrics.metricbase import MetricGroup
    from martlet.worker.state import KeyedStates

__all__ = ["AssignerContext", "Clock", "FunctionContext", "TriggerContext", "state_of"]

_ACCESSORS = (
    (ListStateDescriptor, "get_list_state"),
    (ReducingStateDescriptor, "get_reducing_state"),
    (AggregatingStateDescriptor, "get_aggregating_state"),
    (ValueStateDescriptor, "get_state"),
    (MapStateDescriptor, "get_map_state"),
)


def state_of(store: Any, descriptor: Any) -> Any:
    """The state that a descriptor of any kind names."""
    for cls, accessor in _ACCESSORS:
        if isinstance(descriptor, cls):
            return getattr(store, accessor)(descriptor)
    raise TypeError(f"Unsupported state descriptor: {type(descriptor)}")


class Clock:
    """Both clocks, and the timers of windows; ``context`` is the step's."""

    def __init__(self, context: _native.Context) -> None:
        self.context = context
        self._service: Any = None

    @property
    def service(self) -> _native.TimerService:
        # The stage binds the context after it was made.
        if self._service is None:
            self._service = self.context.timer_service()
        return self._service  # type: ignore[no-any-return]

    def watermark(self) -> int:
        return self.context.watermark

    def now(self) -> int:
        return self.service.current_processing_time()


class AssignerContext(WindowAssigner.WindowAssignerContext):
    """The context of ``assign_windows``."""

    def __init__(self, clock: Clock, runtime: RuntimeContext) -> None:
        self._runtime = runtime
        self._clock = clock

    def get_current_processing_time(self) -> int:
        return self._clock.now()

    def get_runtime_context(self) -> RuntimeContext:
        return self._runtime


class TriggerContext(Trigger.OnMergeContext):
    """The context of a trigger: of the window whose record is the current one."""

    def __init__(self, clock: Clock, windows: KeyedStates, metrics: MetricGroup) -> None:
        self._clock = clock
        self._windows = windows
        self._metrics = metrics
        #: ``(key, start, end)``.
        self.window_key: tuple[Any, int, int] = (None, 0, 0)
        #: Of the windows that have become this one.
        self.merged: list[tuple[Any, int, int]] = []

    def get_current_processing_time(self) -> int:
        return self._clock.now()

    def get_metric_group(self) -> MetricGroup:
        return self._metrics

    def get_current_watermark(self) -> int:
        return self._clock.watermark()

    def register_processing_time_timer(self, time: int) -> None:
        self._clock.service.change_window(self.window_key, time, 2)

    def register_event_time_timer(self, time: int) -> None:
        self._clock.service.change_window(self.window_key, time, 0)

    def delete_processing_time_timer(self, time: int) -> None:
        self._clock.service.change_window(self.window_key, time, 3)

    def delete_event_time_timer(self, time: int) -> None:
        self._clock.service.change_window(self.window_key, time, 1)

    def get_partitioned_state(self, state_descriptor: Any) -> Any:
        return state_of(self._windows, state_descriptor)

    def merge_partitioned_state(self, state_descriptor: Any) -> None:
        state = state_of(self._windows, state_descriptor)
        store = self._windows.store
        parts = []
        for window_key in self.merged:
            store.enter(window_key)
            parts += _taken(state, state_descriptor)
        store.enter(self.window_key)
        for part in parts:
            _add_part(state, state_descriptor, part)


def _taken(state: Any, descriptor: Any) -> list[Any]:
    """What is in a state, which is empty then."""
    if isinstance(descriptor, ListStateDescriptor):
        taken = [list(state.get())]
    elif isinstance(descriptor, ReducingStateDescriptor):
        taken = [state.get()]
    elif isinstance(descriptor, AggregatingStateDescriptor):
        taken = [state._value.value()]
    else:
        raise TypeError(
            "The given state descriptor does not refer to a mergeable state (MergingState): "
            f"{type(descriptor).__name__} '{descriptor.name}'"
        )
    state.clear()
    return [part for part in taken if part is not None and part != []]


def _add_part(state: Any, descriptor: Any, part: Any) -> None:
    if isinstance(descriptor, ListStateDescriptor):
        state.add_all(part)
    elif isinstance(descriptor, ReducingStateDescriptor):
        state.add(part)
    else:
        before = state._value.value()
        merge = descriptor.get_agg_function().merge
        state._value.update(part if before is None else merge(before, part))


class _NoWindowState(KeyedStateStore):
    """As in Flink, windows that merge have no state of their own."""

    def _refuse(self, state_descriptor: Any) -> NoReturn:
        raise RuntimeError("Per-window state is not allowed when using merging windows.")

    get_state = _refuse
    get_list_state = _refuse
    get_map_state = _refuse
    get_reducing_state = _refuse
    get_aggregating_state = _refuse


class FunctionContext(ProcessWindowFunction.Context[Any]):
    """The context of a window function, of either kind."""

    def __init__(
        self, clock: Clock, windows: KeyedStates, runtime: RuntimeContext, merges: bool
    ) -> None:
        self._clock = clock
        self._window_state: Any = _NoWindowState() if merges else windows
        self._runtime: Any = runtime
        self._windows = windows
        self._unentered: tuple[Any, int, int] | None = None
        self.current: Any = None

    def forget_window(self, key: Any, start: int, end: int) -> None:
        """Another window is evaluated. Its record is the current one only when it is used, which
        few functions do; it is not where its contents are."""
        self._unentered = (key, start, end)

    def window(self) -> Any:
        return self.current

    def current_processing_time(self) -> int:
        return self._clock.now()

    def current_watermark(self) -> int:
        return self._clock.watermark()

    def window_state(self) -> KeyedStateStore:
        if self._unentered is not None:
            self._windows.store.enter(self._unentered)
            self._unentered = None
        return self._window_state  # type: ignore[no-any-return]

    def global_state(self) -> KeyedStateStore:
        return self._runtime  # type: ignore[no-any-return]
