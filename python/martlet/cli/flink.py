"""Running a job on Apache Flink, by way of PyFlink."""

from __future__ import annotations

import os
import re
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
    python, home = _find_pyflink(interpreter)
    bootstrap = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flink_bootstrap.py")
    job = [os.path.abspath(script), *arguments]
    if jobmanager is None:
        pairs = [f"{key}={value}" for key, value in settings.items()]
        command = [python, bootstrap, str(len(pairs)), *pairs, *job]
    else:
        if not re.fullmatch(r"[^:]+:\d+", jobmanager):
            sys.exit(f"martlet run: --jobmanager takes HOST:PORT, not {jobmanager!r}")
        command = [os.path.join(home, "bin", "flink"), "run", "--jobmanager", jobmanager]
        command += ["-pyclientexec", python, "-pyexec", python]
        command += [f"-D{key}={value}" for key, value in settings.items()]
        command += ["-py", bootstrap, "0", *job]
    environment = dict(os.environ)
    # PyFlink's workers are started as `python`, found on the PATH.
    environment["PATH"] = os.path.dirname(python) + os.pathsep + environment.get("PATH", "")
    sys.stdout.flush()
    os.execve(command[0], command, environment)


def _find_pyflink(named: str | None) -> tuple[str, str]:
    """The first of the candidates that can import PyFlink, and where PyFlink is."""
    if named is not None:
        candidates = [named]
    else:
        candidates = [os.environ.get(VARIABLE, ""), sys.executable, "python3"]
    for candidate in filter(None, candidates):
        path = shutil.which(candidate)
        home = _home(path) if path is not None else None
        if path is not None and home:
            return path, home
    tried = ", ".join(filter(None, candidates))
    raise MartletError(
        f"no interpreter with apache-flink found (tried {tried}): install it in an environment of "
        f"its own, and name its python with --python or {VARIABLE}"
    )


def _home(python: str) -> str | None:
    """The directory of the interpreter's pyflink package; None if it has none."""
    probe = (
        "import importlib.util as u; spec = u.find_spec('pyflink')\n"
        "print(spec.submodule_search_locations[0] if spec else '')"
    )
    done = subprocess.run([python, "-c", probe], capture_output=True, text=True)
    return done.stdout.strip() or None
