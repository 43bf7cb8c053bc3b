"""From a descriptor to the state object that a function uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.state import (
    AggregatingState,
    ListState,
    MapState,
    ReducingState,
    ValueState,
)

if TYPE_CHECKING:
    from martlet.worker.state import KeyedStates

__all__ = ["combining_state", "make_state"]

ValueState.register(_native.ValueState)
ListState.register(_native.ListState)
MapState.register(_native.MapState)


class _Reducing(ReducingState[Any]):
    def __init__(self, value: Any, reduce: Any) -> None:
        self._value = value
        self._reduce = reduce

    def get(self) -> Any:
        return self._value.value()

    def add(self, value: Any) -> None:
        if value is None:
            return self.clear()
        before = self._value.value()
        self._value.update(value if before is None else self._reduce(before, value))

    def clear(self) -> None:
        self._value.clear()


class _Aggregating(AggregatingState[Any, Any]):
    def __init__(self, value: Any, function: Any) -> None:
        self._value = value
        self._function = function

    def get(self) -> Any:
        accumulator = self._value.value()
        return None if accumulator is None else self._function.get_result(accumulator)

    def add(self, value: Any) -> None:
        if value is None:
            return self.clear()
        accumulator = self._value.value()
        if accumulator is None:
            accumulator = self._function.create_accumulator()
        self._value.update(self._function.add(value, accumulator))

    def clear(self) -> None:
        self._value.clear()


def make_state(states: KeyedStates, kind: str, descriptor: Any) -> Any:
    """The state that ``descriptor`` declares, in the records of ``states``."""
    if descriptor._ttl_config is not None and descriptor._ttl_config.is_enabled():
        from martlet.worker.ttl import make_expiring_state

        return make_expiring_state(states, kind, descriptor)
    name, info = descriptor.name, descriptor.type_info
    if kind == "value":
        return states.declare(_native.ValueState, kind, name, info.type_text())
    if kind == "list":
        return states.declare(_native.ListState, kind, name, info.elem_type.type_text())
    if kind == "map":
        key, value = info._key_type_info.type_text(), info._value_type_info.type_text()
        return states.declare(_native.MapState, kind, name, value, key)
    value = states.declare(_native.ValueState, "value", name, info.type_text())
    return combining_state(value, kind, descriptor)


def combining_state(value: Any, kind: str, descriptor: Any) -> Any:
    """A reducing or an aggregating state on top of the state of its one value."""
    if kind == "reducing":
        function = descriptor.get_reduce_function()
        return _Reducing(value, getattr(function, "reduce", function))
    return _Aggregating(value, descriptor.get_agg_function())
