"""The end of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.datastream.data_stream.settings import Settings

if TYPE_CHECKING:
    from martlet.gateway.handles import SinkHandle

__all__ = ["DataStreamSink"]


class DataStreamSink(Settings):
    """A sink that was added to a stream."""

    def __init__(self, handle: SinkHandle) -> None:
        self._handle: SinkHandle = handle
