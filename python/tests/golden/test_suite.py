"""The suite's jobs print here what they print under PyFlink, in every way of running them."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest


def _sibling(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    path = Path(__file__).parent / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"golden_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


deviations = _sibling("deviations")
suite_cases = _sibling("suite_cases")

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
    #: Only these subjects, and of these not the jobs that wait between their records.
    subjects: frozenset[str] | None = None

    def has(self, subject: str, job: str) -> bool:
        """Whether a job is run in this way."""
        if self.subjects is not None and (
            subject not in self.subjects or job in suite_cases.paced(subject)
        ):
            return False
        return not (self.in_any_order and job in suite_cases.not_parallel(subject))


#: The subjects with keyed state.
KEYED = frozenset(
    {
        "broadcast",
        "connected",
        "count_windows",
        "keyed_functions",
        "process",
        "state_kinds",
        "state_ttl",
        "state_types",
        "state_uses",
        "timers",
        "triggers",
        "windows",
    }
)
#: So little is kept in memory that each batch gets its state from the disk.
ROCKSDB = (
    "--not-paced",
    "--conf=state.backend.type=rocksdb",
    "--conf=state.backend.rocksdb.memory.fixed-per-slot=1 mb",
    "--conf=martlet.state.worker-cache=1",
)
PARALLEL = ("--parallelism", "4", "--parallel-only")

WAYS = [
    Way("streaming", ()),
    Way("parallel", PARALLEL, in_any_order=True),
    Way("single-thread", ("--conf", "martlet.runner=single-thread")),
    Way("batch", ("--mode", "batch"), mode="batch"),
    Way("rocksdb", ROCKSDB, subjects=KEYED),
    # Each job opens a store for each instance, which takes longer than the rest of it.
    Way(
        "rocksdb-parallel",
        ROCKSDB + PARALLEL,
        in_any_order=True,
        subjects=frozenset(
            {"connected", "keyed_functions", "state_kinds", "state_ttl", "state_uses"}
        ),
    ),
]


@functools.cache
def outcomes(subject: str, way: Way) -> dict[str, list[str]]:
    """What the jobs of a subject print; they are run once, by one process if none of them hangs."""
    found: dict[str, list[str]] = suite_cases.run(
        COMPAT, subject, *way.arguments, patience=PATIENCE
    )
    return found


def _marks(reason: str | None) -> list[pytest.MarkDecorator]:
    return [] if reason is None else [pytest.mark.xfail(reason=reason, strict=False)]


def _cases() -> list[object]:
    return [
        pytest.param(
            subject,
            way,
            job,
            id=f"{subject}-{way.name}-{job}",
            marks=_marks(deviations.reason(subject, job, way.name)),
        )
        for subject in suite_cases.SUBJECTS
        for way in WAYS
        for job in suite_cases.expected(subject, way.mode)
        if way.has(subject, job)
    ]


@pytest.mark.parametrize(("subject", "way", "job"), _cases())
def test_job(subject: str, way: Way, job: str) -> None:
    found = outcomes(subject, way).get(job, [suite_cases.NO_ANSWER])
    wanted = suite_cases.expected(subject, way.mode)[job]
    if job in suite_cases.paced(subject) and not deviations.reason(subject, job, way.name):
        # Such a job says something only if watermarks get between its records, for which a busy
        # machine may need more time.
        for pace in (4, 16):
            if found == wanted:
                break
            again = suite_cases.run(
                COMPAT, subject, *way.arguments, "--job", job, patience=PATIENCE, pace=pace
            )
            found = again.get(job, [suite_cases.NO_ANSWER])
    if way.in_any_order:
        found, wanted = suite_cases.sections(found), suite_cases.sections(wanted)
    assert found == wanted
