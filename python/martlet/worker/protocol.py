"""Numbers of the worker channel (docs/worker-protocol.md)."""

from __future__ import annotations

import struct
from enum import IntEnum

__all__ = ["CONTROL", "Control", "Flag", "Frame", "StateOp"]


class Frame(IntEnum):
    """Kinds of frames: below 64 to the worker, from 64 on from it."""

    OPEN = 1
    BATCH = 2
    WATERMARK = 3
    BARRIER = 4
    END = 5
    STATUS = 6
    STATE = 7
    FIRE = 8
    READY = 64
    RESULT = 65
    ECHO = 66
    ERROR = 67
    METRICS = 68
    STATES = 69
    STATE_GET = 70
    STATE_PUT = 71
    STATE_SCAN = 72
    TIMERS = 73


class Flag(IntEnum):
    """Flags of BATCH frames."""

    LAST = 1
    TIMESTAMPS = 2
    KINDS = 4
    SECOND = 8
    PROCESSING = 16


class StateOp(IntEnum):
    """What a row of a STATE_PUT frame does."""

    SET = 0
    APPEND = 1
    REMOVE = 2
    CLEAR = 3


class Control(IntEnum):
    """Operations between the runtime and the zygote."""

    FORK = 1
    STARTED = 2
    EXITED = 3
    KILL = 4
    READY = 5


CONTROL = struct.Struct("<IIii")
"""A control message: op, id, pid, status."""
