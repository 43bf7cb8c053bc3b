"""The interface through which process functions read time and set timers."""

from __future__ import annotations

from abc import ABC, abstractmethod

__all__ = ["TimerService"]


class TimerService(ABC):
    """Time and timers of one operator; all times are milliseconds since the epoch."""

    @abstractmethod
    def current_processing_time(self) -> int:
        """The machine's clock."""

    @abstractmethod
    def current_watermark(self) -> int:
        """The operator's event-time clock."""

    @abstractmethod
    def register_processing_time_timer(self, timestamp: int) -> None:
        """Fires when the machine's clock passes ``timestamp``."""

    @abstractmethod
    def register_event_time_timer(self, timestamp: int) -> None:
        """Fires when the watermark passes ``timestamp``."""

    @abstractmethod
    def delete_processing_time_timer(self, timestamp: int) -> None:
        """Takes back a timer that has not fired; does nothing if there is none."""

    @abstractmethod
    def delete_event_time_timer(self, timestamp: int) -> None:
        """Takes back a timer that has not fired; does nothing if there is none."""
