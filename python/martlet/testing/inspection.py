"""What the functions of a stage keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.worker.stage import OpenStage
    from martlet.worker.state import KeyedStates

__all__ = ["read_broadcast_state", "read_state", "running_functions"]


def read_state(stage: OpenStage, name: str, key: Any, window: Any = None) -> Any:
    """The contents of keyed state, as the function's own state object reads them."""
    owners = [
        states
        for states in stage.states._keyed
        if name in states._objects and states._windowed == (window is not None)
    ]
    if not owners:
        known = ", ".join(sorted(n for s in stage.states._keyed for n in s._objects)) or "none"
        kind = "" if window is None else " of windows"
        raise ValidationError(
            f"No function has declared a state '{name}'{kind}; there are: {known}"
        )
    if len(owners) > 1:
        raise ValidationError(f"Several functions have a state '{name}'")
    if window is not None:
        key = (key, window.start, window.end)
    return _read(owners[0], name, key)


def _read(states: KeyedStates, name: str, key: Any) -> Any:
    kind, _, state = states._objects[name]
    states.store.enter(key)
    try:
        if kind == "value":
            return state.value()
        if kind == "list":
            return list(state.get() or ())
        if kind == "map":
            return dict(state.items())
        return state.get()
    finally:
        # A key that nothing is kept for leaves no trace.
        states.store.forget()
        states.store.leave()


def read_broadcast_state(stage: OpenStage, name: str) -> dict[Any, Any]:
    """The contents of broadcast state; none if nothing was put in so far."""
    for broadcast in stage.broadcast.values():
        if name in broadcast._names:
            state = broadcast._states.get(name)
            return {} if state is None else dict(state.items())
    raise ValidationError(f"The stream was not broadcast with a state '{name}'")


def running_functions(stage: OpenStage) -> list[Any]:
    """The user's objects, in the order of the steps."""
    found: list[Any] = []
    for _, function in stage._opened:
        if function is None:
            continue
        found += getattr(function, "user_functions", (function,))
    return found
