import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

PYTHON_FOLDER = Path(__file__).resolve().parents[2]
REPOSITORY = PYTHON_FOLDER.parent
RUNTIME = PYTHON_FOLDER / "martlet/_runtime/martlet"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def python_folder() -> Path:
    return PYTHON_FOLDER


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def runtime() -> Path:
    """The runtime that is built already."""
    if not RUNTIME.exists():
        if os.environ.get("MARTLET_TEST_COMPLETE") == "1":
            pytest.fail("there is no built runtime to pack")
        pytest.skip("there is no built runtime to pack")
    return RUNTIME


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, runtime: Path) -> Path:
    """The wheel of this tree, with that runtime."""
    folder = tmp_path_factory.mktemp("wheel")
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*pip_wheel, "--wheel-dir", folder, PYTHON_FOLDER],
        env={**os.environ, "MARTLET_SKIP_RUNTIME_BUILD": "1"},
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel],
        check=True,
    )
    return folder


@pytest.fixture(scope="session")
def run_installed(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a command of that environment, with nothing of this one: no Swift, no variables."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installed / "bin" / command, *arguments],
            cwd=elsewhere,
            env={
                "HOME": str(elsewhere),
                "LANG": "C.UTF-8",
                "PATH": f"{installed / 'bin'}:/usr/bin:/bin",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
