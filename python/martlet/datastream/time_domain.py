"""The two clocks that timers go by."""

from __future__ import annotations

from enum import Enum

__all__ = ["TimeDomain"]


class TimeDomain(Enum):
    """Whether a timer fires by the records' timestamps or by the machine's clock."""

    EVENT_TIME = 0
    PROCESSING_TIME = 1
