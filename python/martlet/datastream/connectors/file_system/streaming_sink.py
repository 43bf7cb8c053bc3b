"""The older interface to writing files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from martlet.common.serialization import BulkWriterFactory, Encoder
from martlet.datastream.connectors.file_system.policies import (
    BucketAssigner,
    OnCheckpointRollingPolicy,
    OutputFileConfig,
    RollingPolicy,
)
from martlet.datastream.connectors.file_system.sink import FileSink
from martlet.datastream.functions.sink import SinkFunction

if TYPE_CHECKING:
    from typing import Self

    from martlet.datastream.data_stream.stream import DataStream
    from martlet.gateway.handles import SinkHandle

__all__ = ["StreamingFileSink"]


class StreamingFileSink(SinkFunction):
    """Writes records to part files; :class:`FileSink` does the same, and is not deprecated.

    Made by :meth:`for_row_format` or :meth:`for_bulk_format`, for :meth:`DataStream.add_sink`.
    """

    def __init__(self, sink: FileSink) -> None:
        warnings.warn("Deprecated in 1.15. Use FileSink instead.", DeprecationWarning, stacklevel=3)
        self._sink = sink

    def _attach_to(self, stream: DataStream) -> SinkHandle:
        return stream.sink_to(self._sink)._handle

    class BaseBuilder:
        """What the builders have in common."""

        def __init__(self, builder: FileSink.BaseBuilder) -> None:
            self._builder = builder

        def with_bucket_check_interval(self, interval: int) -> Self:
            """How late a part file may be rolled, in milliseconds."""
            self._builder.with_bucket_check_interval(interval)
            return self

        def with_bucket_assigner(self, bucket_assigner: BucketAssigner) -> Self:
            """Which directory a record's part file is in."""
            self._builder.with_bucket_assigner(bucket_assigner)
            return self

        def with_output_file_config(self, output_file_config: OutputFileConfig) -> Self:
            """How part files are named."""
            self._builder.with_output_file_config(output_file_config)
            return self

        def build(self) -> StreamingFileSink:
            return StreamingFileSink(self._builder.build())

    class DefaultRowFormatBuilder(BaseBuilder):
        """The builder of a sink that encodes record by record."""

        _builder: FileSink.RowFormatBuilder

        def with_rolling_policy(
            self, policy: RollingPolicy
        ) -> StreamingFileSink.DefaultRowFormatBuilder:
            """When a part file is closed and the next one begun."""
            self._builder.with_rolling_policy(policy)
            return self

    class DefaultBulkFormatBuilder(BaseBuilder):
        """The builder of a sink whose format has more to a file than its records."""

        _builder: FileSink.BulkFormatBuilder

        def with_rolling_policy(
            self, policy: OnCheckpointRollingPolicy
        ) -> StreamingFileSink.DefaultBulkFormatBuilder:
            """When a file is full: with each checkpoint, which is the only way there is."""
            self._builder.with_rolling_policy(policy)
            return self

    @staticmethod
    def for_row_format(
        base_path: str, encoder: Encoder
    ) -> StreamingFileSink.DefaultRowFormatBuilder:
        """A sink that encodes record by record."""
        return StreamingFileSink.DefaultRowFormatBuilder(
            FileSink.for_row_format(base_path, encoder)
        )

    @staticmethod
    def for_bulk_format(
        base_path: str, writer_factory: BulkWriterFactory
    ) -> StreamingFileSink.DefaultBulkFormatBuilder:
        """A sink of files of a format that has more to a file than its records."""
        return StreamingFileSink.DefaultBulkFormatBuilder(
            FileSink.for_bulk_format(base_path, writer_factory)
        )
