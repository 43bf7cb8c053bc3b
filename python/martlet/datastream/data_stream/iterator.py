"""Records that come back to the client while the job runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from martlet.datastream.rows import decode_rows
from martlet.gateway.interruptible import interruptibly
from martlet.util.exceptions import JobExecutionError

if TYPE_CHECKING:
    from typing import Self

    from martlet.common.typeinfo import TypeInformation
    from martlet.datastream.running_job import RunningJob
    from martlet.gateway.handles import CollectHandle

__all__ = ["CloseableIterator"]

#: How many rows are asked for at once; fewer come where there are fewer.
FETCH_ROWS = 4096


class CloseableIterator:
    """Iterates over the records of a job, which it stops when it is closed.

    It is a context manager, too: leaving the block closes it.
    """

    def __init__(self, handle: CollectHandle, type_info: TypeInformation, job: RunningJob) -> None:
        self._handle = handle
        self._type_info = type_info
        self._job = job
        self._rows: Iterator[Any] = iter(())
        self._open = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        while True:
            for row in self._rows:
                return row
            if not self._open:
                raise StopIteration
            self._fetch()

    def next(self) -> Any:
        """The next record; :class:`StopIteration` if there is none."""
        return self.__next__()

    def _fetch(self) -> None:
        try:
            body = interruptibly(lambda: self._handle.next(FETCH_ROWS))
        except BaseException as error:
            self.close()
            if isinstance(error, JobExecutionError):
                self._job.add_hint(error)
            raise
        if body is None:
            self._open = False
            interruptibly(self._job.wait)  # if the job failed, this says so
        else:
            self._rows = iter(decode_rows(body, self._type_info))

    def close(self) -> None:
        """Stops the job, if it still runs; what was not taken is lost."""
        self._rows = iter(())
        if not self._open:
            return
        self._open = False
        self._handle.close()
        self._job.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
