"""What building the runtime says and does, with no Swift or with one that is built already."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging


@pytest.fixture
def tree(tmp_path: Path, python_folder: Path) -> Path:
    """The build's own files, in a folder where a build may leave things."""
    folder = tmp_path / "python"
    (folder / "martlet").mkdir(parents=True)
    for name in ("setup.py", "pyproject.toml", "LICENSE"):
        shutil.copy(python_folder / name, folder / name)
    shutil.copy(python_folder / "martlet/__init__.py", folder / "martlet/__init__.py")
    (tmp_path / "Package.swift").touch()
    return folder


def build_runtime(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "setup.py", "-q", "build_runtime", "--inplace"],
        cwd=tree,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def commands(tmp_path: Path, **scripts: str) -> str:
    """A PATH of these commands and of nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_without_swift_one_line_says_what_to_do(tree: Path, tmp_path: Path) -> None:
    done = build_runtime(tree, PATH=commands(tmp_path))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("martlet: Swift 6.3 is needed to build the runtime")
    assert "install a wheel" in line


def test_an_old_swift_is_named(tree: Path, tmp_path: Path) -> None:
    old = commands(tmp_path, swift="echo Swift version 6.1.2")
    done = build_runtime(tree, PATH=old)
    assert done.returncode == 1
    assert "this one is 6.1" in done.stderr


def test_without_the_sources_the_message_says_so(tree: Path) -> None:
    (tree.parent / "Package.swift").unlink()
    done = build_runtime(tree)
    assert done.returncode == 1
    assert "install from a clone or a wheel" in done.stderr


def test_a_build_that_fails_keeps_the_compilers_words(tree: Path, tmp_path: Path) -> None:
    swift = "[ $1 = --version ] && echo Swift version 6.3 || { echo error: no such thing; exit 1; }"
    done = build_runtime(tree, PATH=commands(tmp_path, swift=swift))
    assert done.returncode == 1
    assert "error: no such thing" in done.stdout
    assert "did not build" in done.stderr


def test_a_given_runtime_is_placed(tree: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    shutil.copy(shutil.which("true") or "/bin/true", given)
    done = build_runtime(tree, MARTLET_RUNTIME=str(given))
    assert done.returncode == 0, done.stderr
    placed = tree / "martlet/_runtime/martlet"
    assert subprocess.run([placed]).returncode == 0
    assert placed.stat().st_mtime_ns == given.stat().st_mtime_ns


def test_what_is_placed_stays_until_there_is_another(tree: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    shutil.copy(shutil.which("true") or "/bin/true", given)
    placed = tree / "martlet/_runtime/martlet"
    build_runtime(tree, MARTLET_RUNTIME=str(given))
    first = placed.stat().st_ino
    build_runtime(tree, MARTLET_RUNTIME=str(given))
    assert placed.stat().st_ino == first
    os.utime(given, (1, 1))
    build_runtime(tree, MARTLET_RUNTIME=str(given))
    assert placed.stat().st_ino != first


def test_a_runtime_that_is_not_there_is_named(tree: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    done = build_runtime(tree, MARTLET_RUNTIME=str(missing))
    assert done.returncode == 1
    assert str(missing) in done.stderr


def test_the_build_may_be_left_out(tree: Path, tmp_path: Path) -> None:
    done = build_runtime(tree, PATH=commands(tmp_path), MARTLET_SKIP_RUNTIME_BUILD="1")
    assert done.returncode == 0, done.stderr
    assert not (tree / "martlet/_runtime").exists()
