"""Formats that are read in Python workers.

The runtime finds the files, and shares their paths out among the instances of a Python stage, whose
function opens a file and yields its records: into the functions of the job that follow, if there is
nothing between them, and never over a channel twice.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from martlet.datastream.functions.basic import FlatMapFunction
from martlet.util.exceptions import MartletError

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["FileReadError", "WorkerFormat", "open_binary", "open_text"]


class FileReadError(MartletError, ValueError):
    """A file that is not what its format says."""


class WorkerFormat:
    """A format whose files a Python worker reads."""

    def _produced_type(self) -> TypeInformation:
        """The type of the records."""
        raise NotImplementedError

    def _records(self, path: str) -> Iterator[Any]:
        """The records of a file."""
        raise NotImplementedError

    def _attach(
        self,
        environment: EnvironmentHandle,
        paths: Sequence[str],
        options: Mapping[str, str],
        name: str,
    ) -> tuple[StreamHandle, TypeInformation]:
        from martlet.datastream.function_bytes import function_bytes

        produced = self._produced_type()
        found = environment.text_files(paths, {**options, "paths": "true"}, f"{name}: files")
        function = function_bytes(ReadFiles(self), "flat_map")
        return found.partition("rebalance").python(
            "flat_map", function, produced.type_text(), name
        ), produced


class ReadFiles(FlatMapFunction):
    """The records of the files whose paths come in."""

    def __init__(self, file_format: WorkerFormat) -> None:
        self._format = file_format

    def flat_map(self, value: str) -> Iterator[Any]:
        count = 0
        try:
            for record in self._format._records(value):
                count += 1
                yield record
        except GeneratorExit:
            raise
        except Exception as error:
            raise FileReadError(f"{value}, record {count + 1}: {error}") from error


def open_binary(path: str) -> IO[bytes]:
    """The bytes of a file, unpacked as its name's ending says."""
    ending = path.rpartition(".")[2].lower()
    if ending in ("gz", "gzip"):
        import gzip

        return gzip.open(path, "rb")  # type: ignore[return-value]
    if ending == "bz2":
        import bz2

        return bz2.open(path, "rb")
    if ending == "xz":
        import lzma

        return lzma.open(path, "rb")
    if ending == "deflate":
        import zlib

        with open(path, "rb") as file:
            return io.BytesIO(zlib.decompress(file.read()))
    return open(path, "rb")


def open_text(path: str) -> io.TextIOWrapper:
    """The UTF-8 text of a file, unpacked, with the ends of its lines as they are."""
    return io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", newline="")
