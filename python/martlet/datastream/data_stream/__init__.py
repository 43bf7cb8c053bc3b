"""Streams of records, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "broadcast": ("BroadcastStream",),
        "connected": ("BroadcastConnectedStream", "ConnectedStreams"),
        "iterator": ("CloseableIterator",),
        "keyed": ("KeyedStream",),
        "sink": ("DataStreamSink",),
        "stream": ("DataStream",),
        "windowed": ("WINDOW_STATE_NAME", "AllWindowedStream", "WindowedStream"),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.data_stream.broadcast import BroadcastStream as BroadcastStream
    from martlet.datastream.data_stream.connected import (
        BroadcastConnectedStream as BroadcastConnectedStream,
    )
    from martlet.datastream.data_stream.connected import ConnectedStreams as ConnectedStreams
    from martlet.datastream.data_stream.iterator import CloseableIterator as CloseableIterator
    from martlet.datastream.data_stream.keyed import KeyedStream as KeyedStream
    from martlet.datastream.data_stream.sink import DataStreamSink as DataStreamSink
    from martlet.datastream.data_stream.stream import DataStream as DataStream
    from martlet.datastream.data_stream.windowed import WINDOW_STATE_NAME as WINDOW_STATE_NAME
    from martlet.datastream.data_stream.windowed import AllWindowedStream as AllWindowedStream
    from martlet.datastream.data_stream.windowed import WindowedStream as WindowedStream
