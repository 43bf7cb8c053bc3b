"""What a job's functions need besides themselves: an interpreter, packages, files."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from martlet.datastream import StreamExecutionEnvironment
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, ValidationError


def inside(env: StreamExecutionEnvironment, function: Any) -> Any:
    """What a function returns in a worker."""
    (result,) = collect(env.from_collection([0]).map(lambda _: function()))
    return result


def make_venv(folder: Path) -> Path:
    """A virtual environment that finds what this process does; the path of its interpreter."""
    import venv

    import cloudpickle

    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    needed = {str(Path(cloudpickle.__file__).parents[1]), *(p for p in sys.path if p)}
    (packages / "needed.pth").write_text("\n".join(sorted(needed)))
    return folder / "bin" / "python"


def tell_prefix() -> Any:
    """By value, so that the worker needs no module of these tests."""

    def function() -> str:
        import sys

        return sys.prefix

    return function


def test_an_interpreter_of_the_jobs_own(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    python = make_venv(tmp_path / "venv")
    env.set_python_executable(str(python))
    assert inside(env, tell_prefix()) == str(tmp_path / "venv")


def test_a_relative_interpreter_is_found_from_the_clients_directory(
    env: StreamExecutionEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_venv(tmp_path / "venv")
    monkeypatch.chdir(tmp_path)
    env.set_python_executable("venv/bin/python")
    assert inside(env, tell_prefix()) == str(tmp_path / "venv")


def test_an_interpreter_that_is_not_there(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    env.set_python_executable(str(tmp_path / "none" / "python"))
    with pytest.raises(JobExecutionError, match="none/python"):
        collect(env.from_collection([0]).map(lambda x: x))


@pytest.mark.parametrize("target", [None, "environment"])
def test_an_interpreter_in_an_archive(
    env: StreamExecutionEnvironment, tmp_path: Path, target: str | None
) -> None:
    """PyFlink's way to bring an environment along: its interpreter starts the workers."""
    make_venv(tmp_path / "venv")
    archive = tmp_path / "venv.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((tmp_path / "venv").rglob("*")):
            if path.is_file():
                packed.write(path, path.relative_to(tmp_path))
    env.add_python_archive(str(archive), target)
    env.set_python_executable(f"{target or 'venv.zip'}/venv/bin/python")
    found = inside(env, tell_prefix())
    assert found.endswith(f"/archives/{target or 'venv.zip'}/venv")
    assert not Path(found).exists(), "what was unpacked went with the job"


def make_wheel(folder: Path, name: str, code: str) -> None:
    """A wheel of one module, as small as they come."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def test_requirements(
    env: StreamExecutionEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path / "wheels", "martlet_needed", "PLACE = 'requirements'")
    (tmp_path / "martlet_needed.py").write_text("PLACE = 'the path'")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "requirements.txt").write_text("martlet_needed==1.0\n")
    env.set_python_requirements(str(tmp_path / "requirements.txt"), str(tmp_path / "wheels"))

    def place() -> Any:
        import martlet_needed  # type: ignore[import-not-found]

        return martlet_needed.PLACE

    assert inside(env, place) == "requirements"


def test_requirements_that_cannot_be_installed(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "requirements.txt").write_text("martlet_nowhere==1.0\n")
    env.set_python_requirements(str(tmp_path / "requirements.txt"), str(tmp_path / "none"))
    with pytest.raises(ValidationError, match=r"requirements.txt' could not be installed"):
        collect(env.from_collection([0]))


def test_archives(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("zipped")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "a.txt", "in/a.txt")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "a.txt", "b.txt")
    env.add_python_archive(str(tmp_path / "a.zip"))
    env.add_python_archive(str(tmp_path / "b.tar.gz"), "data")
    env.set_parallelism(2)

    def read(_: Any) -> Any:
        import os

        with open("a.zip/in/a.txt") as a, open("data/b.txt") as b:
            return a.read(), b.read(), os.getcwd()

    found = collect(env.from_collection(range(10)).rebalance().map(read))
    assert {(a, b) for a, b, _ in found} == {("zipped", "zipped")}
    assert not any(Path(directory).exists() for *_, directory in found)
