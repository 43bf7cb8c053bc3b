"""Workers as the runtime sees them: frames in, frames out."""

from __future__ import annotations

import os
import pickle
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from martlet import _native
from martlet.worker.protocol import Flag, Frame
from worker_harness import Peer, ZygoteProcess, opening, step

NUMBERS = list(range(10))
PAIR = "TUPLE<BIGINT, BIGINT>"


def test_map_and_filter(worker: Peer) -> None:
    steps = [step("map", lambda x: x * 2, "BIGINT"), step("filter", lambda x: x % 3 == 0)]
    assert worker.open("BIGINT", "BIGINT", steps).kind == Frame.READY
    assert worker.batch(NUMBERS, "BIGINT") == [0, 6, 12, 18]
    assert worker.batch([], "BIGINT") == []
    assert worker.end() == ([], {})
    assert worker.at_end()
