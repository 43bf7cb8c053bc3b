"""Several sources, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet.datastream.connectors.base import Source
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["HybridSource", "HybridSourceBuilder"]


class HybridSource(Source):
    """The records of several sources, those of one after those of the one before it.

    A source is begun when every instance has finished the one before it. All but the last must be
    bounded, and all of one type::

        lines = StreamFormat.text_line_format()
        history = FileSource.for_record_stream_format(lines, "2023").build()
        recent = FileSource.for_record_stream_format(lines, "2024").build()
        source = HybridSource.builder(history).add_source(recent).build()

    The sources must be ones that the runtime reads by itself: number sequences, and lines of text
    files.
    """

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources

    @staticmethod
    def builder(first_source: Source) -> HybridSourceBuilder:
        """Collects the sources that follow the first."""
        return HybridSourceBuilder(first_source)

    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        attached = [
            source._attach(environment, f"{name}: source {number}")
            for number, source in enumerate(self._sources, 1)
        ]
        produced = attached[0][1]
        for number, (_, other) in enumerate(attached, 1):
            if other != produced:
                raise ValidationError(
                    f"The sources of a hybrid source must be of one type: the first is of "
                    f"{produced!r}, and source {number} of {other!r}"
                )
        return environment.chained_source([handle for handle, _ in attached], name), produced


@boundary_methods
class HybridSourceBuilder:
    """Made by :meth:`HybridSource.builder`."""

    def __init__(self, first_source: Source) -> None:
        self._sources: list[Source] = []
        self.add_source(first_source)

    def add_source(self, source: Source) -> HybridSourceBuilder:
        """A source that is read when the ones before it are."""
        if not isinstance(source, Source):
            raise TypeError(f"A hybrid source consists of Sources, got {source!r}")
        self._sources.append(source)
        return self

    def build(self) -> HybridSource:
        return HybridSource(list(self._sources))
