"""Asynchronous functions over streams."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from martlet.common.time import Time
from martlet.common.typeinfo import TypeInformation, Types
from martlet.datastream.async_retry_strategies import NO_RETRY_STRATEGY, NoRetryStrategy
from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.asynchronous import AsyncFunctionDescriptor
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.datastream.functions.asynchronous import AsyncFunction, AsyncRetryStrategy

__all__ = ["AsyncDataStream"]


@boundary_methods
class AsyncDataStream:
    """Applies an :class:`AsyncFunction` to a stream.

    What all four methods take:

    * ``timeout``: how long a value may take, all its attempts together; then the function's
      ``timeout`` gives its results. 0: any time, where nothing is retried
    * ``capacity``: how many values are under way at once in each parallel instance; beyond that,
      the input waits
    * ``output_type``: the type of the results; None if they are to be pickled

    Results have the timestamp of the value they are for.
    """

    @staticmethod
    def unordered_wait(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        capacity: int = 100,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Results go on as they come; only watermarks are not overtaken, and overtake nothing."""
        return _apply(
            data_stream, async_function, timeout, NO_RETRY_STRATEGY, capacity, output_type, False
        )

    @staticmethod
    def unordered_wait_with_retry(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        async_retry_strategy: AsyncRetryStrategy[Any],
        capacity: int = 100,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """As :meth:`unordered_wait`; the strategy says what is tried again, and when."""
        return _apply(
            data_stream, async_function, timeout, async_retry_strategy, capacity, output_type, False
        )

    @staticmethod
    def ordered_wait(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        capacity: int = 100,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Results go on in the order of the values that they are for."""
        return _apply(
            data_stream, async_function, timeout, NO_RETRY_STRATEGY, capacity, output_type, True
        )

    @staticmethod
    def ordered_wait_with_retry(
        data_stream: DataStream,
        async_function: AsyncFunction[Any, Any],
        timeout: Time,
        async_retry_strategy: AsyncRetryStrategy[Any],
        capacity: int = 100,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """As :meth:`ordered_wait`; the strategy says what is tried again, and when."""
        return _apply(
            data_stream, async_function, timeout, async_retry_strategy, capacity, output_type, True
        )


def _apply(
    stream: DataStream,
    function: AsyncFunction[Any, Any],
    timeout: Time,
    strategy: AsyncRetryStrategy[Any],
    capacity: int,
    output_type: TypeInformation | None,
    ordered: bool,
) -> DataStream:
    _check(stream, function, timeout, strategy, capacity)
    mode = AsyncFunctionDescriptor.OutputMode.ORDERED
    if not ordered:
        mode = AsyncFunctionDescriptor.OutputMode.UNORDERED
    output_type = output_type or Types.PICKLED_BYTE_ARRAY()
    if not isinstance(output_type, TypeInformation):
        raise TypeError(
            f"output_type must be a TypeInformation such as Types.INT(), got {output_type!r}"
        )
    descriptor = AsyncFunctionDescriptor(function, timeout, capacity, strategy, mode)
    handle = stream._handle.python(
        "async",
        function_bytes(descriptor, "AsyncDataStream", (function, strategy)),
        output_type.type_text(),
        "async wait operator",
    )
    return stream._derived(handle, output_type)


def _check(stream: Any, function: Any, timeout: Any, strategy: Any, capacity: Any) -> None:
    if not isinstance(stream, DataStream):
        raise TypeError(f"data_stream must be a DataStream, got {stream!r}")
    if not inspect.iscoroutinefunction(getattr(function, "async_invoke", None)):
        raise ValidationError(
            f"Method 'async_invoke' of class '{type(function)}' should be declared as 'async def'."
        )
    if not isinstance(timeout, Time):
        raise TypeError(f"timeout must be a Time such as Time.seconds(10), got {timeout!r}")
    if timeout.to_milliseconds() < 0:
        raise ValidationError(f"The timeout cannot be negative, got {timeout}.")
    if isinstance(capacity, bool) or not isinstance(capacity, int):
        raise TypeError(f"capacity must be an int, got {capacity!r}")
    if capacity < 1:
        raise ValidationError(f"The capacity must be greater than 0, got {capacity}.")
    if strategy is None:
        raise ValidationError("Async retry strategy should not be None.")
    if not isinstance(strategy, NoRetryStrategy) and timeout.to_milliseconds() <= 0:
        raise ValidationError("Timeout should be configured when do async with retry.")
    if strategy.get_retry_predicate() is None:
        raise ValidationError(
            f"Retry predicate of the async retry strategy '{type(strategy)}' is None."
        )
