"""The suite's jobs print here what they print under PyFlink, in every way of running them."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location(
    "golden_suite_cases", Path(__file__).parent / "suite_cases.py"
)
assert _spec is not None and _spec.loader is not None
suite_cases = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = suite_cases
_spec.loader.exec_module(suite_cases)

COMPAT = f"{sys.executable} -u -m martlet.compat"
#: How many seconds a job may say nothing.
PATIENCE = float(os.environ.get("MARTLET_SUITE_PATIENCE", "60"))

pytestmark = pytest.mark.usefixtures("runtime")


@dataclass(frozen=True)
class Way:
    """A way of running the jobs."""

    name: str
    arguments: tuple[str, ...]
    mode: str = "streaming"
    in_any_order: bool = False


WAYS = [
    Way("streaming", ()),
    Way("parallel", ("--parallelism", "4", "--parallel-only"), in_any_order=True),
    Way("single-thread", ("--conf", "martlet.runner=single-thread")),
    Way("batch", ("--mode", "batch"), mode="batch"),
]


@functools.cache
def outcomes(subject: str, way: Way) -> dict[str, list[str]]:
    """What the jobs of a subject print; they are run once, by one process if none of them hangs."""
    found: dict[str, list[str]] = suite_cases.run(
        COMPAT, subject, *way.arguments, patience=PATIENCE
    )
    return found


def _cases() -> list[object]:
    return [
        pytest.param(subject, way, job, id=f"{subject}-{way.name}-{job}")
        for subject in suite_cases.SUBJECTS
        for way in WAYS
        for job in suite_cases.expected(subject, way.mode)
        if not (way.in_any_order and job in suite_cases.not_parallel(subject))
    ]


@pytest.mark.parametrize(("subject", "way", "job"), _cases())
def test_job(subject: str, way: Way, job: str) -> None:
    found = outcomes(subject, way).get(job, [suite_cases.NO_ANSWER])
    wanted = suite_cases.expected(subject, way.mode)[job]
    if way.in_any_order:
        found, wanted = suite_cases.sections(found), suite_cases.sections(wanted)
    assert found == wanted
