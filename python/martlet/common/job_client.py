"""Watching and stopping a job that was started without waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from martlet.common.completable_future import CompletableFuture
from martlet.common.job_id import JobID
from martlet.util.boundary import boundary_methods

if TYPE_CHECKING:
    from martlet.gateway.handles import JobHandle

__all__ = ["JobClient"]


@boundary_methods
class JobClient:
    """A job that runs, or ran."""

    def __init__(self, job: JobHandle) -> None:
        self._job = job

    def get_job_id(self) -> JobID:
        return JobID(self._job.id())

    def get_job_status(self) -> CompletableFuture:
        """The job's :class:`JobStatus`, as it is when the result is asked for."""
        from martlet.common.job_status import JobStatus

        return CompletableFuture(lambda: JobStatus[self._job.status()])

    def cancel(self) -> CompletableFuture:
        """Has the job stop at once; the future is done when it has."""
        self._job.cancel()
        return self._future(self._job.wait_until_over)

    def get_accumulators(self) -> CompletableFuture:
        """The job's accumulators as they stand: none, as Python functions cannot make any."""
        return CompletableFuture(dict)

    def get_metrics(self) -> CompletableFuture:
        """What the job has counted so far, a dict of numbers by name. PyFlink has no such method.

        ``source.bytes-read`` and ``source.bytes-total`` tell how much of its files it has read;
        ``<task>.rows-in`` and ``<task>.rows-out`` how many rows each task took and passed on.
        """
        return CompletableFuture(self._job.metrics)

    def get_job_execution_result(self) -> CompletableFuture:
        """The job's :class:`JobExecutionResult` when it has finished, or what made it fail."""
        return self._future(self._job.wait_for_result)

    def _future(self, wait: Callable[[], Any]) -> CompletableFuture:
        from martlet.gateway.interruptible import interruptibly

        return CompletableFuture(lambda: interruptibly(wait), self._job.is_over)
