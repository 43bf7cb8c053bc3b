"""The DataStream API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "async_data_stream": ("AsyncDataStream",),
        "checkpoint_config": ("CheckpointConfig",),
        "checkpoint_storage": (
            "CheckpointStorage",
            "CustomCheckpointStorage",
            "FileSystemCheckpointStorage",
            "JobManagerCheckpointStorage",
        ),
        "checkpointing_mode": ("CheckpointingMode",),
        "data_stream.broadcast": ("BroadcastStream",),
        "data_stream.connected": ("BroadcastConnectedStream", "ConnectedStreams"),
        "data_stream.keyed": ("KeyedStream",),
        "data_stream.sink": ("DataStreamSink",),
        "data_stream.stream": ("DataStream",),
        "data_stream.windowed": ("AllWindowedStream", "WindowedStream"),
        "execution_mode": ("RuntimeExecutionMode",),
        "externalized_checkpoint_retention": ("ExternalizedCheckpointRetention",),
        "functions.asynchronous": (
            "AsyncFunction",
            "AsyncRetryPredicate",
            "AsyncRetryStrategy",
        ),
        "functions.broadcast": ("BroadcastProcessFunction", "KeyedBroadcastProcessFunction"),
        "functions.window": ("ProcessWindowFunction", "WindowFunction"),
        "functions.basic": (
            "AggregateFunction",
            "CoFlatMapFunction",
            "CoMapFunction",
            "FilterFunction",
            "FlatMapFunction",
            "KeySelector",
            "MapFunction",
            "Partitioner",
            "ReduceFunction",
        ),
        "functions.context": ("RuntimeContext",),
        "functions.process": (
            "CoProcessFunction",
            "KeyedCoProcessFunction",
            "KeyedProcessFunction",
            "ProcessFunction",
        ),
        "functions.sink": ("SinkFunction",),
        "functions.source": ("SourceFunction",),
        "output_tag": ("OutputTag",),
        "slot_sharing_group": ("MemorySize", "SlotSharingGroup"),
        "state_backend": (
            "CustomStateBackend",
            "EmbeddedRocksDBStateBackend",
            "HashMapStateBackend",
            "PredefinedOptions",
            "StateBackend",
        ),
        "stream_execution_environment": ("StreamExecutionEnvironment",),
        "time_domain": ("TimeDomain",),
        "timerservice": ("TimerService",),
        "window": (
            "CountWindow",
            "GlobalWindow",
            "MergingWindowAssigner",
            "TimeWindow",
            "Trigger",
            "TriggerResult",
            "Window",
            "WindowAssigner",
        ),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.async_data_stream import AsyncDataStream as AsyncDataStream
    from martlet.datastream.checkpoint_config import CheckpointConfig as CheckpointConfig
    from martlet.datastream.checkpoint_storage import CheckpointStorage as CheckpointStorage
    from martlet.datastream.checkpoint_storage import (
        CustomCheckpointStorage as CustomCheckpointStorage,
    )
    from martlet.datastream.checkpoint_storage import (
        FileSystemCheckpointStorage as FileSystemCheckpointStorage,
    )
    from martlet.datastream.checkpoint_storage import (
        JobManagerCheckpointStorage as JobManagerCheckpointStorage,
    )
    from martlet.datastream.checkpointing_mode import CheckpointingMode as CheckpointingMode
    from martlet.datastream.data_stream.broadcast import BroadcastStream as BroadcastStream
    from martlet.datastream.data_stream.connected import (
        BroadcastConnectedStream as BroadcastConnectedStream,
    )
    from martlet.datastream.data_stream.connected import ConnectedStreams as ConnectedStreams
    from martlet.datastream.data_stream.keyed import KeyedStream as KeyedStream
    from martlet.datastream.data_stream.sink import DataStreamSink as DataStreamSink
    from martlet.datastream.data_stream.stream import DataStream as DataStream
    from martlet.datastream.data_stream.windowed import AllWindowedStream as AllWindowedStream
    from martlet.datastream.data_stream.windowed import WindowedStream as WindowedStream
    from martlet.datastream.execution_mode import RuntimeExecutionMode as RuntimeExecutionMode
    from martlet.datastream.externalized_checkpoint_retention import (
        ExternalizedCheckpointRetention as ExternalizedCheckpointRetention,
    )
    from martlet.datastream.functions.asynchronous import AsyncFunction as AsyncFunction
    from martlet.datastream.functions.asynchronous import (
        AsyncRetryPredicate as AsyncRetryPredicate,
    )
    from martlet.datastream.functions.asynchronous import AsyncRetryStrategy as AsyncRetryStrategy
    from martlet.datastream.functions.basic import AggregateFunction as AggregateFunction
    from martlet.datastream.functions.basic import CoFlatMapFunction as CoFlatMapFunction
    from martlet.datastream.functions.basic import CoMapFunction as CoMapFunction
    from martlet.datastream.functions.basic import FilterFunction as FilterFunction
    from martlet.datastream.functions.basic import FlatMapFunction as FlatMapFunction
    from martlet.datastream.functions.basic import KeySelector as KeySelector
    from martlet.datastream.functions.basic import MapFunction as MapFunction
    from martlet.datastream.functions.basic import Partitioner as Partitioner
    from martlet.datastream.functions.basic import ReduceFunction as ReduceFunction
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
    from martlet.datastream.functions.window import ProcessWindowFunction as ProcessWindowFunction
    from martlet.datastream.functions.window import WindowFunction as WindowFunction
    from martlet.datastream.output_tag import OutputTag as OutputTag
    from martlet.datastream.slot_sharing_group import MemorySize as MemorySize
    from martlet.datastream.slot_sharing_group import SlotSharingGroup as SlotSharingGroup
    from martlet.datastream.state_backend import CustomStateBackend as CustomStateBackend
    from martlet.datastream.state_backend import (
        EmbeddedRocksDBStateBackend as EmbeddedRocksDBStateBackend,
    )
    from martlet.datastream.state_backend import HashMapStateBackend as HashMapStateBackend
    from martlet.datastream.state_backend import PredefinedOptions as PredefinedOptions
    from martlet.datastream.state_backend import StateBackend as StateBackend
    from martlet.datastream.stream_execution_environment import (
        StreamExecutionEnvironment as StreamExecutionEnvironment,
    )
    from martlet.datastream.time_domain import TimeDomain as TimeDomain
    from martlet.datastream.timerservice import TimerService as TimerService
    from martlet.datastream.window import CountWindow as CountWindow
    from martlet.datastream.window import GlobalWindow as GlobalWindow
    from martlet.datastream.window import MergingWindowAssigner as MergingWindowAssigner
    from martlet.datastream.window import TimeWindow as TimeWindow
    from martlet.datastream.window import Trigger as Trigger
    from martlet.datastream.window import TriggerResult as TriggerResult
    from martlet.datastream.window import Window as Window
    from martlet.datastream.window import WindowAssigner as WindowAssigner
