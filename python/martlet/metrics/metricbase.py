"""The kinds of metrics, and the groups that they are registered in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

__all__ = ["Counter", "Distribution", "Meter", "Metric", "MetricGroup"]


class MetricGroup(ABC):
    """A named set of metrics and of further groups; its place gives a metric its full name."""

    @abstractmethod
    def add_group(self, name: str, extra: str | None = None) -> MetricGroup:
        """The group ``name`` inside this one; with ``extra``, the group of a key–value pair."""

    @abstractmethod
    def counter(self, name: str) -> Counter:
        """Registers a counter."""

    @abstractmethod
    def gauge(self, name: str, obj: Callable[[], int]) -> None:
        """Registers a gauge: ``obj`` is called whenever its value is wanted."""

    @abstractmethod
    def meter(self, name: str, time_span_in_seconds: int = 60) -> Meter:
        """Registers a meter that averages over the given time."""

    @abstractmethod
    def distribution(self, name: str) -> Distribution:
        """Registers a distribution."""


class Metric(ABC):
    """What all metrics derive from."""


class Counter(Metric, ABC):
    """A number that goes up and down."""

    @abstractmethod
    def inc(self, n: int = 1) -> None:
        """Adds ``n``."""

    @abstractmethod
    def dec(self, n: int = 1) -> None:
        """Subtracts ``n``."""

    @abstractmethod
    def get_count(self) -> int:
        """The current value."""


class Meter(Metric, ABC):
    """The rate of events."""

    @abstractmethod
    def mark_event(self, value: int = 1) -> None:
        """Says that ``value`` events happened."""

    @abstractmethod
    def get_count(self) -> int:
        """How many events happened in all."""


class Distribution(Metric, ABC):
    """How a number is distributed: sum, count, smallest, largest, mean."""

    @abstractmethod
    def update(self, value: int) -> None:
        """Takes in a number."""
