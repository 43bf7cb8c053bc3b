"""Keyed state of a stage: what its functions declare, and how it travels to the runtime and back.

The values live in records of :class:`martlet._native.Store`, one for each key; the classes here
declare what a record holds, ask the runtime for what is not there, and write back what has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from martlet import _native
from martlet.worker.msgpack import pack
from martlet.worker.protocol import Flag, Frame, StateOp

__all__ = ["KeyedStates", "StageStates"]

WRITE_ROWS = 8192
"""Rows of a frame of changes."""

Send = Callable[[int, int, bytes], object]


def _held(value: str) -> str:
    """The type of a state's values while they are in this process.

    A FLOAT stays the ``float`` that the function gave, as in PyFlink, and is rounded where it is
    written: a sum does not lose digits with each row.
    """
    parts = value.split("`")  # every other part is the name of a field
    parts[::2] = [part.replace("FLOAT", "DOUBLE") for part in parts[::2]]
    return "`".join(parts)


class Declared:
    """A state as the runtime knows it."""

    def __init__(self, index: int, slot: int, kind: str, message: dict[str, Any]) -> None:
        self.index = index
        self.slot = slot
        self.kind = kind
        self.message = message
        self.key: str = message["key"]
        self.map_key: str = message["map_key"] or ""
        #: The type of what one row of a frame carries.
        self.value: str = f"LIST<{message['value']}>" if kind == "list" else str(message["value"])


class StageStates:
    """The states of all steps of a stage."""

    def __init__(self, complete: bool = True, cache_bytes: int = 0) -> None:
        self.complete = complete
        self.cache_bytes = cache_bytes
        self._count = 0
        self._undeclared: list[dict[str, Any]] = []
        self._keyed: list[KeyedStates] = []
        self._send: Send | None = None

    def keyed(
        self, step: int, step_name: str, key_type: str, windowed: bool = False
    ) -> KeyedStates:
        """The states of one step; ``windowed``: keys are ``(key, start, end)`` of windows."""
        states = KeyedStates(self, step, step_name, key_type, windowed)
        self._keyed.append(states)
        return states

    def start(self, send: Send) -> None:
        """From here on frames can be sent; what was declared in ``open`` is."""
        self._send = send
        self._announce()

    def declare(self, message: dict[str, Any]) -> int:
        message["index"] = self._count
        self._count += 1
        self._undeclared.append(message)
        if self._send is not None:
            self._announce()
        return int(message["index"])

    def _announce(self) -> None:
        if self._undeclared and self._send is not None:
            self._send(Frame.STATES, 0, pack(self._undeclared))
            self._undeclared = []

    def send(self, kind: int, index: int, body: bytes) -> None:
        if self._send is None:
            raise RuntimeError("state cannot travel before the stage runs")
        self._send(kind, index, body)

    def write_back(self) -> None:
        """Tells the runtime all that has changed since the last time, as a barrier comes."""
        for states in self._keyed:
            if states.hand_over is not None:
                states.hand_over()
            states.write_back()

    def thin_out(self) -> None:
        """Forgets records that were not used lately, if together they take too much memory."""
        if self.cache_bytes <= 0:
            return
        total = sum(states.store.bytes for states in self._keyed)
        if total <= self.cache_bytes:
            return
        for states in self._keyed:
            share = states.store.bytes / total
            states.thin_out(int(self.cache_bytes * share * 3 / 4))


class KeyedStates:
    """The keyed states of one step; what ``RuntimeContext.get_state`` and so on lead to."""

    def __init__(
        self,
        stage: StageStates,
        step: int,
        step_name: str,
        key_type: str,
        windowed: bool = False,
    ) -> None:
        self._stage = stage
        self._step = step
        self._step_name = step_name
        self._key_type = key_type
        self._windowed = windowed
        #: Makes timers that the step keeps for itself the runtime's.
        self.hand_over: Callable[[], None] | None = None
        self._by_slot: dict[int, Declared] = {}
        self._objects: dict[str, tuple[str, Any, Any]] = {}
        self.store = _native.Store(
            key_type, complete=stage.complete, load=self._load, prefetch=self._prefetch
        )

    # What functions declare

    def get_state(self, descriptor: Any) -> Any:
        return self._state("value", descriptor)

    def get_list_state(self, descriptor: Any) -> Any:
        return self._state("list", descriptor)

    def get_map_state(self, descriptor: Any) -> Any:
        return self._state("map", descriptor)

    def get_reducing_state(self, descriptor: Any) -> Any:
        return self._state("reducing", descriptor)

    def get_aggregating_state(self, descriptor: Any) -> Any:
        return self._state("aggregating", descriptor)

    def _state(self, kind: str, descriptor: Any) -> Any:
        from martlet.worker.state_objects import make_state

        known = self._objects.get(descriptor.name)
        if known is not None:
            known_kind, known_descriptor, state = known
            if known_kind != kind or known_descriptor.type_info != descriptor.type_info:
                raise ValueError(
                    f"state '{descriptor.name}' of {self._step_name} is declared twice: as a "
                    f"{known_kind} state of {known_descriptor.type_info!r}, and as a {kind} state "
                    f"of {descriptor.type_info!r}"
                )
            return state
        state = make_state(self, kind, descriptor)
        self._objects[descriptor.name] = (kind, descriptor, state)
        return state

    def declare(
        self,
        cls: type,
        kind: str,
        name: str,
        value: str,
        map_key: str | None = None,
        ttl: dict[str, Any] | None = None,
    ) -> Any:
        """A native state object; ``value`` is the type of a value, an element or a map's value."""
        held = _held(value)
        state = (
            cls(self.store, name, held) if map_key is None else cls(self.store, name, held, map_key)
        )
        message = {
            "step": self._step,
            "name": name,
            "kind": kind,
            "key": self._key_type,
            "namespace": None,
            "map_key": map_key,
            "value": value,
            "ttl": ttl,
            "windowed": self._windowed,
        }
        index = self._stage.declare(message)
        self._by_slot[state.slot] = Declared(index, state.slot, kind, message)
        return state

    # What travels

    def _prefetch(self, keys: list[Any]) -> None:
        for declared in self._by_slot.values():
            if declared.kind == "map":
                continue  # by entry, or whole, when it is used
            missing = self.store.missing(keys, declared.slot)
            if missing:
                self.store.fill(declared.slot, missing, self._get(declared, missing))

    def _get(self, declared: Declared, keys: list[Any]) -> list[Any]:
        body = _native.encode_columns([keys], [declared.key])
        _, answer = _native.request(Frame.STATE_GET, declared.index, body)
        present, values = _native.decode_columns(answer, ["BOOLEAN NOT NULL", declared.value])
        if len(present) != len(keys):
            raise ValueError(f"{len(present)} answers to {len(keys)} questions about state")
        return [value if there else None for there, value in zip(present, values, strict=True)]

    def _load(self, key: Any, slot: int) -> Any:
        declared = self._by_slot[slot]
        if declared.kind != "map":
            return self._get(declared, [key])[0]
        entries: dict[Any, Any] = {}
        after: list[Any] = [None]
        while True:
            body = _native.encode_columns(
                [[key], after], [declared.key, _nullable(declared.map_key)]
            )
            flags, answer = _native.request(Frame.STATE_SCAN, declared.index, body)
            keys, values = _native.decode_columns(answer, [declared.map_key, declared.value])
            entries.update(zip(keys, values, strict=True))
            if flags & Flag.LAST or not keys:
                return entries or None
            after = [keys[-1]]

    def write_back(self) -> None:
        dirty = self.store.take_dirty()
        if not dirty:
            return
        for declared in self._by_slot.values():
            keys, values = self.store.changes(dirty, declared.slot)
            if declared.kind == "map":
                self._put_maps(declared, keys, values)
            else:
                ops = [StateOp.REMOVE if v is None else StateOp.SET for v in values]
                self._put(declared, [keys], ops, values)

    def _put_maps(self, declared: Declared, keys: list[Any], maps: list[Any]) -> None:
        columns: tuple[list[Any], list[Any]] = ([], [])
        ops: list[int] = []
        values: list[Any] = []

        def add(key: Any, map_key: Any, op: int, value: Any = None) -> None:
            columns[0].append(key)
            columns[1].append(map_key)
            ops.append(op)
            values.append(value)

        for key, changed in zip(keys, maps, strict=True):
            if changed is None:
                add(key, None, StateOp.CLEAR)
                continue
            cleared, set_keys, set_values, removed = _native.map_changes(changed)
            if cleared:
                add(key, None, StateOp.CLEAR)
            for map_key, value in zip(set_keys, set_values, strict=True):
                add(key, map_key, StateOp.SET, value)
            for map_key in removed:
                add(key, map_key, StateOp.REMOVE)
        self._put(declared, list(columns), ops, values)

    def _put(
        self, declared: Declared, columns: list[list[Any]], ops: list[Any], values: list[Any]
    ) -> None:
        types = [declared.key]
        if declared.kind == "map":
            types.append(_nullable(declared.map_key))
        types += ["TINYINT NOT NULL", _nullable(declared.value)]
        for start in range(0, len(ops), WRITE_ROWS):
            part = [c[start : start + WRITE_ROWS] for c in (*columns, ops, values)]
            part[-2] = [int(op) for op in part[-2]]
            self._stage.send(Frame.STATE_PUT, declared.index, _native.encode_columns(part, types))

    def thin_out(self, target: int) -> None:
        """Writes back, then forgets records until about ``target`` bytes are left."""
        self.write_back()
        count, size = self.store.count, self.store.bytes
        if count and size > target:
            self.store.evict(int(count * (size - target) / size) + 1)


def _nullable(text: str) -> str:
    return text.removesuffix(" NOT NULL")
