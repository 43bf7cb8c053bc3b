"""`pip install -e python/`, as the README says it."""

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

JOB = """
import martlet
from martlet.datastream import StreamExecutionEnvironment
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
print(env.from_collection([1, 2]).map(lambda x: x + 1).execute_and_collect(limit=2))
print(martlet.__file__)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, python_folder: Path) -> Path:
    """A clone's python/, so that nothing of this one changes under a test that runs beside."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(
        python_folder,
        folder / "python",
        ignore=shutil.ignore_patterns("tests", "*.so", "_runtime", "*.egg-info", "__pycache__"),
    )
    (folder / "Package.swift").touch()
    return folder / "python"


def test_a_job_runs_from_the_tree(tree: Path, tmp_path: Path, runtime: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", tree]
    done = subprocess.run(
        install,
        env={**os.environ, "MARTLET_RUNTIME": str(runtime)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tree / "martlet/_runtime/martlet").is_file() and list(tree.glob("martlet/_native.*.so"))
    (tmp_path / "job.py").write_text(JOB)
    environment = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    for command in ([python, "job.py"], [tmp_path / "venv/bin/martlet", "run", "job.py"]):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == ["[2, 3]", str(tree / "martlet/__init__.py")]
