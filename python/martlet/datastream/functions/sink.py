"""Sinks that :meth:`DataStream.add_sink` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.util.boundary import boundary
from martlet.util.exceptions import NotSupportedError

if TYPE_CHECKING:
    from martlet.datastream.data_stream.stream import DataStream
    from martlet.gateway.handles import SinkHandle

__all__ = ["SinkFunction"]


class SinkFunction:
    """A sink that the runtime, or the client, provides.

    PyFlink's class names a class of the JVM, which has no meaning here; the sinks that there are
    (such as :class:`martlet.testing.CollectingSink`) derive from this one.
    """

    @boundary
    def __init__(self, sink_func: Any) -> None:
        raise NotSupportedError(
            f"A SinkFunction names a class of the JVM ({sink_func!r}), and there is none here: "
            "use sink_to with one of the connectors"
        )

    def _attach_to(self, stream: DataStream) -> SinkHandle:
        """Adds the sink to the job, below ``stream``."""
        raise NotImplementedError
