"""Functions over the values of one or two streams, without time or state of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from martlet.datastream.functions.context import RuntimeContext

__all__ = [
    "AggregateFunction",
    "CoFlatMapFunction",
    "CoMapFunction",
    "FilterFunction",
    "FlatMapFunction",
    "Function",
    "KeySelector",
    "MapFunction",
    "Partitioner",
    "ReduceFunction",
]


class Function(ABC):
    """What all functions have: a call before the first record, and one after the last."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Called once per parallel instance, before any record."""
        return None

    def close(self) -> None:
        """Called once per parallel instance, when no more records come."""
        return None


class MapFunction(Function):
    """One value for one value."""

    @abstractmethod
    def map(self, value: Any) -> Any:
        """The value that takes the place of ``value``."""


class FlatMapFunction(Function):
    """Any number of values for one value."""

    @abstractmethod
    def flat_map(self, value: Any) -> Any:
        """An iterable of the results (usually by ``yield``), or None for no result."""


class FilterFunction(Function):
    """Keeps some of the values."""

    @abstractmethod
    def filter(self, value: Any) -> bool:
        """Whether to keep ``value``, which must not be changed here."""


class ReduceFunction(Function):
    """Combines values of one type into one of the same type."""

    @abstractmethod
    def reduce(self, value1: Any, value2: Any) -> Any:
        """Combines what the values so far came to with the next value."""


class AggregateFunction(Function):
    """Aggregates values by way of an accumulator, which may be of another type than the result."""

    @abstractmethod
    def create_accumulator(self) -> Any:
        """The accumulator of no values."""

    @abstractmethod
    def add(self, value: Any, accumulator: Any) -> Any:
        """The accumulator with ``value`` taken in."""

    @abstractmethod
    def get_result(self, accumulator: Any) -> Any:
        """What the accumulated values come to."""

    @abstractmethod
    def merge(self, acc_a: Any, acc_b: Any) -> Any:
        """The accumulator of the values of both; needed by windows that merge."""


class KeySelector(Function):
    """Tells a value's key, which must depend on nothing but the value."""

    @abstractmethod
    def get_key(self, value: Any) -> Any:
        """The key of ``value``."""


class Partitioner(Function):
    """Decides which parallel instance of the next operator gets a key."""

    @abstractmethod
    def partition(self, key: Any, num_partitions: int) -> int:
        """The index of the partition, from 0 to ``num_partitions - 1``."""


class CoMapFunction(Function):
    """Maps the values of two connected streams to values of one type."""

    @abstractmethod
    def map1(self, value: Any) -> Any:
        """Maps a value of the first stream."""

    @abstractmethod
    def map2(self, value: Any) -> Any:
        """Maps a value of the second stream."""


class CoFlatMapFunction(Function):
    """Maps each value of two connected streams to any number of values of one type."""

    @abstractmethod
    def flat_map1(self, value: Any) -> Any:
        """The results of a value of the first stream, as an iterable."""

    @abstractmethod
    def flat_map2(self, value: Any) -> Any:
        """The results of a value of the second stream, as an iterable."""
