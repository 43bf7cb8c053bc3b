"""What formats that read records by themselves derive from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.gateway.handles import EnvironmentHandle, StreamHandle

__all__ = ["InputFormat"]


class InputFormat(ABC):
    """A source of records; :meth:`StreamExecutionEnvironment.create_input` takes one."""

    @abstractmethod
    def _attach(
        self, environment: EnvironmentHandle, name: str
    ) -> tuple[StreamHandle, TypeInformation]:
        """Adds the source to the job: its stream, and the type of what it yields."""
