"""What users derive from to write functions, and the context that functions run in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "asynchronous": (
            "AsyncFunction",
            "AsyncFunctionDescriptor",
            "AsyncRetryPredicate",
            "AsyncRetryStrategy",
        ),
        "context": ("RuntimeContext",),
        "basic": (
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
        ),
        "process": (
            "CoProcessFunction",
            "KeyedCoProcessFunction",
            "KeyedProcessFunction",
            "ProcessFunction",
        ),
        "sink": ("SinkFunction",),
        "source": ("SourceFunction",),
        "state_store": ("KeyedStateStore",),
        "window": (
            "AllWindowFunction",
            "ProcessAllWindowFunction",
            "ProcessWindowFunction",
            "WindowFunction",
        ),
        "broadcast": (
            "BaseBroadcastProcessFunction",
            "BroadcastProcessFunction",
            "KeyedBroadcastProcessFunction",
        ),
        "martlet.datastream.timerservice": ("TimerService",),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.functions.asynchronous import AsyncFunction as AsyncFunction
    from martlet.datastream.functions.asynchronous import (
        AsyncFunctionDescriptor as AsyncFunctionDescriptor,
    )
    from martlet.datastream.functions.asynchronous import (
        AsyncRetryPredicate as AsyncRetryPredicate,
    )
    from martlet.datastream.functions.asynchronous import AsyncRetryStrategy as AsyncRetryStrategy
    from martlet.datastream.functions.basic import AggregateFunction as AggregateFunction
    from martlet.datastream.functions.basic import CoFlatMapFunction as CoFlatMapFunction
    from martlet.datastream.functions.basic import CoMapFunction as CoMapFunction
    from martlet.datastream.functions.basic import FilterFunction as FilterFunction
    from martlet.datastream.functions.basic import FlatMapFunction as FlatMapFunction
    from martlet.datastream.functions.basic import Function as Function
    from martlet.datastream.functions.basic import KeySelector as KeySelector
    from martlet.datastream.functions.basic import MapFunction as MapFunction
    from martlet.datastream.functions.basic import Partitioner as Partitioner
    from martlet.datastream.functions.basic import ReduceFunction as ReduceFunction
    from martlet.datastream.functions.broadcast import (
        BaseBroadcastProcessFunction as BaseBroadcastProcessFunction,
    )
    from martlet.datastream.functions.broadcast import (
        BroadcastProcessFunction as BroadcastProcessFunction,
    )
    from martlet.datastream.functions.broadcast import (
        KeyedBroadcastProcessFunction as KeyedBroadcastProcessFunction,
    )
    from martlet.datastream.functions.context import RuntimeContext as RuntimeContext
    from martlet.datastream.functions.process import CoProcessFunction as CoProcessFunction
    from martlet.datastream.functions.process import (
        KeyedCoProcessFunction as KeyedCoProcessFunction,
    )
    from martlet.datastream.functions.process import KeyedProcessFunction as KeyedProcessFunction
    from martlet.datastream.functions.process import ProcessFunction as ProcessFunction
    from martlet.datastream.functions.sink import SinkFunction as SinkFunction
    from martlet.datastream.functions.source import SourceFunction as SourceFunction
    from martlet.datastream.functions.state_store import KeyedStateStore as KeyedStateStore
    from martlet.datastream.functions.window import AllWindowFunction as AllWindowFunction
    from martlet.datastream.functions.window import (
        ProcessAllWindowFunction as ProcessAllWindowFunction,
    )
    from martlet.datastream.functions.window import ProcessWindowFunction as ProcessWindowFunction
    from martlet.datastream.functions.window import WindowFunction as WindowFunction
    from martlet.datastream.timerservice import TimerService as TimerService
