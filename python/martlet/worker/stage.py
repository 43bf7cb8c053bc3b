"""From the OPEN frame to a stage that runs: functions are unpickled, opened and fused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import cloudpickle

from martlet import _native
from martlet.worker.context import WorkerContext
from martlet.worker.errors import StageError
from martlet.worker.metrics import Metrics
from martlet.worker.opening import Opening, Step

__all__ = ["OpenStage", "open_stage"]

METHODS = {
    "map": "map",
    "filter": "filter",
    "flat_map": "flat_map",
    "key_by": "get_key",
    "reduce": "reduce",
    "partition": "partition",
}
"""Step kind → the method that a function object has for it."""


class OpenStage:
    """A stage whose functions are open."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.metrics = Metrics()
        self._opened: list[tuple[str, Any]] = []
        functions = [(step, _load(step)) for step in opening.steps]
        for step, function in functions:
            self._open(step, function)
        try:
            self.native = _native.Stage(
                opening.input,
                opening.output,
                [(s.kind, _callable(s, f), s.output) for s, f in functions],
                input_key=opening.input_key,
                output_key=opening.output_key,
                mode=opening.mode,
                batch_rows=opening.batch_rows,
            )
        except (TypeError, ValueError) as error:
            raise StageError("open", opening.operator) from error

    def _open(self, step: Step, function: Any) -> None:
        open_function = getattr(function, "open", None)
        if callable(open_function):
            context = WorkerContext(self.opening, step.name, self.metrics.group(step.name))
            try:
                open_function(context)
            except BaseException as error:
                self.abandon()
                raise StageError("open", step.name) from error
        self._opened.append((step.name, function))

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
