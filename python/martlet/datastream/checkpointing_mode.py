"""How often a record may count after a failure."""

from __future__ import annotations

from enum import Enum

__all__ = ["CheckpointingMode"]


class CheckpointingMode(Enum):
    """What the state of a job reflects once it has been restored from a checkpoint."""

    EXACTLY_ONCE = 0
    """Each record once: barriers are aligned."""
    AT_LEAST_ONCE = 1
    """Each record, and some of them several times."""
