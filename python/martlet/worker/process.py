"""What process functions are called with: contexts, and the broadcast state that some offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.state import BroadcastState, ReadOnlyBroadcastState
from martlet.datastream.time_domain import TimeDomain

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, KeysView, ValuesView

__all__ = ["BroadcastStates", "contexts_for"]


class _Context(_native.Context):
    """For functions that read the clocks from the context itself, too."""

    def current_watermark(self) -> int:
        return self.watermark

    def current_processing_time(self) -> int:
        return self.timer_service().current_processing_time()


class _TimerContext(_Context):
    def time_domain(self) -> TimeDomain:
        return TimeDomain.PROCESSING_TIME if self.fires_processing else TimeDomain.EVENT_TIME


class _BroadcastSide(_Context):
    def __init__(self, states: BroadcastStates) -> None:
        self._states = states

    def get_broadcast_state(self, state_descriptor: Any) -> BroadcastState[Any, Any]:
        return self._states.get(state_descriptor)


class _ReadingSide(_TimerContext):
    def __init__(self, states: BroadcastStates) -> None:
        self._states = states

    def get_broadcast_state(self, state_descriptor: Any) -> ReadOnlyBroadcastState[Any, Any]:
        return _ReadOnly(self._states.get(state_descriptor))


def contexts_for(function: Any, broadcast: BroadcastStates) -> tuple[Any, Any, Any]:
    """The contexts of a process function: for its first and second input, and for timers."""
    if hasattr(function, "process_broadcast_element"):
        return _ReadingSide(broadcast), _BroadcastSide(broadcast), _ReadingSide(broadcast)
    return _Context(), _Context(), _TimerContext()


class BroadcastStates:
    """The broadcast states of a step: alike in all instances, since all see the same records."""

    def __init__(self, step_name: str, names: list[str]) -> None:
        self._step_name = step_name
        self._names = names
        self._states: dict[str, _Broadcast] = {}

    def get(self, descriptor: Any) -> _Broadcast:
        state = self._states.get(descriptor.name)
        if state is None:
            if descriptor.name not in self._names:
                known = ", ".join(self._names) or "none"
                raise ValueError(
                    f"{self._step_name}: the requested state '{descriptor.name}' is not one of "
                    f"those that the stream was broadcast with ({known})"
                )
            state = self._states[descriptor.name] = _Broadcast(descriptor)
        return state


class _Broadcast(BroadcastState[Any, Any]):
    def __init__(self, descriptor: Any) -> None:
        info = descriptor.type_info
        # A store of one record checks and converts what is put in as its types say.
        self._store = _native.Store("BOOLEAN NOT NULL")
        self._map = _native.MapState(
            self._store,
            descriptor.name,
            info._value_type_info.type_text(),
            info._key_type_info.type_text(),
        )
        self._store.enter(True)

    def get(self, key: Any) -> Any:
        return self._map.get(key)

    def put(self, key: Any, value: Any) -> None:
        self._map.put(key, value)

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        self._map.put_all(dict_value)

    def remove(self, key: Any) -> None:
        self._map.remove(key)

    def contains(self, key: Any) -> bool:
        return self._map.contains(key)

    def items(self) -> Any:
        return self._map.items()

    def keys(self) -> Any:
        return self._map.keys()

    def values(self) -> Any:
        return self._map.values()

    def is_empty(self) -> bool:
        return self._map.is_empty()

    def clear(self) -> None:
        self._map.clear()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._map)

    def __contains__(self, key: Any) -> bool:
        return key in self._map

    def __getitem__(self, key: Any) -> Any:
        return self._map[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._map[key] = value

    def __delitem__(self, key: Any) -> None:
        self._map.remove(key)


class _ReadOnly(ReadOnlyBroadcastState[Any, Any]):
    def __init__(self, state: _Broadcast) -> None:
        self._state = state

    def get(self, key: Any) -> Any:
        return self._state.get(key)

    def contains(self, key: Any) -> bool:
        return self._state.contains(key)

    def items(self) -> ItemsView[Any, Any] | Any:
        return self._state.items()

    def keys(self) -> KeysView[Any] | Any:
        return self._state.keys()

    def values(self) -> ValuesView[Any] | Any:
        return self._state.values()

    def is_empty(self) -> bool:
        return self._state.is_empty()

    def clear(self) -> None:
        raise RuntimeError("this side may read the broadcast state, not change it")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._state)

    def __contains__(self, key: Any) -> bool:
        return key in self._state

    def __getitem__(self, key: Any) -> Any:
        return self._state[key]
