"""Sinks whose records end up in a list."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from martlet.datastream.data_stream.iterator import FETCH_ROWS
from martlet.datastream.functions.sink import SinkFunction
from martlet.datastream.rows import decode_rows
from martlet.util.boundary import boundary
from martlet.util.exceptions import MartletError, ValidationError

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.datastream.data_stream.stream import DataStream
    from martlet.gateway.handles import CollectHandle

__all__ = ["CollectingSink", "collect"]


class CollectingSink(SinkFunction):
    """Collects the records of one stream; they are in :attr:`results` once the job is over.

    ::

        sink = CollectingSink()
        stream.add_sink(sink)
        env.execute()
        assert sorted(sink.results) == [1, 2, 3]
    """

    def __init__(self) -> None:
        self._results: list[Any] = []  # grows in the thread below, only
        self._error: Exception | None = None
        self._handle: CollectHandle | None = None
        self._type_info: TypeInformation | None = None
        self._thread: threading.Thread | None = None

    @property
    def results(self) -> list[Any]:
        """The records that have arrived so far, in the order of their arrival."""
        return list(self._results)

    def clear(self) -> None:
        """Forgets what was collected."""
        self._results.clear()

    def _attach_to(self, stream: DataStream) -> CollectHandle:
        if self._handle is not None:
            raise ValidationError("A CollectingSink takes one stream; make another one")
        self._handle = stream._handle.collect()
        self._type_info = stream.get_type()
        stream.get_execution_environment()._collectors.append(self)
        return self._handle

    def _begin(self) -> None:
        """The job runs: takes its records as they come, so that it is never held up."""
        self._thread = threading.Thread(target=self._drain, name="martlet-collect", daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        assert self._handle is not None and self._type_info is not None
        try:
            while (body := self._handle.next(FETCH_ROWS)) is not None:
                self._results.extend(decode_rows(body, self._type_info))
        except MartletError:
            return  # the job failed or was cancelled, which whoever waits for it learns
        except Exception as error:
            self._error = error

    def _finish(self) -> None:
        """The job has finished: returns when the last record is there."""
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error


@boundary
def collect(stream: DataStream) -> list[Any]:
    """Runs everything built so far, and returns the records of ``stream``."""
    rows = stream.execute_and_collect()
    with rows:
        return list(rows)
