"""``import pyflink`` meaning Martlet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


IDENTITY = """\
import pyflink.common
import pyflink.datastream.functions as functions
from pyflink.common import Row, Types
from pyflink.common.typeinfo import RowTypeInfo
from pyflink.datastream import MapFunction
from pyflink.datastream.connectors.file_system import FileSource
import martlet.common
import martlet.datastream.functions

assert pyflink.common is martlet.common
assert functions is martlet.datastream.functions
assert Row is martlet.common.Row and MapFunction is functions.MapFunction
assert pyflink.common.__spec__.name == "martlet.common"
assert pyflink.__name__ == "martlet"
"""


def test_modules_are_the_same_objects(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(IDENTITY + "import sys; print(sys.argv, __name__, sys.path[0])")
    done = run("-m", "martlet.compat", str(script), "--input", "x")
    assert done.stderr == ""
    assert done.stdout.strip() == f"{[str(script), '--input', 'x']} __main__ {tmp_path}"


def test_modules_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "one.py").write_text(
        IDENTITY + "import sys; print(sys.argv[1:], __name__)"
    )
    done = run("-m", "martlet.compat", "-m", "jobs.one", "-a", "b", cwd=tmp_path)
    assert done.stderr == "" and done.stdout.strip() == "['-a', 'b'] __main__"


def test_install_inside_a_process() -> None:
    done = run("-c", "import martlet.compat as c; c.install(); c.install()\n" + IDENTITY)
    assert done.returncode == 0, done.stderr
    done = run(
        "-c",
        "import martlet.compat as c; c.install(); import pyflink; c.uninstall()\n"
        "import sys; assert 'pyflink' not in sys.modules and not c.is_installed()",
    )
    assert done.returncode == 0, done.stderr


def test_what_is_not_there_is_said() -> None:
    done = run("-c", "import martlet.compat as c; c.install(); import pyflink.no.such")
    assert done.stderr.strip().endswith("ModuleNotFoundError: Martlet has no module 'pyflink.no'")
    done = run("-c", "import martlet.compat as c; c.install(); from pyflink.common import Nothing")
    assert "cannot import name 'Nothing'" in done.stderr


def test_too_late() -> None:
    done = run(
        "-c",
        "import sys, types; sys.modules['pyflink'] = types.ModuleType('pyflink')\n"
        "import martlet.compat; martlet.compat.install()",
    )
    assert "PyFlink has been imported already" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["-m"], ["--nonsense"]])
def test_usage(arguments: list[str]) -> None:
    done = run("-m", "martlet.compat", *arguments)
    assert done.returncode == 1 and done.stderr.startswith("usage: python -m martlet.compat")


def test_no_such_script() -> None:
    done = run("-m", "martlet.compat", "nowhere.py")
    assert done.returncode == 1 and "no such file: nowhere.py" in done.stderr
