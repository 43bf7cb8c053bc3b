"""Files as sources and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "source": (
            "FileEnumeratorProvider",
            "FileSource",
            "FileSourceBuilder",
            "FileSplitAssignerProvider",
        ),
        "stream_format": ("BulkFormat", "StreamFormat"),
        "compaction": ("FileCompactStrategy", "FileCompactor"),
        "policies": (
            "BucketAssigner",
            "DefaultRollingPolicy",
            "OnCheckpointRollingPolicy",
            "OutputFileConfig",
            "RollingPolicy",
        ),
        "sink": ("FileSink",),
        "streaming_sink": ("StreamingFileSink",),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.connectors.file_system.compaction import FileCompactor as FileCompactor
    from martlet.datastream.connectors.file_system.compaction import (
        FileCompactStrategy as FileCompactStrategy,
    )
    from martlet.datastream.connectors.file_system.policies import BucketAssigner as BucketAssigner
    from martlet.datastream.connectors.file_system.policies import (
        DefaultRollingPolicy as DefaultRollingPolicy,
    )
    from martlet.datastream.connectors.file_system.policies import (
        OnCheckpointRollingPolicy as OnCheckpointRollingPolicy,
    )
    from martlet.datastream.connectors.file_system.policies import (
        OutputFileConfig as OutputFileConfig,
    )
    from martlet.datastream.connectors.file_system.policies import RollingPolicy as RollingPolicy
    from martlet.datastream.connectors.file_system.sink import FileSink as FileSink
    from martlet.datastream.connectors.file_system.source import (
        FileEnumeratorProvider as FileEnumeratorProvider,
    )
    from martlet.datastream.connectors.file_system.source import FileSource as FileSource
    from martlet.datastream.connectors.file_system.source import (
        FileSourceBuilder as FileSourceBuilder,
    )
    from martlet.datastream.connectors.file_system.source import (
        FileSplitAssignerProvider as FileSplitAssignerProvider,
    )
    from martlet.datastream.connectors.file_system.stream_format import BulkFormat as BulkFormat
    from martlet.datastream.connectors.file_system.stream_format import (
        StreamFormat as StreamFormat,
    )
    from martlet.datastream.connectors.file_system.streaming_sink import (
        StreamingFileSink as StreamingFileSink,
    )
