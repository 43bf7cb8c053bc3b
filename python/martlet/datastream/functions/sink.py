"""Sinks that :meth:`DataStream.add_sink` takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from martlet.datastream.data_stream.stream import DataStream
    from martlet.gateway.handles import SinkHandle

__all__ = ["SinkFunction"]


class SinkFunction(ABC):
    """A sink that the runtime, or the client, provides.

    PyFlink's class names a class of the JVM, which has no meaning here; the sinks that there are
    (such as :class:`martlet.testing.CollectingSink`) derive from this one.
    """

    @abstractmethod
    def _attach_to(self, stream: DataStream) -> SinkHandle:
        """Adds the sink to the job, below ``stream``."""
