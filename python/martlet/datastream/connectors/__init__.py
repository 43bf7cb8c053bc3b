"""Sources and sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "base": ("DeliveryGuarantee", "Sink", "Source"),
        "number_seq": ("NumberSequenceSource",),
        "file_system.policies": ("BucketAssigner", "OutputFileConfig", "RollingPolicy"),
        "file_system.sink": ("FileSink",),
        "file_system.source": (
            "FileEnumeratorProvider",
            "FileSource",
            "FileSourceBuilder",
            "FileSplitAssignerProvider",
        ),
        "file_system.stream_format": ("StreamFormat",),
        "file_system.streaming_sink": ("StreamingFileSink",),
    },
)

if TYPE_CHECKING:
    from martlet.datastream.connectors.base import DeliveryGuarantee as DeliveryGuarantee
    from martlet.datastream.connectors.base import Sink as Sink
    from martlet.datastream.connectors.base import Source as Source
    from martlet.datastream.connectors.file_system.policies import BucketAssigner as BucketAssigner
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
    from martlet.datastream.connectors.file_system.stream_format import (
        StreamFormat as StreamFormat,
    )
    from martlet.datastream.connectors.file_system.streaming_sink import (
        StreamingFileSink as StreamingFileSink,
    )
    from martlet.datastream.connectors.number_seq import (
        NumberSequenceSource as NumberSequenceSource,
    )
