"""Functions that wait for something else without holding up the rows behind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from martlet.datastream.functions.basic import Function

if TYPE_CHECKING:
    from martlet.common.time import Time

__all__ = [
    "AsyncFunction",
    "AsyncFunctionDescriptor",
    "AsyncRetryPredicate",
    "AsyncRetryStrategy",
]

IN = TypeVar("IN")
OUT = TypeVar("OUT")


class AsyncRetryPredicate(ABC, Generic[OUT]):
    """Which outcomes of an :class:`AsyncFunction` are worth another attempt."""

    @abstractmethod
    def result_predicate(self) -> Callable[[list[OUT]], bool] | None:
        """Tells whether results ask for another attempt; None: none do."""

    @abstractmethod
    def exception_predicate(self) -> Callable[[Exception], bool] | None:
        """Tells whether an exception asks for another attempt; None: none does."""


class AsyncRetryStrategy(ABC, Generic[OUT]):
    """Whether and when an :class:`AsyncFunction` is called again for the same value."""

    @abstractmethod
    def can_retry(self, current_attempts: int) -> bool:
        """Whether another attempt may follow the first ``current_attempts``."""

    @abstractmethod
    def get_backoff_time_millis(self, current_attempts: int) -> int:
        """How long the next attempt waits, in ms."""

    @abstractmethod
    def get_retry_predicate(self) -> AsyncRetryPredicate[OUT]:
        """Which outcomes are worth another attempt."""

    @staticmethod
    def no_restart() -> AsyncRetryStrategy[Any]:
        """A single attempt."""
        from martlet.datastream.async_retry_strategies import NO_RETRY_STRATEGY

        return NO_RETRY_STRATEGY

    @staticmethod
    def fixed_delay(
        max_attempts: int,
        backoff_time_millis: int,
        result_predicate: Callable[[list[Any]], bool] | None,
        exception_predicate: Callable[[Exception], bool] | None,
    ) -> AsyncRetryStrategy[Any]:
        """Up to ``max_attempts`` further attempts, ``backoff_time_millis`` ms after one another."""
        from martlet.datastream.async_retry_strategies import FixedDelayRetryStrategy

        return FixedDelayRetryStrategy(
            max_attempts, backoff_time_millis, result_predicate, exception_predicate
        )

    @staticmethod
    def exponential_backoff(
        max_attempts: int,
        initial_delay: int,
        max_retry_delay: int,
        multiplier: float,
        result_predicate: Callable[[list[Any]], bool] | None,
        exception_predicate: Callable[[Exception], bool] | None,
    ) -> AsyncRetryStrategy[Any]:
        """Up to ``max_attempts`` further attempts, each ``multiplier`` times later than the last.

        :param initial_delay: how long the first of them waits, in ms
        :param max_retry_delay: the longest wait, in ms
        """
        from martlet.datastream.async_retry_strategies import ExponentialBackoffDelayRetryStrategy

        return ExponentialBackoffDelayRetryStrategy(
            max_attempts,
            initial_delay,
            max_retry_delay,
            multiplier,
            result_predicate,
            exception_predicate,
        )


class AsyncFunction(Function, Generic[IN, OUT]):
    """Any number of results for a value, for which it may wait (``await``).

    Calls for many values are under way at once, on one event loop and so on one thread: what does
    not await, such as a blocking request, holds all of them up.
    """

    @abstractmethod
    async def async_invoke(self, value: IN) -> list[OUT]:
        """The results for ``value``, as a list. An exception fails the job, if it is not retried.

        :param value: an element of the stream
        """

    def timeout(self, value: IN) -> list[OUT]:
        """The results for a value for which :meth:`async_invoke` takes too long.

        The call is cancelled then. Unless overridden, this raises :class:`TimeoutError`.
        """
        raise TimeoutError("Async function call has timed out for input: " + str(value))


class AsyncFunctionDescriptor:
    """An :class:`AsyncFunction`, and how it is called."""

    class OutputMode(Enum):
        ORDERED = 0
        UNORDERED = 1

    def __init__(
        self,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        capacity: int,
        async_retry_strategy: AsyncRetryStrategy[Any],
        output_mode: AsyncFunctionDescriptor.OutputMode,
    ) -> None:
        self.async_function = async_function
        self.timeout = timeout
        self.capacity = capacity
        self.async_retry_strategy = async_retry_strategy
        self.output_mode = output_mode
