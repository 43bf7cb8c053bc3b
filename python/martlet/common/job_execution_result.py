"""What a job that has finished leaves behind."""

from __future__ import annotations

from typing import Any

from martlet.common.job_id import JobID

__all__ = ["JobExecutionResult"]


class JobExecutionResult:
    """How long a job took, and what its accumulators came to."""

    def __init__(self, job_id: JobID, net_runtime: int, accumulators: dict[str, Any]) -> None:
        self._job_id = job_id
        self._net_runtime = net_runtime
        self._accumulators = accumulators

    def get_job_id(self) -> JobID:
        return self._job_id

    def get_net_runtime(self) -> int:
        """How long the job ran, in milliseconds."""
        return self._net_runtime

    def get_accumulator_result(self, accumulator_name: str) -> Any:
        """What an accumulator came to; None if there is no such accumulator."""
        return self._accumulators.get(accumulator_name)

    def get_all_accumulator_results(self) -> dict[str, Any]:
        return dict(self._accumulators)

    def __str__(self) -> str:
        text = (
            "Program execution finished\n"
            f"Job with JobID {self._job_id} has finished.\n"
            f"Job Runtime: {self._net_runtime} ms\n"
        )
        if self._accumulators:
            lines = (f"- {name}: {value}\n" for name, value in self._accumulators.items())
            text += "Accumulator Results: \n" + "".join(lines)
        return text
