"""A job that was started, with what the client knows about the functions in it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from martlet.gateway.handles import JobHandle
from martlet.gateway.interruptible import interruptibly
from martlet.util.exceptions import JobExecutionError, MartletError

if TYPE_CHECKING:
    from martlet.common.job_execution_result import JobExecutionResult
    from martlet.datastream.type_hints import TypeHint
    from martlet.gateway.handles import StreamHandle
    from martlet.testing.collecting_sink import CollectingSink

__all__ = ["HintedOperator", "RunningJob"]

#: How long a cancelled job may take to end before Ctrl-C is no longer held up by it.
CANCEL_TIMEOUT_MS = 5000


class HintedOperator(NamedTuple):
    """An operator whose output type comes from an annotation."""

    stream: StreamHandle
    name: str
    hint: TypeHint


class RunningJob(JobHandle):
    """A job, whose errors say where a type that does not fit comes from."""

    __slots__ = ("_collectors", "_hinted")

    def __init__(
        self,
        job: JobHandle,
        hinted: Sequence[HintedOperator],
        collectors: Sequence[CollectingSink],
    ) -> None:
        super().__init__(job._java, job._connection)
        self._hinted = tuple(hinted)
        self._collectors = tuple(collectors)

    def wait(self, timeout_ms: int = 0) -> bool:
        try:
            finished = super().wait(timeout_ms)
        except JobExecutionError as error:
            self.add_hint(error)
            raise
        if finished:
            for collector in self._collectors:
                collector._finish()
        return finished

    def wait_interruptibly(self) -> JobExecutionResult:
        """Like :meth:`wait_for_result`; Ctrl-C cancels the job."""
        try:
            return interruptibly(self.wait_for_result)
        except KeyboardInterrupt:
            self._cancel_and_leave()
            raise

    def _cancel_and_leave(self) -> None:
        try:
            self.cancel()
            self.wait(CANCEL_TIMEOUT_MS)
        except MartletError as error:
            # What matters is that the job ends; if it cannot be told to, the user should know.
            if not isinstance(error, JobExecutionError):
                print(f"the job could not be cancelled: {error}", file=sys.stderr)

    def add_hint(self, error: JobExecutionError) -> None:
        """Names the annotation that a type which did not fit comes from, if it is one."""
        if error.code != "bad-value":
            return
        for operator in self._hinted:
            if _operator_name(error.operator or "") == operator.name:
                type_info = operator.hint.type_info
                error.args = (
                    f"{error.args[0]}\n\nThe type {type_info.type_text()} comes from "
                    f"{operator.hint.origin}: correct it, or pass output_type=",
                )
                return


def _operator_name(location: str) -> str:
    """The operator's name, without the subtask: ``Map`` of ``Map (2/4)``."""
    name, _, subtask = location.rpartition(" (")
    return name if name and subtask.endswith(")") else location
