"""When a task with several inputs may start."""

from __future__ import annotations

from enum import Enum

__all__ = ["InputDependencyConstraint"]


class InputDependencyConstraint(Enum):
    """Whether one consumable input is enough for a task to be scheduled, or all must be."""

    ANY = 0
    ALL = 1
