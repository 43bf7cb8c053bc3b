"""The command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def martlet(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "martlet.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            **environment,
        },
    )


def test_version_and_help() -> None:
    import martlet as package

    assert martlet("--version").stdout.strip() == f"martlet {package.__version__}"
    for arguments in (["--help"], ["run", "--help"], ["gateway", "--help"]):
        assert martlet(*arguments).returncode == 0
    assert martlet().returncode == 2
    assert martlet("fly").returncode == 2


@pytest.fixture
def echo(tmp_path: Path) -> str:
    """A runtime that says what it was called with."""
    path = tmp_path / "echo"
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_gateway_becomes_the_runtime(echo: str, tmp_path: Path) -> None:
    token_file = tmp_path / "sub" / "token"
    done = martlet("gateway", "--port", "0", "--token-file", str(token_file), MARTLET_RUNTIME=echo)
    command, *rest = done.stdout.splitlines()
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    assert command == "gateway"
    assert (options["--port"], options["--token-file"]) == ("0", str(token_file))
    # This one may have been called by a path with `..` in it.
    assert os.path.normpath(options["--python"]) == os.path.normpath(sys.executable)
    assert token_file.parent.stat().st_mode & 0o777 == 0o700
    assert martlet("gateway", "--port", "70000").returncode == 2
    assert martlet("gateway", "--port", "x").returncode == 2


def test_no_runtime_is_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    done = martlet("gateway", "--token-file", str(tmp_path / "t"), MARTLET_RUNTIME=missing)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("martlet: no Swift runtime found: MARTLET_RUNTIME names ")
    assert len(done.stderr.splitlines()) == 1


JOB = """
import sys
from {package}.common import Types
import {package}.datastream
print(sys.argv[1:], {package}.__name__, __name__)
"""


@pytest.mark.parametrize("package", ["martlet", "pyflink"])
def test_run(tmp_path: Path, package: str) -> None:
    script = tmp_path / "job.py"
    script.write_text(JOB.format(package=package))
    done = martlet("run", "-p", "2", "-D", "pipeline.name=x", str(script), "--input", "-p")
    assert done.stderr == ""
    assert done.stdout.strip() == "['--input', '-p'] martlet __main__"


def test_settings_reach_the_environment(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        "from martlet.datastream.environment_configuration import LAUNCH_SETTINGS\n"
        "import os\n"
        "print(sorted(LAUNCH_SETTINGS.items()), os.environ['MARTLET_GATEWAY'])"
    )
    done = martlet("run", "-p3", "-D", "pipeline.name=a=b", "--gateway", "127.0.0.1:5", str(script))
    assert done.stdout.strip() == (
        "[('parallelism.default', '3'), ('pipeline.name', 'a=b')] 127.0.0.1:5"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "martlet: no such file: nowhere.py"),
        (["-D", "novalue", "x.py"], "-D takes KEY=VALUE"),
        (["-D", "restart-strategy=x", "x.py"], "'restart-strategy' is not supported"),
        (["--jobmanager", "h:1", "x.py"], "--jobmanager has no meaning with --engine martlet"),
        (["--engine", "flink", "--gateway", "h:1", "x.py"], "--gateway has no meaning"),
        (["--engine", "flink", "nowhere.py"], "martlet: no such file: nowhere.py"),
    ],
)
def test_wrong_uses(arguments: list[str], message: str) -> None:
    done = martlet("run", *arguments)
    assert done.returncode == 1 and message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def flink(tmp_path: Path) -> Path:
    """An interpreter that has something called pyflink."""
    package = tmp_path / "site" / "pyflink"
    (package / "common").mkdir(parents=True)
    (package / "datastream").mkdir()
    (package / "__init__.py").write_text("")
    (package / "common" / "__init__.py").write_text(
        "class Types: pass\n"
        "class Configuration(dict):\n"
        "    def set_string(self, key, value): self[key] = value\n"
        "    def add_all(self, other): self.update(other)\n"
    )
    (package / "datastream" / "__init__.py").write_text(
        "class StreamExecutionEnvironment:\n"
        "    @staticmethod\n"
        "    def get_execution_environment(configuration=None): return configuration\n"
    )
    (package / "bin").mkdir()
    (package / "bin" / "flink").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (package / "bin" / "flink").chmod(0o755)
    interpreter = tmp_path / "python"
    interpreter.write_text(
        f'#!/bin/sh\nPYTHONPATH="{tmp_path}/site" exec {sys.executable} -S "$@"\n'
    )
    interpreter.chmod(0o755)
    return interpreter


FLINK_JOB = """
import sys
import martlet.common
import pyflink.common
from martlet.datastream import StreamExecutionEnvironment
assert martlet.common is pyflink.common
env = StreamExecutionEnvironment.get_execution_environment()
print(sys.argv[1:], sorted((env or {}).items()))
"""


def test_the_same_job_on_flink(flink: Path, tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(FLINK_JOB)
    common = ["run", "--engine", "flink", "--python", str(flink)]
    done = martlet(*common, str(script), "a", "--b")
    assert done.stderr == "" and done.stdout.strip() == "['a', '--b'] []"
    done = martlet(*common, "-p", "2", "-D", "pipeline.name=x=y", str(script))
    assert done.stdout.strip() == "[] [('parallelism.default', '2'), ('pipeline.name', 'x=y')]"
    done = martlet(*common, "-m", "host:8081", "-p", "2", str(script), "a", "-b")
    command = done.stdout.split()
    assert command[:3] == ["run", "--jobmanager", "host:8081"]
    assert command[3:7] == ["-pyclientexec", str(flink), "-pyexec", str(flink)]
    assert command[7:9] == ["-Dparallelism.default=2", "-py"]
    assert command[10:] == ["0", str(script), "a", "-b"]
    assert martlet(*common, "-m", "nonsense", str(script)).returncode == 1
    done = martlet("run", "--engine", "flink", str(script), MARTLET_FLINK_PYTHON=str(flink))
    assert done.returncode == 0


def test_no_flink(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text("")
    done = martlet("run", "--engine", "flink", "--python", str(tmp_path / "none"), str(script))
    assert done.returncode == 1 and "no interpreter with apache-flink found" in done.stderr
