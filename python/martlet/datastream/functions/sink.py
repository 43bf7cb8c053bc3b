"""Sources and sinks that the runtime provides, under the names that PyFlink has for them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from martlet.gateway.handles import SinkHandle, StreamHandle

__all__ = ["SinkFunction"]


class SinkFunction(ABC):
    """A sink that runs in the runtime; :meth:`DataStream.add_sink` takes one.

    Flink's class names a class of the JVM, which has no meaning here; the sinks that there are
    (such as :class:`martlet.testing.CollectingSink`) derive from this one.
    """

    @abstractmethod
    def _attach(self, stream: StreamHandle) -> SinkHandle:
        """Adds the sink to the job, below ``stream``."""
