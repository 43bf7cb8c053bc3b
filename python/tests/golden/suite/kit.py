"""What the jobs of the suite share: how a job is declared, and sources with event time.

A job is a function of a fresh environment that returns a stream, several streams (each of them
is collected on its own), or plain values that it has found out by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyflink.common import Duration, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner

MIN = -(2**63)
MAX = 2**63 - 1
#: How long paced jobs wait after each record: some intervals between watermarks.
PAUSE = 0.1 * float(os.environ.get("MARTLET_SUITE_PACE", "1"))


@dataclass(frozen=True)
class Job:
    """A function that builds a stream, and what may be compared of the result."""

    name: str
    build: Callable[..., Any]
    order: str  # "any": what comes out is sorted
    modes: tuple[str, ...]  # of "streaming" and "batch"
    parallel: bool  # whether the result is the same at every parallelism
    paced: bool  # whether it needs watermarks between its records
    alone: bool  # whether it changes its environment, and so cannot share one
    fails: str | None  # what the user's exception says, if that is the result


JOBS: dict[str, Job] = {}


def job(
    order: str = "defined",
    modes: tuple[str, ...] = ("streaming", "batch"),
    parallel: bool = True,
    paced: bool = False,
    alone: bool = False,
    fails: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares a job.

    :param order: "defined", or "any" if the order of the records means nothing
    :param modes: the execution modes in which the result is defined
    :param parallel: whether the result, sorted, is the same at a parallelism of 4; that of paced
        jobs is not relied upon
    :param paced: whether it uses :func:`paced`
    :param alone: whether it changes its environment, which other jobs may not notice
    :param fails: the text of the user's exception with which the job must fail
    """

    def register(build: Callable[..., Any]) -> Callable[..., Any]:
        name = build.__name__
        assert name not in JOBS, f"two jobs are called {name}"
        JOBS[name] = Job(name, build, order, modes, parallel and not paced, paced, alone, fails)
        return build

    return register


STREAMING = ("streaming",)
BATCH = ("batch",)


class At(TimestampAssigner):
    """Takes the timestamp from a field of a tuple or a row, or from the value itself."""

    def __init__(self, field: int | None = None):
        self.field = field

    def extract_timestamp(self, value, record_timestamp):
        return value if self.field is None else value[self.field]


class Slowly(TimestampAssigner):
    """As :class:`At`, but after each record there is time for a watermark."""

    def __init__(self, field: int, seconds: float):
        self.field = field
        self.seconds = seconds

    def extract_timestamp(self, value, record_timestamp):
        time.sleep(self.seconds)
        return value[self.field]


def events(env, values, type_info=None, field: int | None = 1, strategy=None):
    """The values with event time, in their order whatever the job's parallelism is.

    The only watermark is the one at the end: the runner turns periodic ones off.
    """
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    if strategy is None:
        strategy = WatermarkStrategy.for_monotonous_timestamps()
    stream = env.from_collection(values, type_info).assign_timestamps_and_watermarks(
        strategy.with_timestamp_assigner(At(field))
    )
    env.set_parallelism(parallelism)
    return stream


def paced(env, values, type_info=None, field: int = 1, out_of_order: int = 0):
    """The values with event time, with a watermark after each that moves the time on.

    The watermark of a record is its timestamp, less ``out_of_order``, less 1. A value that is
    late has a timestamp before the highest so far.

    The rebalance keeps the source out of the task of the assigner: in PyFlink, a source such as
    this holds the task's lock, and no watermark gets through.
    """
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(out_of_order))
    stream = (
        env.from_collection(values, type_info)
        .rebalance()
        .assign_timestamps_and_watermarks(strategy.with_timestamp_assigner(Slowly(field, PAUSE)))
    )
    env.set_parallelism(parallelism)
    return stream
