"""Starting, stopping, attaching: nothing is left behind, and nobody else gets in."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Script = Callable[..., subprocess.Popen[str]]

ENDLESS = """
import sys
from martlet.common import Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.number_seq import NumberSequenceSource

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(2)
numbers = NumberSequenceSource(1, 2**62)
stream = env.from_source(numbers, WatermarkStrategy.no_watermarks(), "numbers")
stream.map(lambda x: x).key_by(lambda x: x % 10).map(lambda x: x).filter(
    lambda x: x < 3, ).print()
"""
NO_PRINT = ENDLESS.replace(".print()", "")


def started(process: subprocess.Popen[str], processes: Any, workers: int = 2) -> set[int]:
    """The processes below a script, once its job runs."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        below: set[int] = processes.descendants(process.pid)
        if len(below) >= 2 + workers:  # the gateway, the parent of workers, the workers
            return below
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError(f"the job does not run: {below}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_client_that_is_killed_leaves_nothing_behind(
    script: Script, processes: Any, number: signal.Signals
) -> None:
    with script(ENDLESS + "env.execute()") as process:
        below = started(process, processes)
        process.send_signal(number)
        process.wait(10)
        assert processes.all_end(below)
        assert process.stderr is not None
        if number is signal.SIGINT:
            errors = process.stderr.read()
            assert errors.rstrip().endswith("KeyboardInterrupt") and errors.count("Traceback") == 1


def test_ctrl_c_on_a_terminal_reaches_all_and_is_one_exception(
    script: Script, processes: Any, tmp_path: Path
) -> None:
    """A terminal sends SIGINT to the whole process group."""
    path = tmp_path / "job.py"
    path.write_text(ENDLESS + "env.execute()")
    with subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    ) as process:
        below = started(process, processes)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=15)
        assert processes.all_end(below)
        assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")


def test_ctrl_c_while_records_are_taken(script: Script, processes: Any) -> None:
    code = (
        NO_PRINT
        + """
with stream.filter(lambda x: False).execute_and_collect() as rows:
    print(list(rows))
"""
    )
    with script(code) as process:
        below = started(process, processes)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=15)
        assert errors.rstrip().endswith("KeyboardInterrupt") and errors.count("Traceback") == 1
        assert processes.all_end(below)


def test_a_job_that_still_runs_ends_with_its_script(script: Script, processes: Any) -> None:
    code = ENDLESS + "env.execute_async()\nimport time; time.sleep(float(sys.argv[1]))\n"
    with script(code, "3") as process:
        below = started(process, processes)
        assert process.wait(20) == 0
        assert processes.all_end(below)


@pytest.mark.parametrize(
    "job",
    [
        ENDLESS + "env.execute()",
        NO_PRINT + "list(stream.filter(lambda x: False).execute_and_collect())",
        NO_PRINT + "with stream.filter(lambda x: False).execute_and_collect() as r: list(r)",
        NO_PRINT + "stream.filter(lambda x: False).execute_and_collect(limit=2)",
    ],
    ids=["execute", "collect", "collect in a block", "collect some"],
)
def test_a_gateway_that_dies(script: Script, processes: Any, job: str) -> None:
    with script(job) as process:
        below = started(process, processes)
        os.kill(min(below), signal.SIGKILL)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "the connection to the gateway was lost: the runtime" in errors
        assert "was killed by SIGKILL" in errors and errors.count("Traceback") == 1, errors
        assert processes.all_end(below)


def test_a_worker_that_is_killed_from_outside(script: Script, processes: Any) -> None:
    with script(ENDLESS + "env.execute()") as process:
        below = started(process, processes)
        (gateway,) = processes.children(process.pid)
        (zygote,) = processes.children(gateway)
        workers = processes.children(zygote)
        os.kill(min(workers), signal.SIGKILL)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 1 and errors.count("Traceback") == 1, errors
        assert re.search(r"JobExecutionError: .*SIGKILL", errors), errors
        assert processes.all_end(below)


WITH_DIRECTORIES = ENDLESS.replace(
    "numbers =", "env.add_python_archive(sys.argv[1])\nnumbers =", 1
) + ("env.execute()")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_file_and_no_socket_is_left(
    script: Script, processes: Any, tmp_path: Path, number: signal.Signals
) -> None:
    places = [tmp_path / "tmp", tmp_path / "run"]
    for place in places:
        place.mkdir()
    shutil.make_archive(str(tmp_path / "archive"), "zip", tmp_path, "run")
    before = abstract_sockets()
    with script(
        WITH_DIRECTORIES,
        str(tmp_path / "archive.zip"),
        TMPDIR=str(places[0]),
        XDG_RUNTIME_DIR=str(places[1]),
    ) as process:
        below = started(process, processes)
        assert list(places[0].iterdir()), "the job has a directory while it runs"
        process.send_signal(number)
        process.wait(10)
        assert processes.all_end(below)
        assert process.stderr is not None
        errors = process.stderr.read()
    assert [path for place in places for path in place.rglob("*")] == [], errors
    assert abstract_sockets() <= before


def abstract_sockets() -> set[str]:
    """The names of Unix sockets, which outlive their processes in the file system."""
    lines = Path("/proc/net/unix").read_text().splitlines()[1:]
    return {name for line in lines if "martlet" in (name := line.split(maxsplit=7)[-1])}


def test_what_is_printed_stands_in_order(script: Script) -> None:
    code = """
from martlet.common import Types
from martlet.datastream import StreamExecutionEnvironment
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
print("before")
env.from_collection([1, 2], type_info=Types.INT()).print()
env.execute()
print("after")
"""
    with script(code) as process:
        output, errors = process.communicate(timeout=30)
    assert (output, errors) == ("before\n1\n2\nafter\n", "")


def test_a_function_prints_where_the_job_prints(script: Script) -> None:
    code = """
from martlet.datastream import StreamExecutionEnvironment
def say(x):
    print("saw", x)
    return x
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.from_collection([1, 2]).map(say).filter(lambda x: False).print()
env.execute()
"""
    with script(code) as process:
        output, errors = process.communicate(timeout=30)
    assert (output, errors) == ("saw 1\nsaw 2\n", "")


def test_pyflinks_names_inside_of_functions(script: Script, tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(
        "from pyflink.common import Row\ndef row(x): return Row(n=x)\n"
    )
    code = """
import martlet.compat
martlet.compat.install()
from pyflink.datastream import StreamExecutionEnvironment
import library
def inside(x):
    from pyflink.common import Row
    return Row(n=x.n + 1)
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.from_collection([1]).map(library.row).map(inside).print()
env.execute()
"""
    with script(code) as process:
        output, errors = process.communicate(timeout=30)
    assert (output, errors) == ("Row(n=2)\n", "")


# A gateway that stays

JOB = """
from martlet.datastream import StreamExecutionEnvironment
env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
print(env.from_collection([1, 2]).map(lambda x: x + 1).execute_and_collect(limit=9))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_daemon(port: int, token_file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "martlet.cli", "gateway", "--port", str(port)]
    return subprocess.Popen(
        [*command, "--token-file", str(token_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    port, token_file = free_port(), tmp_path / "token"
    with start_daemon(port, token_file) as process:
        deadline = time.monotonic() + 30
        while not token_file.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, port, token_file
        if process.poll() is None:
            process.kill()


def test_a_daemon(daemon: Any, script: Script, processes: Any) -> None:
    process, port, token_file = daemon
    assert token_file.stat().st_mode & 0o777 == 0o600
    attach = {
        "MARTLET_GATEWAY": f"127.0.0.1:{port}",
        "MARTLET_GATEWAY_TOKEN_FILE": str(token_file),
    }
    for _ in range(2):
        with script(JOB, **attach) as client:
            output, errors = client.communicate(timeout=30)
            assert (output, errors) == ("[2, 3]\n", "")
    below = processes.descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not token_file.exists() and processes.all_end(below)


def test_a_wrong_token(daemon: Any, script: Script) -> None:
    _, port, _ = daemon
    with script(JOB, MARTLET_GATEWAY=f"127.0.0.1:{port}", MARTLET_GATEWAY_TOKEN="0" * 64) as client:
        _, errors = client.communicate(timeout=30)
    assert f"AuthenticationError: the gateway at 127.0.0.1:{port} refuses the token" in errors
    assert "py4j" not in errors, "one exception, without the client's own frames"


def test_no_gateway_there(script: Script, tmp_path: Path) -> None:
    port = free_port()
    with script(JOB, MARTLET_GATEWAY=f"127.0.0.1:{port}", MARTLET_GATEWAY_TOKEN="0" * 64) as client:
        _, errors = client.communicate(timeout=30)
    assert f"GatewayError: no gateway answers at 127.0.0.1:{port}" in errors


def test_a_port_that_is_taken(daemon: Any, tmp_path: Path) -> None:
    _, port, _ = daemon
    with start_daemon(port, tmp_path / "other") as second:
        _, errors = second.communicate(timeout=30)
    assert second.returncode == 1 and f"cannot listen on 127.0.0.1:{port}" in errors
    assert len(errors.strip().splitlines()) == 1


def test_martlet_run(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(JOB.replace("martlet", "pyflink"))
    done = subprocess.run(
        [sys.executable, "-m", "martlet.cli", "run", "-p", "2", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert (done.stdout, done.stderr) == ("[2, 3]\n", "")


def test_a_lost_gateway_is_not_logged_as_well(script: Script, processes: Any) -> None:
    code = "import logging; logging.basicConfig(level=logging.INFO)\n" + ENDLESS + "env.execute()"
    with script(code) as process:
        below = started(process, processes)
        os.kill(min(below), signal.SIGKILL)
        _, errors = process.communicate(timeout=20)
    assert errors.count("Traceback") == 1 and "py4j" not in errors
