"""Running a job on Apache Flink, by way of PyFlink."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from martlet.util.exceptions import MartletError

__all__ = ["run_on_flink"]

#: An interpreter that has apache-flink.
VARIABLE = "MARTLET_FLINK_PYTHON"


def run_on_flink(
    script: str,
    arguments: list[str],
    settings: dict[str, str],
    jobmanager: str | None,
    interpreter: str | None,
) -> None:
    """Hands the script to PyFlink, under which ``import martlet`` means PyFlink.

    Ends this process: with the script's status, if PyFlink is found.
    """
    if not os.path.exists(script):
        sys.exit(f"martlet: no such file: {script}")
    python = _find_interpreter(interpreter)
    if jobmanager is not None:
        settings = {**settings, **_remote(jobmanager)}
    environment = dict(os.environ)
    # PyFlink's workers are started as `python`, found on the PATH.
    environment["PATH"] = os.path.dirname(python) + os.pathsep + environment.get("PATH", "")
    bootstrap = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flink_bootstrap.py")
    command = [python, bootstrap, *(f"{k}={v}" for k, v in settings.items())]
    sys.stdout.flush()
    os.execve(python, [*command, "--", os.path.abspath(script), *arguments], environment)


def _remote(jobmanager: str) -> dict[str, str]:
    host, colon, port = jobmanager.rpartition(":")
    if not colon or not port.isdigit():
        sys.exit(f"martlet run: --jobmanager takes HOST:PORT, not {jobmanager!r}")
    return {"execution.target": "remote", "rest.address": host, "rest.port": port}


def _find_interpreter(named: str | None) -> str:
    """The first of the candidates that can import PyFlink."""
    if named is not None:
        candidates = [named]
    else:
        candidates = [os.environ.get(VARIABLE, ""), sys.executable, "python3"]
    for candidate in filter(None, candidates):
        path = shutil.which(candidate)
        if path is not None and _has_pyflink(path):
            return path
    tried = ", ".join(filter(None, candidates))
    raise MartletError(
        f"no interpreter with apache-flink found (tried {tried}): install it in an environment of "
        f"its own, and name its python with --python or {VARIABLE}"
    )


def _has_pyflink(python: str) -> bool:
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pyflink') is None)"
    return subprocess.run([python, "-c", probe], capture_output=True).returncode == 0
