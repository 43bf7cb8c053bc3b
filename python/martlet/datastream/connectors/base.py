"""What sources and sinks derive from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, SinkHandle, StreamHandle

__all__ = [
    "DeliveryGuarantee",
    "Sink",
    "Source",
    "StreamTransformer",
    "SupportsPreprocessing",
]


class Source(ABC):
    """Where a stream comes from; :meth:`StreamExecutionEnvironment.from_source` takes one."""

    @abstractmethod
    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        """Adds the source to the job: its stream, and the type of what it yields."""


class Sink(ABC):
    """Where a stream goes; :meth:`DataStream.sink_to` takes one."""

    writes_text = False
    """Whether records are written as text, so that pickled ones must become text before."""

    @abstractmethod
    def _attach(self, stream: StreamHandle) -> SinkHandle:
        """Adds the sink to the job, below ``stream``."""


class DeliveryGuarantee(Enum):
    """How often a record may arrive at a sink when the job fails on the way."""

    EXACTLY_ONCE = (0,)
    AT_LEAST_ONCE = (1,)
    NONE = 2


class StreamTransformer(ABC):
    """Turns a stream into the one that a sink takes."""

    @abstractmethod
    def apply(self, ds: Any) -> Any:
        """The stream to sink."""


class SupportsPreprocessing(ABC):
    """A sink that has its stream transformed first."""

    @abstractmethod
    def get_transformer(self) -> StreamTransformer | None:
        """What transforms the stream; None if nothing does."""
