"""The functions that a window's records are given to, which take them in different ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from martlet.datastream.functions.window import (
    AllWindowFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)

if TYPE_CHECKING:
    from martlet.worker.window.contexts import FunctionContext

__all__ = ["Evaluate", "clearing", "evaluation"]

Evaluate = Callable[[Any, Any, Any], Iterable[Any] | None]
"""Key, window, contents → results."""


def evaluation(function: Any, buffered: bool, context: FunctionContext) -> Evaluate:
    """How the contents of a window become results.

    :param buffered: the contents are a list of records, not one result
    """
    if function is None:
        return lambda key, window, contents: (contents,)
    call = _call(function, context)
    if buffered:
        return call
    return lambda key, window, contents: call(key, window, [contents])


def _call(function: Any, context: FunctionContext) -> Evaluate:
    def process(key: Any, window: Any, elements: Any) -> Any:
        context.current = window
        return function.process(key, context, elements)

    def process_all(key: Any, window: Any, elements: Any) -> Any:
        context.current = window
        return function.process(context, elements)

    if isinstance(function, WindowFunction):
        return function.apply
    if isinstance(function, AllWindowFunction):
        return lambda key, window, elements: function.apply(window, elements)
    if isinstance(function, ProcessWindowFunction):
        return process
    if isinstance(function, ProcessAllWindowFunction):
        return process_all
    raise TypeError(f"a window is evaluated by a window function, not {type(function).__name__}")


def clearing(function: Any, context: FunctionContext) -> Callable[[Any], None] | None:
    """What is called with a window that is over; None if its function does nothing then."""
    base = {ProcessWindowFunction.clear, ProcessAllWindowFunction.clear}
    method = getattr(type(function), "clear", None)
    if not isinstance(function, (ProcessWindowFunction, ProcessAllWindowFunction)):
        return None
    if method in base:
        return None

    clear_function: Any = function.clear

    def clear(window: Any) -> None:
        context.current = window
        clear_function(context)

    return clear
