"""The jobs of this folder, and how they are run and compared."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
JOBS = FOLDER / "jobs"
EXPECTED = FOLDER / "expected"


@dataclass(frozen=True)
class Case:
    """A job with arguments, and the file that holds what it printed under PyFlink."""

    job: str
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "-".join([self.job, *self.arguments])

    @property
    def script(self) -> Path:
        return JOBS / f"{self.job}.py"

    @property
    def expected(self) -> Path:
        return EXPECTED / f"{self.name}.txt"

    @property
    def in_any_order(self) -> bool:
        """Whether the job's first line says that the order of its lines means nothing."""
        return self.script.read_text().startswith("# order: any\n")

    def normal(self, output: str) -> list[str]:
        lines = output.splitlines()
        return sorted(lines) if self.in_any_order else lines


CASES = [
    Case("print_typed"),
    Case("print_untyped"),
    Case("collect"),
    Case("inside"),
    Case("accumulate"),
    Case("accumulate", ("batch",)),
    Case("batch_keys"),
    Case("streams"),
    Case("parallel_print"),
    Case("context"),
    Case("csv_files"),
    Case("file_sink"),
    Case("file_source"),
    Case("word_count"),
]


@dataclass(frozen=True)
class Example:
    """A script that comes with PyFlink; only what it prints is kept here."""

    path: str
    #: Whether the order of its lines depends on when watermarks and timers come.
    in_any_order: bool = False

    @property
    def name(self) -> str:
        return self.path.replace("/", "-")

    @property
    def expected(self) -> Path:
        return EXPECTED / f"wheel-{self.name}.txt"

    def normal(self, output: str) -> list[str]:
        lines = output.splitlines()
        return sorted(lines) if self.in_any_order else lines


WHEEL_EXAMPLES = [
    Example("word_count"),
    Example("basic_operations"),
    Example("event_time_timer", in_any_order=True),
    Example("process_json_data"),
    Example("state_access"),
    Example("windowing/session_with_dynamic_gap_window"),
    Example("windowing/session_with_gap_window"),
    Example("windowing/sliding_time_window"),
    Example("windowing/tumbling_count_window"),
    Example("windowing/tumbling_time_window"),
]


def run(launcher: str, script: Path, arguments: tuple[str, ...] = (), **options: str) -> str:
    """What a script prints under a launcher such as ``python -m martlet.compat``."""
    command = [*shlex.split(launcher), str(script), *arguments]
    environment = {**os.environ, "TZ": "UTC", **options}
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, env=environment)
    if done.returncode != 0:
        raise AssertionError(
            f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout
