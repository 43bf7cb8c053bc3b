"""From a watermark strategy to the operators that follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.common.watermark_strategy import WatermarkStrategy
from martlet.datastream.function_bytes import function_bytes
from martlet.util.exceptions import NotSupportedError

if TYPE_CHECKING:
    from martlet.gateway.handles import StreamHandle

__all__ = ["with_watermarks"]


def with_watermarks(handle: StreamHandle, strategy: WatermarkStrategy) -> StreamHandle:
    """The stream, with the timestamps and the watermarks that the strategy asks for."""
    if not isinstance(strategy, WatermarkStrategy):
        raise TypeError(f"watermark_strategy must be a WatermarkStrategy, got {strategy!r}")
    if strategy._alignment is not None:
        raise NotSupportedError("with_watermark_alignment: watermark alignment is not supported")
    assigner = strategy._timestamp_assigner
    if assigner is not None and not callable(getattr(assigner, "extract_timestamp", None)):
        raise TypeError(f"with_timestamp_assigner takes a TimestampAssigner, got {assigner!r}")
    if assigner is not None:
        handle = handle.assign_timestamps(
            function_bytes(assigner, "with_timestamp_assigner"), "Extract-Timestamp"
        )
    if strategy._kind == "none" and strategy._idleness_ms is None:
        return handle
    options = {}
    if strategy._kind == "bounded":
        options["max-out-of-orderness-ms"] = str(strategy._max_out_of_orderness_ms)
    if strategy._idleness_ms is not None:
        options["idleness-ms"] = str(strategy._idleness_ms)
    return handle.watermarks(strategy._kind, options)
