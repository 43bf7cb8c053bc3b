"""What is kept of the records of a window: all of them, or what they come to so far.

The state is that of the current record of the windows' store.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from martlet import _native
from martlet.datastream.state import AggregatingStateDescriptor, ReducingStateDescriptor

if TYPE_CHECKING:
    from martlet.datastream.state import StateDescriptor
    from martlet.worker.state import KeyedStates

__all__ = [
    "Aggregated",
    "Buffered",
    "Contents",
    "Reduced",
    "contents_of",
    "copied",
    "is_immutable_type",
]


class Contents:
    """The records of windows.

    :param text: the type of what a value of the state is, or an element of its list
    """

    kind = ""
    #: The functions that make one of two, for :class:`martlet._native.Stage`.
    fold: Callable[[Any, Any], Any] | None = None
    create: Callable[[], Any] | None = None
    #: What makes one of what two parts come to, the older one first.
    merge: Callable[[Any, Any], Any] | None = None
    function: Any = None

    def __init__(self, states: KeyedStates, name: str, text: str, cls: type, kind: str) -> None:
        self.text = text
        self.state: Any = states.declare(cls, kind, name, text)
        self.slot: int = self.state.slot
        self.clear = self.state.clear

    def add(self, value: Any) -> None:
        """Takes in a record."""
        raise NotImplementedError

    def get(self) -> Any:
        """What a window function is to be given: a list, or one result; None: there is nothing."""
        raise NotImplementedError

    def result(self, kept: Any) -> Any:
        """The same, of what the state keeps."""
        return kept

    def kept(self) -> Any:
        """What the state keeps."""
        return self.state.value()

    def join(self, parts: list[Any]) -> Any:
        """What the state would keep of the records of all parts, which stay as they are."""
        raise NotImplementedError

    def keep(self, kept: Any) -> None:
        """Replaces what the state keeps."""
        self.state.update(kept)


class Buffered(Contents):
    """All records, in the order of their arrival."""

    kind = "list"

    def __init__(self, states: KeyedStates, name: str, text: str) -> None:
        super().__init__(states, name, text, _native.ListState, "list")
        self.add = self.state.add  # type: ignore[method-assign]

    def get(self) -> Any:
        return self.state.get() or None

    def kept(self) -> Any:
        return self.state.get() or None

    def join(self, parts: list[Any]) -> Any:
        return [value for part in parts for value in part]


class Reduced(Contents):
    """What the records reduce to."""

    kind = "reduce"

    def __init__(self, states: KeyedStates, name: str, text: str, function: Any) -> None:
        super().__init__(states, name, text, _native.ValueState, "value")
        self.function = function
        self.fold = self.merge = getattr(function, "reduce", function)
        self.get = self.state.value  # type: ignore[method-assign]

    def add(self, value: Any) -> None:
        before = self.state.value()
        assert self.fold is not None
        self.state.update(value if before is None or value is None else self.fold(before, value))

    def join(self, parts: list[Any]) -> Any:
        assert self.fold is not None
        return _joined(self.fold, parts, self.text)


class Aggregated(Contents):
    """The accumulator of the records."""

    kind = "aggregate"

    def __init__(self, states: KeyedStates, name: str, text: str, function: Any) -> None:
        super().__init__(states, name, text, _native.ValueState, "value")
        self.function = function
        self.fold = function.add
        self.create = function.create_accumulator
        self.merge = getattr(function, "merge", None)
        self.result = function.get_result  # type: ignore[method-assign]

    def add(self, value: Any) -> None:
        accumulator = self.state.value()
        if accumulator is None:
            accumulator = self.function.create_accumulator()
        self.state.update(self.function.add(value, accumulator))

    def get(self) -> Any:
        accumulator = self.state.value()
        return None if accumulator is None else self.function.get_result(accumulator)

    def join(self, parts: list[Any]) -> Any:
        return _joined(self.function.merge, parts, self.text)


def _joined(fold: Callable[[Any, Any], Any], parts: list[Any], text: str) -> Any:
    """Folds copies, since a fold may change what it is given."""
    own = parts if is_immutable_type(text) else [copied(part) for part in parts]
    out = own[0]
    for part in own[1:]:
        out = fold(out, part)
    return out


_MUTABLE_KINDS = ("ROW", "LIST", "ARRAY", "MAP", "MULTISET", "RAW", "PICKLED", "LEGACY")
_IMMUTABLE = frozenset({int, float, str, bytes, bool, complex, type(None)})


def is_immutable_type(text: str) -> bool:
    """Whether no value of the type can be changed."""
    return not any(kind in text for kind in _MUTABLE_KINDS)


def copied(value: Any) -> Any:
    """A value that may be changed without changing the one it was made of."""
    if type(value) in _IMMUTABLE:
        return value
    if type(value) is tuple and all(type(item) in _IMMUTABLE for item in value):
        return value
    return copy.deepcopy(value)


def contents_of(descriptor: StateDescriptor, windows: KeyedStates) -> Contents:
    """What ``descriptor`` says is kept."""
    name = descriptor.name
    if isinstance(descriptor, ReducingStateDescriptor):
        text = descriptor.type_info.type_text()
        return Reduced(windows, name, text, descriptor.get_reduce_function())
    if isinstance(descriptor, AggregatingStateDescriptor):
        text = descriptor.type_info.type_text()
        return Aggregated(windows, name, text, descriptor.get_agg_function())
    return Buffered(windows, name, descriptor.type_info.elem_type.type_text())  # type: ignore[attr-defined]
