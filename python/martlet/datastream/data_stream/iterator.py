"""Records that come back to the client while the job runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from martlet.datastream.rows import decode_rows
from martlet.gateway.interruptible import interruptibly
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import JobExecutionError, MartletError

if TYPE_CHECKING:
    from typing import Self

    from martlet.common.job_client import JobClient
    from martlet.common.typeinfo import TypeInformation
    from martlet.datastream.running_job import RunningJob
    from martlet.gateway.handles import CollectHandle

__all__ = ["CloseableIterator"]

#: How many rows are asked for at once; fewer come where there are fewer.
FETCH_ROWS = 4096


@boundary_methods
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
        for row in self._rows:
            return row
        while self._open:
            failure = self._fetch()
            if failure is not None:
                # One frame of the library's, as at any boundary; here without a call for each row.
                raise failure.with_traceback(None)
            for row in self._rows:
                return row
        raise StopIteration

    def next(self) -> Any:
        """The next record; :class:`StopIteration` if there is none."""
        return self.__next__()

    def get_job_client(self) -> JobClient:
        """The job that the records come from. PyFlink has no such method."""
        from martlet.common.job_client import JobClient

        return JobClient(self._job)

    def _fetch(self) -> MartletError | None:
        """Gets the next rows, if there are any more; returns what went wrong instead."""
        try:
            body = interruptibly(self._next_batch)
            if body is None:
                self._open = False
                interruptibly(self._job.wait)  # if the job failed, this says so
            else:
                self._rows = iter(decode_rows(body, self._type_info))
            return None
        except MartletError as error:
            failure = error
        except BaseException:
            self._close_quietly()
            raise
        self._close_quietly()
        return failure

    def _next_batch(self) -> bytes | None:
        try:
            return self._handle.next(FETCH_ROWS)
        except JobExecutionError as error:
            self._job.add_hint(error)
            raise

    def _close_quietly(self) -> None:
        """Closes after an error, which is what matters: a lost gateway is not told twice."""
        try:
            self.close()
        except MartletError:
            pass

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
