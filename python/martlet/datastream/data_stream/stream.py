"""Streams of records, and what can be done with them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from martlet.common.typeinfo import RowTypeInfo, TupleTypeInfo, TypeInformation, Types
from martlet.datastream.data_stream.routing import Routing, check_function
from martlet.datastream.data_stream.settings import Settings, checked_max_parallelism
from martlet.datastream.data_stream.sink import DataStreamSink
from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.basic import (
    FilterFunction,
    FlatMapFunction,
    KeySelector,
    MapFunction,
)
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from typing import Self

    from martlet.common.execution_config import ExecutionConfig
    from martlet.common.watermark_strategy import WatermarkStrategy
    from martlet.datastream.connectors.base import Sink
    from martlet.datastream.data_stream.broadcast import BroadcastStream
    from martlet.datastream.data_stream.connected import (
        BroadcastConnectedStream,
        ConnectedStreams,
    )
    from martlet.datastream.data_stream.iterator import CloseableIterator
    from martlet.datastream.data_stream.keyed import KeyedStream
    from martlet.datastream.data_stream.windowed import AllWindowedStream
    from martlet.datastream.functions.process import ProcessFunction
    from martlet.datastream.functions.sink import SinkFunction
    from martlet.datastream.output_tag import OutputTag
    from martlet.datastream.stream_execution_environment import StreamExecutionEnvironment
    from martlet.datastream.window import WindowAssigner
    from martlet.gateway.handles import StreamHandle

__all__ = ["DataStream"]


@boundary_methods
class DataStream(Routing, Settings):
    """Records of one type, produced by an operator whose settings this object changes.

    Functions are callables, or objects of the classes in :mod:`martlet.datastream.functions`. Where
    a call leaves out ``output_type``, it comes from the function's annotations; where there are
    none, results are pickled.
    """

    def __init__(
        self,
        handle: StreamHandle,
        type_info: TypeInformation,
        environment: StreamExecutionEnvironment,
    ) -> None:
        self._handle: StreamHandle = handle
        self._type_info = type_info
        self._environment = environment

    # What the stream is

    def get_name(self) -> str:
        return self._handle.name()

    def get_type(self) -> TypeInformation:
        """The type of the records."""
        return self._type_info

    def get_execution_environment(self) -> StreamExecutionEnvironment:
        return self._environment

    def get_execution_config(self) -> ExecutionConfig:
        return self._environment.get_config()

    # Settings that sinks do not have

    def set_max_parallelism(self, max_parallelism: int) -> Self:
        """How many key groups the operator's state has: the most that it can be scaled to."""
        self._handle.set_max_parallelism(checked_max_parallelism(max_parallelism))
        return self

    def force_non_parallel(self) -> Self:
        """The operator has one instance, and cannot be given more."""
        self._handle.force_non_parallel()
        return self

    def set_buffer_timeout(self, timeout_millis: int) -> Self:
        """How long a batch may wait to be full; records never wait here, whatever it is."""
        if timeout_millis < -1:
            raise ValidationError("The buffer timeout must be -1, 0 or a number of milliseconds")
        self._handle.set_buffer_timeout(timeout_millis)
        return self

    def start_new_chain(self) -> Self:
        """The operator is not fused with the one before it."""
        self._handle.start_new_chain()
        return self

    # Functions

    def map(
        self,
        func: MapFunction | Callable[[Any], Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """One record for each record: what ``func`` returns."""
        check_function(func, MapFunction, "The input must be a MapFunction or a callable function")
        return self._apply("map", func, output_type, "Map")

    def flat_map(
        self,
        func: FlatMapFunction | Callable[[Any], Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for each record: those in the iterable that ``func`` returns."""
        check_function(
            func, FlatMapFunction, "The input must be a FlatMapFunction or a callable function"
        )
        return self._apply("flat_map", func, output_type, "FlatMap")

    def filter(self, func: FilterFunction | Callable[[Any], bool]) -> DataStream:
        """The records for which ``func`` returns something true."""
        check_function(
            func, FilterFunction, "The input must be a FilterFunction or a callable function"
        )
        handle = self._handle.python("filter", function_bytes(func, "filter"), None, "Filter")
        return self._derived(handle)

    def _apply(
        self, kind: str, func: Any, output_type: TypeInformation | None, name: str
    ) -> DataStream:
        hint = None
        if output_type is None:
            from martlet.datastream.type_hints import hinted_type

            hint = hinted_type(func, kind, of_elements=kind == "flat_map")
            output_type = hint.type_info if hint else Types.PICKLED_BYTE_ARRAY()
        elif not isinstance(output_type, TypeInformation):
            raise TypeError(
                f"output_type must be a TypeInformation such as Types.INT(), got {output_type!r}"
            )
        handle = self._handle.python(
            kind, function_bytes(func, kind), output_type.type_text(), name
        )
        if hint is not None:
            self._environment._note_hint(handle, name, hint)
        return self._derived(handle, output_type)

    def _derived(
        self, handle: StreamHandle, type_info: TypeInformation | None = None
    ) -> DataStream:
        return DataStream(handle, type_info or self._type_info, self._environment)

    def name(self, name: str) -> Self:
        """The name under which the operator is shown."""
        super().name(name)
        self._environment._rename_hinted(self._handle, name)
        return self

    def key_by(
        self,
        key_selector: KeySelector | Callable[[Any], Any],
        key_type: TypeInformation | None = None,
    ) -> KeyedStream:
        """Partitions the records: those with the same key go to the same instance.

        :param key_selector: tells a record's key
        :param key_type: the type of the keys; None if they are to be pickled
        """
        from martlet.datastream.data_stream.keyed import KeyedStream

        check_function(
            key_selector,
            KeySelector,
            "Parameter key_selector should be type of KeySelector or a callable function.",
        )
        key_type = key_type or Types.PICKLED_BYTE_ARRAY()
        handle = self._handle.key_by(
            function_bytes(key_selector, "key_by"), key_type.type_text(), "KeyBy"
        )
        return KeyedStream(handle, self._type_info, self)

    def project(self, *field_indexes: int) -> DataStream:
        """Tuples of some fields of each tuple, in the given order."""
        from martlet.datastream.functions.projection import Projection

        if not isinstance(self._type_info, TupleTypeInfo):
            raise TypeError("Only Tuple DataStreams can be projected.")
        fields = self._type_info.get_field_types()
        for index in field_indexes:
            if not isinstance(index, int) or not 0 <= index < len(fields):
                raise ValidationError(
                    f"The index {index!r} is not that of a field of {self._type_info!r}"
                )
        return self._apply(
            "map",
            Projection(field_indexes),
            Types.TUPLE([fields[index] for index in field_indexes]),
            "Projection",
        )

    def process(
        self, func: ProcessFunction, output_type: TypeInformation | None = None
    ) -> DataStream:
        """Any number of records for each record, also for side outputs (``yield tag, value``)."""
        from martlet.datastream.functions.process import ProcessFunction

        if not isinstance(func, ProcessFunction):
            raise TypeError("The input must be a ProcessFunction!")
        return self._process(func, output_type, "PROCESS")

    def _process(self, func: Any, output_type: TypeInformation | None, name: str) -> DataStream:
        return self._apply("process", func, output_type or Types.PICKLED_BYTE_ARRAY(), name)

    def get_side_output(self, output_tag: OutputTag) -> DataStream:
        """The records that the operator's function has yielded with a tag."""
        from martlet.datastream.output_tag import OutputTag

        if not isinstance(output_tag, OutputTag):
            raise TypeError(f"get_side_output takes an OutputTag, got {output_tag!r}")
        info = output_tag.type_info
        return self._derived(self._handle.side_output(output_tag.tag_id, info.type_text()), info)

    def assign_timestamps_and_watermarks(self, watermark_strategy: WatermarkStrategy) -> DataStream:
        """Gives the records timestamps, if the strategy says how, and the stream watermarks."""
        from martlet.datastream.watermarks import with_watermarks

        return self._derived(with_watermarks(self._handle, watermark_strategy))

    def window_all(self, window_assigner: WindowAssigner[Any, Any]) -> AllWindowedStream:
        """Divides the records into windows, whatever their key; a single instance has them all.

        :param window_assigner: tells which windows a record belongs to
        """
        from martlet.datastream.data_stream.windowed import AllWindowedStream

        return AllWindowedStream(self, window_assigner)

    # Several streams

    def union(self, *streams: DataStream) -> DataStream:
        """The records of this stream and of the others, which must be of the same type."""
        for stream in streams:
            if stream._type_info != self._type_info:
                raise ValidationError(
                    "Cannot union streams of different types: "
                    f"{self._type_info!r} and {stream._type_info!r}"
                )
        return self._derived(self._handle.union([stream._handle for stream in streams]))

    @overload
    def connect(self, ds: DataStream) -> ConnectedStreams: ...

    @overload
    def connect(self, ds: BroadcastStream) -> BroadcastConnectedStream: ...

    def connect(
        self, ds: DataStream | BroadcastStream
    ) -> ConnectedStreams | BroadcastConnectedStream:
        """This stream and another one, for functions that see both."""
        from martlet.datastream.data_stream.broadcast import BroadcastStream
        from martlet.datastream.data_stream.connected import (
            BroadcastConnectedStream,
            ConnectedStreams,
        )

        if isinstance(ds, BroadcastStream):
            return BroadcastConnectedStream(self, ds)
        if not isinstance(ds, DataStream):
            raise TypeError(f"connect takes a DataStream or a BroadcastStream, got {ds!r}")
        return ConnectedStreams(self, ds)

    # Where the stream ends

    def print(self, sink_identifier: str | None = None) -> DataStreamSink:
        """Writes each record to standard output, a line each.

        With several instances, a line starts with the number of the instance that wrote it.

        :param sink_identifier: stands in front of each line
        """
        return DataStreamSink(self._printable()._handle.print(sink_identifier, False))

    def add_sink(self, sink_func: SinkFunction) -> DataStreamSink:
        from martlet.datastream.functions.sink import SinkFunction

        if not isinstance(sink_func, SinkFunction):
            raise TypeError(f"add_sink takes a SinkFunction, got {sink_func!r}")
        return DataStreamSink(sink_func._attach_to(self))

    def sink_to(self, sink: Sink) -> DataStreamSink:
        from martlet.datastream.connectors.base import Sink

        if not isinstance(sink, Sink):
            raise TypeError(f"sink_to takes a Sink, got {sink!r}")
        stream = self._as_text() if sink.writes_text else self
        return DataStreamSink(sink._attach(stream._handle))

    @overload
    def execute_and_collect(
        self, job_execution_name: str | None = None, limit: None = None
    ) -> CloseableIterator: ...

    @overload
    def execute_and_collect(
        self, job_execution_name: str | None = None, *, limit: int
    ) -> list[Any]: ...

    @overload
    def execute_and_collect(self, job_execution_name: str | None, limit: int) -> list[Any]: ...

    def execute_and_collect(
        self, job_execution_name: str | None = None, limit: int | None = None
    ) -> CloseableIterator | list[Any]:
        """Runs everything built so far, and brings this stream's records here.

        :param job_execution_name: the name of the job
        :param limit: how many records to take at most; the job is stopped when they are there
        :return: an iterator over the records, or with ``limit`` a list of them
        """
        from martlet.datastream.data_stream.iterator import CloseableIterator

        if limit is not None and limit < 1:
            raise ValidationError(f"Limit must be greater than 0, got {limit}")
        handle = self._handle.collect()
        job = self._environment._start(job_execution_name)
        iterator = CloseableIterator(handle, self._type_info, job)
        if limit is None:
            return iterator
        with iterator:
            return list(itertools.islice(iterator, limit))

    def _as_text(self) -> DataStream:
        """This stream, or one of text if only Python knows how its records look."""
        if self._type_info != Types.PICKLED_BYTE_ARRAY():
            return self
        from martlet.datastream.functions.formatting import text

        return self._apply("map", text, Types.STRING(), "Map")

    def _printable(self) -> DataStream:
        """Like :meth:`_as_text`; rows, too, are shown the way PyFlink prints them."""
        if not isinstance(self._type_info, RowTypeInfo):
            return self._as_text()
        from martlet.datastream.functions.formatting import row_text

        return self._apply("map", row_text, Types.STRING(), "Map")
