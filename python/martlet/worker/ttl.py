"""State that expires: each value travels with the time of its last access.

As in Flink, the clock is that of processing time, a value is gone when ``now`` has reached its time
plus the time to live, and each element of a list and each entry of a map lives by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.state import (
    ListState,
    MapState,
    StateTtlConfig,
    ValueState,
)
from martlet.worker.state_objects import combining_state

if TYPE_CHECKING:
    from martlet.worker.state import KeyedStates

__all__ = ["make_expiring_state"]

Clock = Callable[[], int]


class _Expiry:
    """When something is gone, and whether that shows."""

    def __init__(self, config: StateTtlConfig, clock: Clock) -> None:
        self._life = config.get_ttl().to_milliseconds()
        self._shows_expired = (
            config.get_state_visibility()
            is StateTtlConfig.StateVisibility.ReturnExpiredIfNotCleanedUp
        )
        self.renews_on_read = config.get_update_type() is StateTtlConfig.UpdateType.OnReadAndWrite
        self.clock = clock

    def is_over(self, pair: tuple[Any, int]) -> bool:
        return pair[1] + self._life <= self.clock()

    def hides(self, pair: tuple[Any, int]) -> bool:
        return self.is_over(pair) and not self._shows_expired


class _ExpiringValue(ValueState[Any]):
    def __init__(self, state: Any, expiry: _Expiry) -> None:
        self._state = state
        self._expiry = expiry

    def value(self) -> Any:
        pair = self._state.value()
        if pair is None:
            return None
        if self._expiry.is_over(pair):
            # Flink removes it when it is first seen; whether it shows this once is configured.
            hidden = self._expiry.hides(pair)
            self._state.clear()
            return None if hidden else pair[0]
        if self._expiry.renews_on_read:
            self._state.update((pair[0], self._expiry.clock()))
        return pair[0]

    def update(self, value: Any) -> None:
        if value is None:
            self._state.clear()
        else:
            self._state.update((value, self._expiry.clock()))

    def clear(self) -> None:
        self._state.clear()


class _ExpiringList(ListState[Any]):
    def __init__(self, state: Any, expiry: _Expiry) -> None:
        self._state = state
        self._expiry = expiry

    def get(self) -> Iterable[Any]:
        pairs = self._state.get()
        alive = [pair for pair in pairs if not self._expiry.is_over(pair)]
        shown = [pair[0] for pair in pairs if not self._expiry.hides(pair)]
        if self._expiry.renews_on_read and alive:
            now = self._expiry.clock()
            self._state.update([(pair[0], now) for pair in alive])
        elif len(alive) < len(pairs):
            self._state.update(alive)
        return shown

    def __iter__(self) -> Iterator[Any]:
        return iter(self.get())

    def add(self, value: Any) -> None:
        self._state.add((value, self._expiry.clock()))

    def add_all(self, values: list[Any]) -> None:
        now = self._expiry.clock()
        self._state.add_all([(value, now) for value in values])

    def update(self, values: list[Any]) -> None:
        now = self._expiry.clock()
        self._state.update([(value, now) for value in values])

    def clear(self) -> None:
        self._state.clear()


class _ExpiringMap(MapState[Any, Any]):
    def __init__(self, state: Any, expiry: _Expiry) -> None:
        self._state = state
        self._expiry = expiry

    def _pair(self, key: Any) -> tuple[Any, int] | None:
        pair: tuple[Any, int] | None = self._state.get(key)
        if pair is None:
            return None
        if self._expiry.is_over(pair):
            hidden = self._expiry.hides(pair)
            self._state.remove(key)
            return None if hidden else pair
        if self._expiry.renews_on_read:
            self._state.put(key, (pair[0], self._expiry.clock()))
        return pair

    def get(self, key: Any) -> Any:
        pair = self._pair(key)
        return None if pair is None else pair[0]

    def put(self, key: Any, value: Any) -> None:
        self._state.put(key, (value, self._expiry.clock()))

    def put_all(self, dict_value: dict[Any, Any]) -> None:
        now = self._expiry.clock()
        self._state.put_all({key: (value, now) for key, value in dict_value.items()})

    def remove(self, key: Any) -> None:
        self._state.remove(key)

    def contains(self, key: Any) -> bool:
        return self._pair(key) is not None

    def items(self) -> Any:
        for key in list(self._state):
            pair = self._pair(key)
            if pair is not None:
                yield key, pair[0]

    def keys(self) -> Any:
        return (key for key, _ in self.items())

    def values(self) -> Any:
        return (value for _, value in self.items())

    def is_empty(self) -> bool:
        return not any(True for _ in self.items())

    def clear(self) -> None:
        self._state.clear()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.keys())

    def __contains__(self, key: Any) -> bool:
        return self.contains(key)

    def __getitem__(self, key: Any) -> Any:
        return self.get(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.put(key, value)

    def __delitem__(self, key: Any) -> None:
        self.remove(key)


def make_expiring_state(
    states: KeyedStates, kind: str, descriptor: Any, clock: Clock = _native.now
) -> Any:
    """The state that ``descriptor`` declares, with its time to live."""
    config: StateTtlConfig = descriptor._ttl_config
    expiry = _Expiry(config, clock)
    ttl = {
        "ms": config.get_ttl().to_milliseconds(),
        "update": config.get_update_type().name,
        "visibility": config.get_state_visibility().name,
    }
    name, info = descriptor.name, descriptor.type_info

    def timed(text: str) -> str:
        return f"TUPLE<{text}, BIGINT NOT NULL>"

    if kind == "list":
        text = timed(info.elem_type.type_text())
        return _ExpiringList(states.declare(_native.ListState, kind, name, text, ttl=ttl), expiry)
    if kind == "map":
        key, text = info._key_type_info.type_text(), timed(info._value_type_info.type_text())
        return _ExpiringMap(states.declare(_native.MapState, kind, name, text, key, ttl), expiry)
    text = timed(info.type_text())
    value = _ExpiringValue(states.declare(_native.ValueState, "value", name, text, ttl=ttl), expiry)
    return value if kind == "value" else combining_state(value, kind, descriptor)
