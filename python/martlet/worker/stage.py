"""From the OPEN frame to a stage that runs: functions are unpickled, opened and fused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cloudpickle

from martlet import _native
from martlet.worker.context import WorkerContext
from martlet.worker.environment import flush
from martlet.worker.errors import StageError
from martlet.worker.metrics import Metrics
from martlet.worker.opening import Opening, Step
from martlet.worker.protocol import Frame
from martlet.worker.state import KeyedStates, StageStates

if TYPE_CHECKING:
    from martlet.worker.process import BroadcastStates

__all__ = ["OpenStage", "open_stage"]

TIMER_TYPES = ("BIGINT NOT NULL", "TINYINT NOT NULL")
PROCESS = {
    "process": ("process_element",),
    "co_map": ("map1", "map2"),
    "co_flat_map": ("flat_map1", "flat_map2"),
    "co_process": ("process_element1", "process_element2"),
    "broadcast_process": ("process_element", "process_broadcast_element"),
}
"""Step kind → the methods that a function object must have for it, one for each input."""

METHODS = {
    "map": "map",
    "filter": "filter",
    "flat_map": "flat_map",
    "key_by": "get_key",
    "reduce": "reduce",
    "partition": "partition",
    "timestamp": "extract_timestamp",
}
"""Step kind → the method that a function object has for it."""


class OpenStage:
    """A stage whose functions are open."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.metrics = Metrics()
        self.states = StageStates(opening.state_empty, opening.cache_bytes)
        #: The broadcast states of each step that has any, by step.
        self.broadcast: dict[int, Any] = {}
        self._opened: list[tuple[str, Any]] = []
        functions = [(step, _load(step)) for step in opening.steps]
        keyed = [
            self.states.keyed(index, step.name, step.key) if step.key is not None else None
            for index, step in enumerate(opening.steps)
        ]
        functions = [
            (step, self._running(index, step, function, states))
            for (index, (step, function)), states in zip(enumerate(functions), keyed, strict=True)
        ]
        for (step, function), states in zip(functions, keyed, strict=True):
            self._open(step, function, states)
        try:
            self.native = _native.Stage(
                opening.input,
                opening.output,
                [
                    self._native_step(index, step, function, states)
                    for (index, (step, function)), states in zip(
                        enumerate(functions), keyed, strict=True
                    )
                ],
                input_key=opening.input_key,
                output_key=opening.output_key,
                mode=opening.mode,
                batch_rows=opening.batch_rows,
                input2=opening.input2,
                input2_key=opening.input2_key,
                side_outputs=[(tag, type_text) for tag, type_text in opening.side_outputs],
            )
        except (TypeError, ValueError) as error:
            raise StageError("open", opening.operator) from error
        self._has_timers = opening.mode == "streaming" and any(
            step.key is not None and step.kind.endswith(("process", "window"))
            for step in opening.steps
        )

    def _running(self, index: int, step: Step, function: Any, keyed: KeyedStates | None) -> Any:
        """The function, or what runs it where it is more than a function: windows, coroutines."""
        if step.kind == "async":
            from martlet.worker.asynchronous.step import AsyncStep

            return AsyncStep(function)
        if step.kind != "window":
            return function
        from martlet.worker.window.step import WindowStep

        if keyed is None:
            raise StageError("open", step.name, "windows need a keyed stream")
        windows = self.states.keyed(index, step.name, window_key_type(step.key), windowed=True)
        context = WorkerContext(self.opening, step.name, self.metrics.group(step.name), keyed)
        return WindowStep(function, keyed, windows, context)

    def _native_step(
        self, index: int, step: Step, function: Any, states: KeyedStates | None
    ) -> tuple[Any, ...]:
        """A step as :class:`martlet._native.Stage` takes it."""
        if step.kind not in PROCESS or step.kind in ("co_map", "co_flat_map"):
            return _native_step(step, function, states)
        from martlet.worker.process import BroadcastStates

        broadcast = BroadcastStates(step.name, step.broadcast)
        if step.broadcast:
            self.broadcast[index] = broadcast
        return _process_step(step, function, states, broadcast)

    def _open(self, step: Step, function: Any, states: KeyedStates | None) -> None:
        open_function = getattr(function, "open", None)
        if callable(open_function):
            group = self.metrics.group(step.name)
            context = WorkerContext(self.opening, step.name, group, states)
            try:
                open_function(context)
            except BaseException as error:
                self.abandon()
                raise StageError("open", step.name) from error
        self._opened.append((step.name, function))

    def before_answer(self) -> None:
        """What has to be with the runtime before it hears that a frame is done."""
        flush()
        for step, timers in self.native.take_timers() if self._has_timers else ():
            keys, times, ops = (list(column) for column in zip(*timers, strict=True))
            key_type = timer_key_type(self.opening.steps[step])
            body = _native.encode_columns([keys, times, ops], [key_type, *TIMER_TYPES])
            self.states.send(Frame.TIMERS, step, body)
        self.states.thin_out()

    def on_control(self, kind: int, body: bytes) -> None:
        """Called for each control frame, before it is echoed."""
        if kind == Frame.BARRIER:
            self.states.write_back()

    def close(self) -> None:
        """Closes every function, in the order of the steps; the first failure is raised."""
        failure: StageError | None = None
        for name, function in self._take():
            try:
                _close(function)
            except BaseException as error:
                if failure is None:
                    failure = StageError("user", name)
                    failure.__cause__ = error
                else:
                    logging.getLogger(__name__).exception("close() of %s fails, too", name)
        if failure is not None:
            raise failure

    def abandon(self) -> None:
        """Closes what is open after a failure that is already being reported."""
        for name, function in self._take():
            try:
                _close(function)
            except BaseException:
                logging.getLogger(__name__).exception("close() of %s fails after a failure", name)

    def _take(self) -> list[tuple[str, Any]]:
        opened, self._opened = self._opened, []
        return opened

    def step_name(self, index: int) -> str:
        """The display name of a step; of the operator, if the index means no step."""
        steps = self.opening.steps
        return steps[index].name if 0 <= index < len(steps) else self.opening.operator


def open_stage(opening: Opening) -> OpenStage:
    """Unpickles and opens the functions; :class:`StageError` names the one that fails."""
    return OpenStage(opening)


def window_key_type(key_type: str | None) -> str:
    """The type of ``(key, start, end)``: what state and timers of a window belong to."""
    return f"TUPLE<{key_type}, BIGINT NOT NULL, BIGINT NOT NULL> NOT NULL"


def timer_key_type(step: Step) -> str:
    """The type of what the timers of a step belong to."""
    return window_key_type(step.key) if step.kind == "window" else str(step.key)


def _close(function: Any) -> None:
    close_function = getattr(function, "close", None)
    if callable(close_function):
        close_function()


def _load(step: Step) -> Any:
    if step.kind == "exchange":
        return None
    try:
        return cloudpickle.loads(step.function)
    except ModuleNotFoundError as error:
        hint = (
            f"{error}: module {error.name} is not importable in the worker: "
            "pass it with env.add_python_file(...)"
        )
        raise StageError("open", step.name, hint) from error
    except BaseException as error:
        hint = f"the function cannot be unpickled in the worker: {type(error).__name__}: {error}"
        raise StageError("open", step.name, hint) from error


def _native_step(step: Step, function: Any, states: KeyedStates | None) -> tuple[Any, ...]:
    """A step as :class:`martlet._native.Stage` takes it."""
    store = None
    if states is not None:
        if step.kind == "reduce":
            states.declare(_native.ValueState, "value", "_reduce_state", step.value or "PICKLED")
        store = states.store
    if step.kind == "async":
        return function.native_step(step.output)  # type: ignore[no-any-return]
    if step.kind == "window":
        return function.native_step(step.output, timer_key_type(step))  # type: ignore[no-any-return]
    if step.kind not in PROCESS:
        return step.kind, _callable(step, function), step.output, store
    return step.kind, _methods(step, function), step.output, store


def _process_step(
    step: Step, function: Any, states: KeyedStates | None, broadcast: BroadcastStates
) -> tuple[Any, ...]:
    from martlet.worker.process import contexts_for

    methods = _methods(step, function)
    store = None if states is None else states.store
    contexts = contexts_for(function, broadcast)
    on_timer = getattr(function, "on_timer", None) if states is not None else None
    kind = "process" if step.kind == "process" else "co_process"
    first = methods[0] if kind == "process" else methods
    return kind, first, step.output, store, contexts, on_timer


def _methods(step: Step, function: Any) -> tuple[Any, ...]:
    """The function's method for each input."""
    names = PROCESS[step.kind]
    methods = tuple(getattr(function, name, None) for name in names)
    if not all(callable(method) for method in methods):
        lacks = next(n for n, m in zip(names, methods, strict=True) if not callable(m))
        message = f"a {step.kind} needs an object with {lacks}(), not {type(function).__name__}"
        raise StageError("open", step.name, message)
    return methods


def _callable(step: Step, function: Any) -> Callable[..., Any] | None:
    """The function itself, or its method for this kind of step; None for an exchange.

    An object that is callable *and* has such a method counts as a function, unless it says by its
    class that it is one of the API's.
    """
    from martlet.datastream.functions.basic import Function

    if step.kind == "exchange":
        return None
    method = getattr(function, METHODS.get(step.kind, ""), None)
    if callable(method) and (not callable(function) or isinstance(function, Function)):
        return method  # type: ignore[no-any-return]
    if callable(function):
        if step.kind == "partition":
            channels = step.channels
            return lambda value: function(value, channels)
        return function  # type: ignore[no-any-return]
    raise StageError(
        "open",
        step.name,
        f"a {step.kind} needs a callable or an object with {METHODS.get(step.kind)}(), "
        f"not {type(function).__name__}",
    )
