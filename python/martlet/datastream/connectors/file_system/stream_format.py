"""How the bytes of files become records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from martlet.common.serialization import checked_charset
from martlet.common.typeinfo import Types

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["BulkFormat", "StreamFormat"]


class FileFormat:
    """A format of files, and the source that reads it."""

    def _attach(
        self,
        environment: EnvironmentHandle,
        paths: Sequence[str],
        options: Mapping[str, str],
        name: str,
    ) -> tuple[StreamHandle, TypeInformation]:
        """Adds a source of the files at ``paths`` to the job."""
        raise NotImplementedError(f"{type(self).__name__} does not say how files are read")


class StreamFormat(FileFormat):
    """A format that is read record by record; packed files are unpacked, by their ending."""

    @staticmethod
    def text_line_format(charset_name: str = "UTF-8") -> StreamFormat:
        """A record is a line of text, without its end."""
        return _TextLines(checked_charset(charset_name))


class BulkFormat(FileFormat):
    """A format that is read many records at a time."""


class _TextLines(StreamFormat):
    """Lines, which the runtime reads by itself."""

    def __init__(self, charset: str) -> None:
        self._charset = charset

    def _attach(
        self,
        environment: EnvironmentHandle,
        paths: Sequence[str],
        options: Mapping[str, str],
        name: str,
    ) -> tuple[StreamHandle, TypeInformation]:
        settings = {"charset": self._charset, **options}
        return environment.text_files(paths, settings, name), Types.STRING()
