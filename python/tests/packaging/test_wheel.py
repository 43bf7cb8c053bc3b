"""What the wheel holds, and that it works where there is nothing else."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_it_holds_the_runtime_and_the_extension(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
    runtime = entries["martlet/_runtime/martlet"]
    assert runtime.external_attr >> 16 & 0o111 == 0o111, "the runtime may be executed"
    assert any(name.startswith("martlet/_native.") for name in entries)
    assert "martlet/py.typed" in entries


def test_it_holds_no_sources_of_what_is_compiled(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if name.endswith((".c", ".h", ".swift"))] == []
    assert [name for name in names if name.startswith("tests/")] == []


def test_it_is_for_this_platform_only(wheel: Path) -> None:
    assert wheel.stem.split("-")[-1].startswith("linux_")


def test_the_command_is_installed(run_installed: Run) -> None:
    done = run_installed("martlet", "--version")
    assert done.returncode == 0, done.stderr
    assert "0.1.0" in done.stdout


def test_a_job_runs_without_swift(run_installed: Run, repository: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the swallow and the swift\nand the martlet\n")
    script = repository / "examples/word_count.py"
    done = run_installed("python", script, "--input", text, "--top", "2")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["1", "the", "3", "37.50%"] in lines
    assert ["2", "and", "2", "25.00%"] in lines


def test_the_runtime_needs_only_what_every_system_has(installed: Path) -> None:
    (runtime,) = installed.glob("lib/python*/site-packages/martlet/_runtime/martlet")
    said = subprocess.run(["ldd", runtime], capture_output=True, text=True, check=True).stdout
    needed = {line.split()[0].rpartition("/")[2].partition(".so")[0] for line in said.splitlines()}
    everywhere = {"libc", "libm", "libz", "libgcc_s", "libstdc++", "ld-linux-x86-64", "linux-vdso"}
    assert needed <= everywhere | {"ld-linux-aarch64", "libdl", "libpthread", "librt"}
