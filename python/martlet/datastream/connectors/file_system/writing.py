"""Formats of files that are encoded in Python workers.

The step before the sink turns each record into bytes; the runtime's file sink puts these into part
files, with what the format has at a file's beginning and between its records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from martlet.datastream.functions.basic import MapFunction
from martlet.util.exceptions import MartletError

if TYPE_CHECKING:
    from martlet.datastream.functions.context import RuntimeContext
    from martlet.gateway.handles import StreamHandle

__all__ = ["EncodeRecords", "FileEncoding", "RecordWriteError"]


class RecordWriteError(MartletError, ValueError):
    """A record that does not fit the format of the files it is to be written to."""


class FileEncoding:
    """What a writer factory whose records are encoded one by one has to say."""

    framing: ClassVar[str]
    """How the records lie in a file; see ``fileSink`` in ``docs/facade.md``."""

    def _header(self) -> bytes:
        """What every file begins with."""
        return b""

    def _record_encoder(self) -> Callable[[Any], bytes]:
        """What turns a record into bytes; made in the worker."""
        raise NotImplementedError

    def _options(self) -> dict[str, str]:
        return {"framing": self.framing, "header": self._header().hex()}

    def _encoded(self, stream: StreamHandle) -> StreamHandle:
        """The stream of the records' bytes."""
        from martlet.datastream.function_bytes import function_bytes

        function = function_bytes(EncodeRecords(self), "map")
        return stream.python("map", function, "BYTES", "Encoder")


class EncodeRecords(MapFunction):
    """The bytes of each record."""

    def __init__(self, encoding: FileEncoding) -> None:
        self._encoding = encoding

    def open(self, runtime_context: RuntimeContext) -> None:
        self._encode = self._encoding._record_encoder()

    def map(self, value: Any) -> bytes:
        try:
            return self._encode(value)
        except Exception as error:
            raise RecordWriteError(
                f"Could not encode the record {value!s:.500}: {error}"
            ) from error
