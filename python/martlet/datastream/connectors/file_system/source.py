"""Reading files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from martlet.datastream.connectors.base import Source
from martlet.datastream.connectors.file_system.stream_format import BulkFormat, StreamFormat
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError

if TYPE_CHECKING:
    from martlet.common.time import Duration
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = [
    "FileEnumeratorProvider",
    "FileSource",
    "FileSourceBuilder",
    "FileSplitAssignerProvider",
    "checked_paths",
    "local_path",
]


class FileEnumeratorProvider:
    """How files are found and cut into splits."""

    def __init__(self, splittable: bool) -> None:
        self._splittable = splittable

    @staticmethod
    def default_splittable_file_enumerator() -> FileEnumeratorProvider:
        """Directories are searched in depth; large files may be read by several readers."""
        return FileEnumeratorProvider(True)

    @staticmethod
    def default_non_splittable_file_enumerator() -> FileEnumeratorProvider:
        """Directories are searched in depth; each file is read by one reader."""
        return FileEnumeratorProvider(False)


class FileSplitAssignerProvider:
    """Which reader gets which split."""

    @staticmethod
    def locality_aware_split_assigner() -> FileSplitAssignerProvider:
        """Whichever reader asks first; all files are local."""
        return FileSplitAssignerProvider()


@boundary_methods
class FileSourceBuilder:
    """Collects what a file source needs."""

    def __init__(self, file_format: StreamFormat | BulkFormat, paths: Sequence[str]) -> None:
        if not paths:
            raise ValueError("A file source needs at least one path")
        self._format = file_format
        self._paths = [local_path(path) for path in paths]
        self._discovery_ms: int | None = None
        self._splittable = True

    def monitor_continuously(self, discovery_interval: Duration) -> FileSourceBuilder:
        """Looks for new files again and again: the stream does not end."""
        if discovery_interval.to_millis() <= 0:
            raise ValueError("The discovery interval must be greater than zero")
        self._discovery_ms = discovery_interval.to_millis()
        return self

    def process_static_file_set(self) -> FileSourceBuilder:
        """Reads the files that there are, and ends."""
        self._discovery_ms = None
        return self

    def set_file_enumerator(self, file_enumerator: FileEnumeratorProvider) -> FileSourceBuilder:
        """How files are found, and whether a large one may be cut between several readers."""
        if not isinstance(file_enumerator, FileEnumeratorProvider):
            raise TypeError("A file enumerator must be one of FileEnumeratorProvider's")
        self._splittable = file_enumerator._splittable
        return self

    def set_split_assigner(self, split_assigner: FileSplitAssignerProvider) -> FileSourceBuilder:
        """Which reader gets which split; there is one way only."""
        if not isinstance(split_assigner, FileSplitAssignerProvider):
            raise TypeError("A split assigner must be one of FileSplitAssignerProvider's")
        return self

    def build(self) -> FileSource:
        return FileSource(self._format, self._paths, self._discovery_ms, self._splittable)


@boundary_methods
class FileSource(Source):
    """Reads files, the files below directories, and the files that patterns match."""

    def __init__(
        self,
        file_format: StreamFormat | BulkFormat,
        paths: Sequence[str],
        discovery_ms: int | None,
        splittable: bool = True,
    ) -> None:
        self._format = file_format
        self._paths = list(paths)
        self._discovery_ms = discovery_ms
        self._splittable = splittable

    @staticmethod
    def for_record_stream_format(stream_format: StreamFormat, *paths: str) -> FileSourceBuilder:
        """A source of the records that ``stream_format`` finds in the files at ``paths``."""
        if not isinstance(stream_format, StreamFormat):
            raise TypeError(f"The format must be a StreamFormat, got {stream_format!r}")
        return FileSourceBuilder(stream_format, paths)

    @staticmethod
    def for_bulk_file_format(bulk_format: BulkFormat, *paths: str) -> FileSourceBuilder:
        """A source of the records that ``bulk_format`` finds in the files at ``paths``."""
        if not isinstance(bulk_format, BulkFormat):
            raise TypeError(f"The format must be a BulkFormat, got {bulk_format!r}")
        return FileSourceBuilder(bulk_format, paths)

    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        checked_paths(self._paths)
        options: dict[str, str] = {}
        if self._discovery_ms is not None:
            options["monitor-interval-ms"] = str(self._discovery_ms)
        if not self._splittable:
            options["splittable"] = "false"
        return self._format._attach(environment, self._paths, options, name)


def checked_paths(paths: Sequence[str]) -> Sequence[str]:
    """The paths, each of which names or matches something."""
    for path in paths:
        if not os.path.exists(path) and not _matches_any(path):
            raise ValidationError(f"No such file or directory: {path}")
    return paths


def local_path(path: str | os.PathLike[str]) -> str:
    """The absolute path that a path or a ``file:`` URI names."""
    text = os.fspath(path)
    if not isinstance(text, str) or not text:
        raise ValueError(f"A path must be a non-empty str, got {path!r}")
    if text.startswith("file:"):
        return os.path.abspath(_path_of_uri(text))
    scheme, separator, _ = text.partition("://")
    if separator:
        raise NotSupportedError(
            f"The file system '{scheme}' of {text} is not supported; use local paths"
        )
    return os.path.abspath(text)


def _path_of_uri(uri: str) -> str:
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise NotSupportedError(f"The files of another machine cannot be reached: {uri}")
    return unquote(parts.path)


def _matches_any(pattern: str) -> bool:
    import glob

    return bool(glob.glob(pattern))
