"""Writing files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.common.serialization import BulkWriterFactory, Encoder
from martlet.datastream.connectors.base import Sink, StreamTransformer, SupportsPreprocessing
from martlet.datastream.connectors.file_system.compaction import (
    FileCompactor,
    FileCompactStrategy,
)
from martlet.datastream.connectors.file_system.policies import (
    BucketAssigner,
    OnCheckpointRollingPolicy,
    OutputFileConfig,
    RollingPolicy,
)
from martlet.datastream.connectors.file_system.source import local_path
from martlet.datastream.connectors.file_system.writing import FileEncoding
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import NotSupportedError

if TYPE_CHECKING:
    from typing import Self

    from martlet.gateway.handles import SinkHandle, StreamHandle

__all__ = ["FileSink"]


@boundary_methods
class FileSink(Sink, SupportsPreprocessing):
    """Writes records to part files below a directory.

    A part file has its final name once nothing more will be written to it; until then, its name
    starts with a dot and ends in ``.inprogress`` and a unique suffix.
    """

    def __init__(self, options: dict[str, str], encoding: FileEncoding | None = None) -> None:
        self._options = options
        self._encoding = encoding
        self.writes_text = encoding is None

    def get_transformer(self) -> StreamTransformer | None:
        return None

    def _attach(self, stream: StreamHandle) -> SinkHandle:
        if self._encoding is not None:
            stream = self._encoding._encoded(stream)
        return stream.file_sink(self._options)

    @staticmethod
    def for_row_format(base_path: str, encoder: Encoder) -> FileSink.RowFormatBuilder:
        """A sink that encodes record by record."""
        if not isinstance(encoder, Encoder):
            raise TypeError(f"The encoder must be an Encoder, got {encoder!r}")
        return FileSink.RowFormatBuilder(base_path, encoder)

    @staticmethod
    def for_bulk_format(
        base_path: str, writer_factory: BulkWriterFactory
    ) -> FileSink.BulkFormatBuilder:
        """A sink of files of a format that has more to a file than its records.

        A file is full with each checkpoint, and at the end.

        :param writer_factory: such as :meth:`CsvBulkWriters.for_schema` makes
        """
        if not isinstance(writer_factory, FileEncoding):
            raise TypeError(
                f"The writer factory must be one of Martlet's formats', got {writer_factory!r}"
            )
        return FileSink.BulkFormatBuilder(base_path, writer_factory)

    class BaseBuilder:
        """What the builders have in common."""

        def __init__(self, base_path: str) -> None:
            self._options = {
                "path": local_path(base_path),
                **BucketAssigner.date_time_bucket_assigner()._options,
                **RollingPolicy.default_rolling_policy()._options,
            }

        def with_bucket_check_interval(self, interval: int) -> Self:
            """How late a part file may be rolled, in milliseconds.

            It is rolled when it is due, which keeps to any interval.
            """
            if interval <= 0:
                raise ValueError("The bucket check interval must be greater than zero")
            return self

        def with_bucket_assigner(self, bucket_assigner: BucketAssigner) -> Self:
            """Which directory a record's part file is in."""
            self._replace("bucket-", bucket_assigner._options)
            return self

        def with_output_file_config(self, output_file_config: OutputFileConfig) -> Self:
            """How part files are named."""
            self._options["part-prefix"] = output_file_config.get_part_prefix()
            self._options["part-suffix"] = output_file_config.get_part_suffix()
            return self

        def enable_compact(self, strategy: FileCompactStrategy, compactor: FileCompactor) -> Self:
            """Merging part files, which is not supported."""
            raise NotSupportedError(
                "FileSink.enable_compact: merging part files is not supported; a larger part size "
                "or a longer interval of the rolling policy makes fewer of them"
            )

        def disable_compact(self) -> Self:
            """Part files are not merged; they never are."""
            return self

        def _replace(self, prefix: str, options: dict[str, str]) -> None:
            kept = {k: v for k, v in self._options.items() if not k.startswith(prefix)}
            self._options = {**kept, **options}

        def build(self) -> FileSink:
            return FileSink(dict(self._options))

    class RowFormatBuilder(BaseBuilder):
        """The builder of a sink that encodes record by record."""

        def __init__(self, base_path: str, encoder: Encoder) -> None:
            super().__init__(base_path)
            self._options["charset"] = encoder._charset

        def with_rolling_policy(self, rolling_policy: RollingPolicy) -> FileSink.RowFormatBuilder:
            """When a part file is closed and the next one begun."""
            self._replace("rolling.", rolling_policy._options)
            return self

    class BulkFormatBuilder(BaseBuilder):
        """The builder of a sink whose format has more to a file than its records."""

        def __init__(self, base_path: str, encoding: FileEncoding) -> None:
            super().__init__(base_path)
            self._encoding = encoding
            self._replace("rolling.", RollingPolicy.on_checkpoint_rolling_policy()._options)
            self._options.update(encoding._options())

        def with_rolling_policy(
            self, rolling_policy: OnCheckpointRollingPolicy
        ) -> FileSink.BulkFormatBuilder:
            """When a file is full: with each checkpoint, which is the only way there is."""
            if not isinstance(rolling_policy, OnCheckpointRollingPolicy):
                raise ValueError("rolling_policy must be OnCheckpointRollingPolicy for bulk format")
            return self

        def build(self) -> FileSink:
            return FileSink(dict(self._options), self._encoding)
