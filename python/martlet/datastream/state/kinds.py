"""The kinds of state, as functions use them; each is about the current key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from martlet.datastream.state.descriptors import MapStateDescriptor

__all__ = [
    "AggregatingState",
    "AppendingState",
    "BroadcastState",
    "ListState",
    "MapState",
    "MergingState",
    "OperatorStateStore",
    "ReadOnlyBroadcastState",
    "ReducingState",
    "State",
    "ValueState",
]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
IN = TypeVar("IN")
OUT = TypeVar("OUT")


class State(ABC):
    """Something kept between rows."""

    @abstractmethod
    def clear(self) -> None:
        """Forgets what is kept under the current key."""


class ValueState(State, Generic[T]):
    """One value."""

    @abstractmethod
    def value(self) -> T | None:
        """The value; None if there is none."""

    @abstractmethod
    def update(self, value: T) -> None:
        """Replaces the value; None removes it."""


class AppendingState(State, Generic[IN, OUT]):
    """State that values are added to, and that is read as a whole."""

    @abstractmethod
    def get(self) -> OUT | None:
        """What the values added so far amount to; None if there are none."""

    @abstractmethod
    def add(self, value: IN) -> None:
        """Adds a value."""


class MergingState(AppendingState[IN, OUT]):
    """State of which two can be made into one, as session windows need."""


class ReducingState(MergingState[T, T]):
    """The values added, reduced to one."""


class AggregatingState(MergingState[IN, OUT]):
    """The values added, aggregated."""


class ListState(MergingState[T, Iterable[T]]):
    """A list of values."""

    @abstractmethod
    def update(self, values: list[T]) -> None:
        """Replaces the list."""

    @abstractmethod
    def add_all(self, values: list[T]) -> None:
        """Adds several values at the end."""


class ReadOnlyBroadcastState(State, Generic[K, V]):
    """A map that is the same in every parallel instance, where it may only be read."""

    @abstractmethod
    def get(self, key: K) -> V | None:
        """The value of a key; None if there is none."""

    @abstractmethod
    def contains(self, key: K) -> bool:
        """Whether there is a value for the key."""

    @abstractmethod
    def items(self) -> Iterable[tuple[K, V]]:
        """Keys and values."""

    @abstractmethod
    def keys(self) -> Iterable[K]:
        """The keys."""

    @abstractmethod
    def values(self) -> Iterable[V]:
        """The values."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""


class MapState(State, Generic[K, V]):
    """A map."""

    @abstractmethod
    def get(self, key: K) -> V | None:
        """The value of a key; None if there is none."""

    @abstractmethod
    def put(self, key: K, value: V) -> None:
        """Sets the value of a key."""

    @abstractmethod
    def put_all(self, dict_value: dict[K, V]) -> None:
        """Sets the values of several keys."""

    @abstractmethod
    def remove(self, key: K) -> None:
        """Removes a key, if it is there."""

    @abstractmethod
    def contains(self, key: K) -> bool:
        """Whether there is a value for the key."""

    @abstractmethod
    def items(self) -> Iterable[tuple[K, V]]:
        """Keys and values."""

    @abstractmethod
    def keys(self) -> Iterable[K]:
        """The keys."""

    @abstractmethod
    def values(self) -> Iterable[V]:
        """The values."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""

    def __getitem__(self, key: K) -> V | None:
        return self.get(key)

    def __setitem__(self, key: K, value: V) -> None:
        self.put(key, value)

    def __delitem__(self, key: K) -> None:
        self.remove(key)

    def __contains__(self, key: K) -> bool:
        return self.contains(key)

    def __iter__(self) -> Iterable[K]:
        return iter(self.keys())


class BroadcastState(ReadOnlyBroadcastState[K, V]):
    """A map that is the same in every parallel instance, where it may be changed."""

    @abstractmethod
    def put(self, key: K, value: V) -> None:
        """Sets the value of a key."""

    @abstractmethod
    def put_all(self, dict_value: dict[K, V]) -> None:
        """Sets the values of several keys."""

    @abstractmethod
    def remove(self, key: K) -> None:
        """Removes a key, if it is there."""


class OperatorStateStore(ABC):
    """Where an operator's own state is found."""

    @abstractmethod
    def get_broadcast_state(
        self, state_descriptor: MapStateDescriptor
    ) -> BroadcastState[object, object]:
        """The broadcast state of this declaration."""
