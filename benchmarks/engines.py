"""The engines that can run a job here: Martlet always, and the peers that are found installed."""

import importlib.util
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


@dataclass(frozen=True)
class Engine:
    name: str
    launcher: list[str]
    jobs: Path
    #: How many rows it is given, of those Martlet gets: a slow engine would take all day.
    share: float = 1.0
    knows: tuple[str, ...] = ("map", "tuple", "keyed", "state")
    environment: dict[str, str] = field(default_factory=dict)

    def seconds(self, job: str, rows: int, keys: int = 1000, parallelism: int = 1) -> float:
        """Run the job once, and return the seconds it says it took."""
        return run_job(
            [*self.launcher, str(self.jobs), "job", job, str(rows)],
            {**self.environment, "KEYS": str(keys), "PARALLELISM": str(parallelism)},
        )

    def rows_per_second(self, job: str, rows: int, keys: int = 1000, parallelism: int = 1) -> float:
        """The rate of a job once it runs: a tenth of the input is run as well and taken off."""
        rows = max(int(rows * self.share), 10)
        base = self.seconds(job, rows // 10, keys, parallelism)
        whole = self.seconds(job, rows, keys, parallelism)
        return (rows - rows // 10) / max(whole - base, 1e-9)


def run_job(command: list[str], environment: dict[str, str]) -> float:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=3600, env={**os.environ, **environment}
    )
    for line in done.stdout.splitlines():
        if line.startswith("SECONDS "):
            return float(line.split()[1])
    raise RuntimeError(f"{shlex.join(command)} failed ({done.returncode}):\n{done.stderr[-2000:]}")


def bare_rows_per_second(job: str, rows: int, keys: int = 1000) -> float:
    """The rate of the job's functions in a plain Python loop, in a process of its own."""
    command = [sys.executable, str(HERE / "udf_jobs.py"), "bare", job, str(rows)]
    return rows / run_job(command, {"KEYS": str(keys)})


def martlet() -> Engine:
    return Engine("Martlet", [sys.executable, "-m", "martlet.compat"], HERE / "udf_jobs.py")


def peers() -> list[Engine]:
    """PYFLINK_PYTHON and BYTEWAX_PYTHON name the interpreters of environments that have them."""
    found = []
    if pyflink := os.environ.get("PYFLINK_PYTHON"):
        # Its workers are started by name, so its own folder has to come first.
        path = f"{Path(pyflink).parent}{os.pathsep}{os.environ['PATH']}"
        found.append(
            Engine("PyFlink", [pyflink], HERE / "udf_jobs.py", 0.01, environment={"PATH": path})
        )
    bytewax = os.environ.get("BYTEWAX_PYTHON")
    if bytewax is None and importlib.util.find_spec("bytewax"):
        bytewax = sys.executable
    if bytewax:
        jobs = ("map", "tuple", "keyed")
        found.append(Engine("Bytewax", [bytewax], HERE / "bytewax_jobs.py", 0.1, jobs))
    return found
