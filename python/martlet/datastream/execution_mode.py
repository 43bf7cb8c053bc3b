"""Whether a job runs as a stream or as a batch."""

from __future__ import annotations

from enum import Enum

__all__ = ["RuntimeExecutionMode"]


class RuntimeExecutionMode(Enum):
    """How a job is executed."""

    STREAMING = 0
    """Results are updated as records come; unbounded sources are allowed."""
    BATCH = 1
    """Results come at the end of the (bounded) input: one for each key."""
    AUTOMATIC = 2
    """BATCH if all sources are bounded, else STREAMING."""
