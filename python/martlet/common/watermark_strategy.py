"""How a stream comes by timestamps and watermarks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from martlet.common.time import Duration

__all__ = ["TimestampAssigner", "WatermarkStrategy"]


class TimestampAssigner(ABC):
    """Tells a record's timestamp."""

    @abstractmethod
    def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
        """The timestamp of ``value``, in milliseconds since the epoch.

        :param record_timestamp: the timestamp that the record has already, or a negative number
        """


class _Alignment(NamedTuple):
    """A group of sources, none of which may run ahead of the others too far."""

    group: str
    max_drift: Duration
    update_interval: Duration | None


class WatermarkStrategy:
    """Which watermarks a stream gets; makers are static methods, refinements return a new one."""

    def __init__(self, kind: str, max_out_of_orderness_ms: int = 0) -> None:
        self._kind = kind
        self._max_out_of_orderness_ms = max_out_of_orderness_ms
        self._idleness_ms: int | None = None
        self._alignment: _Alignment | None = None
        self._timestamp_assigner: TimestampAssigner | None = None

    def _copy(self) -> WatermarkStrategy:
        copy = WatermarkStrategy(self._kind, self._max_out_of_orderness_ms)
        copy.__dict__.update(self.__dict__)
        return copy

    def with_timestamp_assigner(self, timestamp_assigner: TimestampAssigner) -> WatermarkStrategy:
        """Timestamps come from ``timestamp_assigner`` instead of from the source."""
        self._timestamp_assigner = timestamp_assigner
        return self

    def with_idleness(self, idle_timeout: Duration) -> WatermarkStrategy:
        """A part of the stream without records for this long holds up watermarks no more."""
        if idle_timeout.to_millis() <= 0:
            raise ValueError("The idle timeout must be greater than zero")
        copy = self._copy()
        copy._idleness_ms = idle_timeout.to_millis()
        return copy

    def with_watermark_alignment(
        self,
        watermark_group: str,
        max_allowed_watermark_drift: Duration,
        update_interval: Duration | None = None,
    ) -> WatermarkStrategy:
        """Sources of one group wait for each other when their watermarks drift apart too far."""
        copy = self._copy()
        copy._alignment = _Alignment(watermark_group, max_allowed_watermark_drift, update_interval)
        return copy

    @staticmethod
    def for_monotonous_timestamps() -> WatermarkStrategy:
        """Timestamps never go back."""
        return WatermarkStrategy("monotonous")

    @staticmethod
    def for_bounded_out_of_orderness(max_out_of_orderness: Duration) -> WatermarkStrategy:
        """Timestamps go back by this much at most."""
        if max_out_of_orderness.to_millis() < 0:
            raise ValueError("maxOutOfOrderness cannot be negative")
        return WatermarkStrategy("bounded", max_out_of_orderness.to_millis())

    @staticmethod
    def no_watermarks() -> WatermarkStrategy:
        """No watermarks at all: time is processing time."""
        return WatermarkStrategy("none")
