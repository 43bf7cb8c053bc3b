"""What a function may ask about where it runs."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from martlet.datastream.functions.state_store import KeyedStateStore

if TYPE_CHECKING:
    from martlet.metrics import MetricGroup

__all__ = ["RuntimeContext"]


class RuntimeContext(KeyedStateStore):
    """The place of one parallel instance of a function in its job; ``open`` receives it."""

    @abstractmethod
    def get_task_name(self) -> str:
        """The name of the task that the function runs in."""

    @abstractmethod
    def get_number_of_parallel_subtasks(self) -> int:
        """The parallelism of the task."""

    @abstractmethod
    def get_max_number_of_parallel_subtasks(self) -> int:
        """The maximum parallelism of the task: its number of key groups."""

    @abstractmethod
    def get_index_of_this_subtask(self) -> int:
        """Which of the parallel instances this is, from 0."""

    @abstractmethod
    def get_attempt_number(self) -> int:
        """How many times this subtask was started before, so 0 the first time."""

    @abstractmethod
    def get_task_name_with_subtasks(self) -> str:
        """The task's name with its place, as in ``MyTask (3/6)``, counted from 1."""

    @abstractmethod
    def get_job_parameter(self, key: str, default_value: str) -> str:
        """A global job parameter (``ExecutionConfig.set_global_job_parameters``)."""

    @abstractmethod
    def get_metrics_group(self) -> MetricGroup:
        """Where the function registers its metrics."""
