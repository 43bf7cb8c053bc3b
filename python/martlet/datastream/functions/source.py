"""Sources that :meth:`StreamExecutionEnvironment.add_source` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.util.boundary import boundary
from martlet.util.exceptions import NotSupportedError

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["SourceFunction"]


class SourceFunction:
    """A source of the older interface, such as a connector may be.

    PyFlink's class names a class of the JVM, which has no meaning here.
    """

    @boundary
    def __init__(self, source_func: Any) -> None:
        raise NotSupportedError(
            f"A SourceFunction names a class of the JVM ({source_func!r}), and there is none here: "
            "use from_source with one of the connectors"
        )

    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        """Adds the source to the job: its stream, and the type of what it yields."""
        raise NotImplementedError
