"""The subjects of the suite, and how their jobs are run and compared.

A subject is a file of ``suite/``; ``suite_runner.py`` runs its jobs. What PyFlink prints at a
parallelism of 1 is in ``suite/expected/SUBJECT.streaming.txt``, and in ``SUBJECT.batch.txt`` for
the jobs that do something else in batch mode, or nothing in streaming mode.
"""

from __future__ import annotations

import ast
import functools
import os
import queue
import shlex
import subprocess
import threading
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SUITE = FOLDER / "suite"
EXPECTED = SUITE / "expected"
SUBJECTS = sorted(path.stem for path in SUITE.glob("*.py") if path.stem != "kit")
NO_ANSWER = "?? no answer"


def parse(lines: list[str]) -> dict[str, list[str]]:
    """What each job printed; one that has not ended is left out."""
    found: dict[str, list[str]] = {}
    job: str | None = None
    body: list[str] = []
    for line in lines:
        if line.startswith("== "):
            job, body = line[3:], []
        elif job is not None and line == f".. {job}":
            found[job], job = body, None
        elif job is not None:
            body.append(line)
    return found


def text(jobs: dict[str, list[str]]) -> str:
    """What :func:`parse` reads."""
    lines: list[str] = []
    for name, body in jobs.items():
        lines += [f"== {name}", *body, f".. {name}"]
    return "".join(f"{line}\n" for line in lines)


@functools.cache
def expected(subject: str, mode: str) -> dict[str, list[str]]:
    """What the jobs of a subject print under PyFlink, of those that there are in a mode."""
    streaming = _read(subject, "streaming")
    if mode == "streaming":
        return {name: body for name, body in streaming.items() if body != ["-- not in streaming"]}
    batch = {**streaming, **_read(subject, "batch")}
    return {name: body for name, body in batch.items() if body != ["-- not in batch"]}


def _read(subject: str, mode: str) -> dict[str, list[str]]:
    path = EXPECTED / f"{subject}.{mode}.txt"
    return parse(path.read_text().splitlines()) if path.exists() else {}


def sections(body: list[str]) -> list[str]:
    """The body with the records of each of its streams sorted."""
    found: list[str] = []
    records: list[str] = []
    for line in body:
        if line.startswith("-- "):
            found += [*sorted(records), line]
            records = []
        else:
            records.append(line)
    return [*found, *sorted(records)]


def run(
    launcher: str,
    subject: str,
    *arguments: str,
    patience: float = 120,
    pace: float = 1,
    errors: Path | None = None,
) -> dict[str, list[str]]:
    """What the jobs of a subject print under a launcher such as ``python -m martlet.compat``.

    ``pace`` makes the waits of paced jobs so many times longer. A job that says nothing for
    ``patience`` seconds, or with which the process ends, has no answer; the jobs after it are run
    by another process.
    """
    found: dict[str, list[str]] = {}
    script = str(FOLDER / "suite_runner.py")
    skipped: list[str] = []
    while True:
        command = [*shlex.split(launcher), script, subject, *arguments]
        for name in skipped:
            command += ["--skip", name]
        lines, ended = _lines_of(command, patience, pace, errors)
        found |= parse(lines)
        if ended and (not lines or lines[-1].startswith(".. ")):
            return found
        started = [line[3:] for line in lines if line.startswith("== ")]
        if not started or started[-1] in skipped:
            return found
        if started[-1] not in found:
            found[started[-1]] = [NO_ANSWER]
        skipped = list(found)


def _lines_of(
    command: list[str], patience: float, pace: float, errors: Path | None
) -> tuple[list[str], bool]:
    """The lines of a process's output, and whether it has ended of itself."""
    said: queue.Queue[str | None] = queue.Queue()
    with open(errors or os.devnull, "a") as stderr:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TZ": "UTC", "MARTLET_SUITE_PACE": str(pace)},
        )
    assert process.stdout is not None
    stdout = process.stdout

    def read() -> None:
        for line in stdout:
            said.put(line.rstrip("\n"))
        said.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    lines: list[str] = []
    ended = True
    try:
        while (line := said.get(timeout=patience)) is not None:
            lines.append(line)
    except queue.Empty:
        ended = False
    finally:
        process.kill() if not ended else process.wait()
        process.wait()
        reader.join(timeout=10)
        stdout.close()
    return lines, ended


def not_parallel(subject: str) -> set[str]:
    """The jobs whose result at a higher parallelism is not that at 1."""
    return _declared(subject, "parallel", False) | paced(subject)


def paced(subject: str) -> set[str]:
    """The jobs that wait between their records."""
    return _declared(subject, "paced", True)


@functools.cache
def _declared(subject: str, option: str, value: bool) -> set[str]:
    """The jobs that are declared with an option."""
    found = set()
    for node in ast.parse((SUITE / f"{subject}.py").read_text()).body:
        for decorator in getattr(node, "decorator_list", []):
            if isinstance(decorator, ast.Call):
                options = {k.arg: getattr(k.value, "value", None) for k in decorator.keywords}
                if options.get(option) is value:
                    found.add(getattr(node, "name", ""))
    return found
