"""Numbers of the worker channel (docs/worker-protocol.md)."""

from __future__ import annotations

import struct
from enum import IntEnum

__all__ = ["CONTROL", "Control", "Flag", "Frame"]


class Frame(IntEnum):
    """Kinds of frames: below 64 to the worker, from 64 on from it."""

    OPEN = 1
    BATCH = 2
    WATERMARK = 3
    BARRIER = 4
    END = 5
    STATUS = 6
    READY = 64
    RESULT = 65
    ECHO = 66
    ERROR = 67
    METRICS = 68


class Flag(IntEnum):
    """Flags of BATCH frames."""

    LAST = 1
    TIMESTAMPS = 2
    KINDS = 4


class Control(IntEnum):
    """Operations between the runtime and the zygote."""

    FORK = 1
    STARTED = 2
    EXITED = 3
    KILL = 4
    READY = 5


CONTROL = struct.Struct("<IIii")
"""A control message: op, id, pid, status."""
