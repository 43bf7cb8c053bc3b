"""What ``open`` receives: a function's place in its job."""

from __future__ import annotations

from typing import Any

from martlet.datastream.functions.context import RuntimeContext
from martlet.metrics.metricbase import MetricGroup
from martlet.worker.opening import Opening

__all__ = ["WorkerContext"]

GLOBAL_PARAMETERS = "pipeline.global-job-parameters"


class WorkerContext(RuntimeContext):
    """The runtime context of one function of a stage.

    ``states`` offers the accessors of keyed state (``get_state`` and so on); without it they
    explain themselves.
    """

    def __init__(
        self, opening: Opening, name: str, metrics: MetricGroup, states: Any = None
    ) -> None:
        self._opening = opening
        self._name = name
        self._metrics = metrics
        self._states = states

    def get_task_name(self) -> str:
        return self._name

    def get_number_of_parallel_subtasks(self) -> int:
        return self._opening.parallelism

    def get_max_number_of_parallel_subtasks(self) -> int:
        return self._opening.max_parallelism

    def get_index_of_this_subtask(self) -> int:
        return self._opening.subtask

    def get_attempt_number(self) -> int:
        return self._opening.attempt

    def get_task_name_with_subtasks(self) -> str:
        return f"{self._name} ({self._opening.subtask + 1}/{self._opening.parallelism})"

    def get_job_parameter(self, key: str, default_value: str) -> str:
        from martlet.common.execution_config import parse_map

        parameters = parse_map(self._opening.config.get(GLOBAL_PARAMETERS, ""))
        return parameters.get(key, default_value)

    def get_metrics_group(self) -> MetricGroup:
        return self._metrics

    def get_state(self, state_descriptor: Any) -> Any:
        return self._keyed("get_state", state_descriptor)

    def get_list_state(self, state_descriptor: Any) -> Any:
        return self._keyed("get_list_state", state_descriptor)

    def get_map_state(self, state_descriptor: Any) -> Any:
        return self._keyed("get_map_state", state_descriptor)

    def get_reducing_state(self, state_descriptor: Any) -> Any:
        return self._keyed("get_reducing_state", state_descriptor)

    def get_aggregating_state(self, state_descriptor: Any) -> Any:
        return self._keyed("get_aggregating_state", state_descriptor)

    def _keyed(self, accessor: str, descriptor: Any) -> Any:
        if self._states is None:
            raise RuntimeError(
                "This state is only accessible by functions executed on a KeyedStream."
            )
        return getattr(self._states, accessor)(descriptor)
