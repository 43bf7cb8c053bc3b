"""Two streams, of which one function sees both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from martlet.common.typeinfo import TypeInformation, Types
from martlet.datastream.data_stream.keyed import KeyedStream
from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.basic import CoFlatMapFunction, CoMapFunction
from martlet.datastream.functions.broadcast import (
    BroadcastProcessFunction,
    KeyedBroadcastProcessFunction,
)
from martlet.datastream.functions.process import CoProcessFunction, KeyedCoProcessFunction
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.datastream.data_stream.broadcast import BroadcastStream
    from martlet.datastream.functions.basic import KeySelector

__all__ = ["BroadcastConnectedStream", "ConnectedStreams"]


@boundary_methods
class ConnectedStreams:
    """Two streams, which may be of different types; made by :meth:`DataStream.connect`."""

    def __init__(self, stream1: DataStream, stream2: DataStream):
        self.stream1 = stream1
        self.stream2 = stream2

    def key_by(
        self,
        key_selector1: KeySelector | Callable[[Any], Any],
        key_selector2: KeySelector | Callable[[Any], Any],
        key_type: TypeInformation | None = None,
    ) -> ConnectedStreams:
        """Partitions both streams, so that equal keys of either go to the same instance.

        :param key_type: the type of the keys of both; None if they are to be pickled
        """
        return ConnectedStreams(
            _origin(self.stream1).key_by(key_selector1, key_type),
            _origin(self.stream2).key_by(key_selector2, key_type),
        )

    def map(self, func: CoMapFunction, output_type: TypeInformation | None = None) -> DataStream:
        """What ``func`` returns for each record of either stream; no record where it is None."""
        if not isinstance(func, CoMapFunction):
            raise TypeError("The input function must be a CoMapFunction!")
        return self._apply("co_map", func, output_type, "Co-Map")

    def flat_map(
        self, func: CoFlatMapFunction, output_type: TypeInformation | None = None
    ) -> DataStream:
        """Any number of records for each record of either stream."""
        if not isinstance(func, CoFlatMapFunction):
            raise TypeError("The input must be a CoFlatMapFunction!")
        return self._apply("co_flat_map", func, output_type, "Co-Flat Map")

    def process(
        self,
        func: CoProcessFunction | KeyedCoProcessFunction,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for each record of either stream, and for each timer."""
        if not isinstance(func, (CoProcessFunction, KeyedCoProcessFunction)):
            raise TypeError("The input must be a CoProcessFunction or KeyedCoProcessFunction!")
        if isinstance(func, KeyedCoProcessFunction) and not self._is_keyed_stream():
            raise ValidationError("A KeyedCoProcessFunction needs both streams to be keyed.")
        keyed = self._is_keyed_stream()
        return self._apply(
            "co_process", func, output_type, "Keyed Co-Process" if keyed else "Co-Process"
        )

    def _apply(
        self, kind: str, func: Any, output_type: TypeInformation | None, name: str
    ) -> DataStream:
        return _two_inputs(self.stream1, self.stream2, kind, func, output_type, name, [])

    def _is_keyed_stream(self) -> bool:
        return isinstance(self.stream1, KeyedStream) and isinstance(self.stream2, KeyedStream)


@boundary_methods
class BroadcastConnectedStream:
    """A stream and a broadcast one; made by :meth:`DataStream.connect`."""

    def __init__(self, non_broadcast_stream: DataStream, broadcast_stream: BroadcastStream):
        self.non_broadcast_stream = non_broadcast_stream
        self.broadcast_stream = broadcast_stream

    def process(
        self,
        func: BroadcastProcessFunction[Any, Any, Any]
        | KeyedBroadcastProcessFunction[Any, Any, Any, Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for each record of either stream."""
        keyed = isinstance(self.non_broadcast_stream, KeyedStream)
        if keyed and not isinstance(func, KeyedBroadcastProcessFunction):
            raise TypeError("BroadcastProcessFunction should be applied to non-keyed DataStream")
        if not keyed and not isinstance(func, BroadcastProcessFunction):
            raise TypeError("KeyedBroadcastProcessFunction should be applied to keyed DataStream")
        return _two_inputs(
            self.non_broadcast_stream,
            self.broadcast_stream.input_stream,
            "broadcast_process",
            func,
            output_type,
            "Keyed Broadcast Process" if keyed else "Broadcast Process",
            [d.name for d in self.broadcast_stream.broadcast_state_descriptors],
        )


def _origin(stream: DataStream) -> DataStream:
    return stream._origin_stream if isinstance(stream, KeyedStream) else stream


def _two_inputs(
    first: DataStream,
    second: DataStream,
    kind: str,
    func: Any,
    output_type: TypeInformation | None,
    name: str,
    broadcast: list[str],
) -> DataStream:
    output_type = output_type or Types.PICKLED_BYTE_ARRAY()
    handle = first._handle.connect(
        second._handle, kind, function_bytes(func, name), output_type.type_text(), name, broadcast
    )
    return first._derived(handle, output_type)
