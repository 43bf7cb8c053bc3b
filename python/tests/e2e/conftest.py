from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet.datastream import StreamExecutionEnvironment
from martlet.gateway.runtime_path import find_runtime
from martlet.util.exceptions import RuntimeNotFoundError


@pytest.fixture(scope="session", autouse=True)
def runtime() -> str:
    """The Swift runtime; its absence is an error unless it is meant."""
    try:
        return find_runtime()
    except RuntimeNotFoundError as error:
        if os.environ.get("MARTLET_TEST_WITHOUT_RUNTIME") == "1":
            pytest.skip(str(error))
        raise


@pytest.fixture
def env() -> Iterator[StreamExecutionEnvironment]:
    environment = StreamExecutionEnvironment.get_execution_environment()
    environment.set_parallelism(1)
    yield environment
    if not environment._connection.gateway.has_ended():
        environment.close()


class Script(subprocess.Popen[str]):
    """A process that a failing test does not wait for."""

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, *rest)


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a script of its own, as a user would."""

    def start(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        path = tmp_path / "job.py"
        path.write_text(code)
        return Script(
            [sys.executable, str(path), *arguments],
            # A shell's background jobs, and what they start, ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                **environment,
            },
        )

    return start


def parents() -> dict[int, int]:
    """The parent of each process that runs."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(entry.name)] = int(fields[1])
    return found


def children(pid: int) -> set[int]:
    """The processes that a process has started."""
    return {child for child, parent in parents().items() if parent == pid}


def descendants(pid: int) -> set[int]:
    """The processes below a process."""
    parent_of = parents()
    found: set[int] = set()
    frontier = {pid}
    while frontier:
        frontier = {child for child, parent in parent_of.items() if parent in frontier} - found
        found |= frontier
    return found


def all_end(pids: set[int], within: float = 2.0) -> bool:
    """Whether processes that are no children of this one end in time."""
    import time

    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _runs(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z"


@pytest.fixture
def processes() -> Any:
    """Looks at processes: ``children(pid)``, ``descendants(pid)`` and ``all_end(pids)``."""

    class Processes:
        children = staticmethod(children)
        descendants = staticmethod(descendants)
        all_end = staticmethod(all_end)

    return Processes
