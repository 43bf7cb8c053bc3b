"""A gateway that stays: clients come and go, and nothing of theirs is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

Script = Callable[..., subprocess.Popen[str]]

#: How long a client may be gone before what it held is released, in seconds.
GRACE = 5.0

PREAMBLE = """
import os, sys, threading, time
from martlet.common import Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.number_seq import NumberSequenceSource
from martlet.datastream.functions import MapFunction

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)

def numbers(last=2**62):
    source = NumberSequenceSource(1, last)
    return env.from_source(source, WatermarkStrategy.no_watermarks(), "numbers")
"""


class Daemon:
    """A running gateway, and what a client needs to attach to it."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.token_file = folder / "token"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "martlet.cli",
                "gateway",
                "--port",
                "0",
                "--token-file",
                str(self.token_file),
                *options,
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                **environment,
            },
        )
        assert self.process.stdout
        lines = [self.process.stdout.readline() for _ in range(3)]
        assert "token in" in lines[2], lines
        self.port = int(lines[1].rpartition(":")[2])
        self.attach = {
            "MARTLET_GATEWAY": f"127.0.0.1:{self.port}",
            "MARTLET_GATEWAY_TOKEN_FILE": str(self.token_file),
        }

    def objects(self) -> int:
        """How many references the clients hold, as a client of py4j is told."""
        from py4j.java_gateway import GatewayParameters, JavaGateway

        gateway = JavaGateway(
            gateway_parameters=GatewayParameters(
                port=self.port, auth_token=self.token_file.read_text().strip()
            )
        )
        try:
            state = gateway.java_gateway_server.getGateway()
            names = state.getBindings()
            count = len(names)
            for own in (names, state):
                gateway.detach(own)
            return count
        finally:
            gateway.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    places = tmp_path / "tmp"
    places.mkdir()
    with Daemon(tmp_path, TMPDIR=str(places)) as running:
        yield running


def eventually(condition: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def workers(daemon: Daemon, processes: Any) -> set[int]:
    """The workers: the children of their parent, which is the daemon's one child."""
    return {
        worker
        for child in processes.children(daemon.process.pid)
        for worker in processes.children(child)
    }


@pytest.mark.parametrize("ending", ["env.execute()", "rows = iter(last.execute_and_collect())"])
def test_a_client_that_is_killed_leaves_no_worker(
    daemon: Daemon, script: Script, processes: Any, ending: str
) -> None:
    code = PREAMBLE + "last = numbers().map(lambda x: x)\n"
    if "collect" in ending:
        # Nobody takes a row: the job waits for room in its sink.
        code += ending + "\ntime.sleep(60)\n"
    else:
        code += "last.filter(lambda x: x < 0).print()\n" + ending + "\n"
    with script(code, **daemon.attach) as client:
        assert eventually(lambda: bool(workers(daemon, processes)), 30)
        time.sleep(0.5)
        client.kill()
        client.wait()
    assert workers(daemon, processes), "a client may come back within the grace"
    assert eventually(lambda: not workers(daemon, processes), GRACE + 2)
    assert daemon.stop() == 0


def test_objects_do_not_pile_up(daemon: Daemon, script: Script) -> None:
    code = PREAMBLE + (
        "print(env.from_collection([1, 2]).map(lambda x: x + 1).execute_and_collect(limit=9))\n"
        "numbers(9).map(lambda x: x).print()\nenv.execute()\n"
        "if len(sys.argv) > 1: os.kill(os.getpid(), 9)\n"
    )
    before = daemon.objects()
    clients = [script(code, *["killed"] * (number % 2), **daemon.attach) for number in range(6)]
    for client in clients:
        with client:
            client.communicate(timeout=60)
    assert eventually(lambda: daemon.objects() == before, GRACE + 2), daemon.objects()
    assert daemon.stop() == 0


def test_a_job_that_was_started_without_waiting_goes_on(
    daemon: Daemon, script: Script, processes: Any
) -> None:
    code = PREAMBLE + (
        "numbers().map(lambda x: x).filter(lambda x: x < 0).print()\nenv.execute_async()\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.05)\n"
    )
    running = daemon.token_file.with_name("running")
    with script(code, str(running), **daemon.attach) as client:
        assert eventually(lambda: bool(workers(daemon, processes)), 30)
        running.touch()
        assert client.wait(20) == 0
    time.sleep(GRACE + 1)
    assert workers(daemon, processes)
    assert daemon.stop() == 0


CLOSES = """
class Slow(MapFunction):
    def open(self, context):
        open(sys.argv[1] + ".open", "w").close()
    def map(self, x):
        return x
    def close(self):
        open(sys.argv[1] + ".closed", "w").close()
"""


def test_sigterm_ends_jobs_properly(
    daemon: Daemon, script: Script, processes: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\5\6" + bytes(18))
    mark = tmp_path / "function"
    code = PREAMBLE + CLOSES.replace("sys.argv[1]", repr(str(mark)))
    code += f"env.add_python_archive({str(tmp_path / 'a.zip')!r})\n"
    code += "numbers().map(Slow()).filter(lambda x: x < 0).print()\nenv.execute()\n"
    with script(code, **daemon.attach) as client:
        assert eventually(mark.with_suffix(".open").exists, 30)
        (directory,) = (tmp_path / "tmp").glob("martlet-job-*")
        assert directory.stat().st_mode & 0o777 == 0o700
        below = processes.descendants(daemon.process.pid)
        assert daemon.stop() == 0
        client.communicate(timeout=20)
    assert mark.with_suffix(".closed").exists(), "close() of the function has run"
    assert not directory.exists() and not daemon.token_file.exists()
    assert processes.all_end(below, within=1)


def test_the_next_gateway_removes_what_a_killed_one_left(
    daemon: Daemon, script: Script, processes: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\5\6" + bytes(18))
    code = PREAMBLE + f"env.add_python_archive({str(tmp_path / 'a.zip')!r})\n"
    code += "numbers().map(lambda x: x).filter(lambda x: x < 0).print()\nenv.execute()\n"
    with script(code, **daemon.attach) as client:
        assert eventually(lambda: bool(workers(daemon, processes)), 30)
        (directory,) = (tmp_path / "tmp").glob("martlet-job-*")
        daemon.process.kill()
        daemon.process.wait()
        client.communicate(timeout=20)
    assert directory.exists()
    with Daemon(tmp_path, TMPDIR=str(tmp_path / "tmp")) as second:
        assert eventually(lambda: not directory.exists(), 5)
        assert second.stop() == 0


def test_more_sinks_are_read_than_there_are_processors(daemon: Daemon, script: Script) -> None:
    """Readers that wait keep nobody else from anything."""
    code = PREAMBLE + (
        "sinks = [numbers(5)._handle.collect() for _ in range(os.cpu_count() + 1)]\n"
        "bodies = [None] * len(sinks)\n"
        "def read(index): bodies[index] = sinks[index].next(100)\n"
        "threads = [threading.Thread(target=read, args=[i], daemon=True)"
        " for i in range(len(sinks))]\n"
        "for thread in threads: thread.start()\n"
        "time.sleep(0.5)\n"
        "env.execute()\n"
        "for thread in threads: thread.join(20)\n"
        "print(all(bodies))\n"
    )
    with script(code, **daemon.attach) as client:
        output, errors = client.communicate(timeout=40)
    assert (output, errors) == ("True\n", "")


@pytest.mark.parametrize("attached", [False, True])
def test_pip_ends_with_its_gateway(
    daemon: Daemon, script: Script, processes: Any, tmp_path: Path, attached: bool
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        requirements = tmp_path / "requirements.txt"
        requirements.write_text(
            f"--index-url http://127.0.0.1:{silent.getsockname()[1]}/\nmartlet_nowhere\n"
        )
        code = PREAMBLE + f"env.set_python_requirements({str(requirements)!r})\n"
        code += "numbers().map(lambda x: x).print()\nenv.execute()\n"
        variables = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        with script(code, **variables, **(daemon.attach if attached else {})) as client:
            silent.settimeout(30)
            answering, _ = silent.accept()  # pip asks, and gets no answer
            with answering:
                gateway = daemon.process.pid if attached else min(processes.children(client.pid))
                below = processes.descendants(gateway)
                assert len(below) >= 2
                os.kill(gateway, signal.SIGKILL)
                client.communicate(timeout=20)
                assert processes.all_end(below, within=2)


# TLS

JOB = PREAMBLE + "print(env.from_collection([1]).map(lambda x: x + 1).execute_and_collect(limit=9))"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=martlet",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_tls(script: Script, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    trusted, key = map(str, certificate)
    with Daemon(tmp_path, "--tls-certificate", trusted, "--tls-key", key) as daemon:
        with script(JOB, MARTLET_GATEWAY_CA=trusted, **daemon.attach) as client:
            assert client.communicate(timeout=30) == ("[2]\n", "")
        # Without it there is nothing to say.
        with script(JOB, **daemon.attach) as client:
            output, errors = client.communicate(timeout=30)
        assert output == "" and "MARTLET_GATEWAY_CA" in errors and "py4j" not in errors
        assert daemon.stop() == 0


def test_a_certificate_that_nobody_vouches_for(
    daemon: Daemon, script: Script, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    trusted, key = map(str, certificate)
    other = tmp_path / "other.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=x",
            "-keyout",
            str(tmp_path / "other.key"),
            "-out",
            str(other),
        ],
        check=True,
        capture_output=True,
    )
    with (
        Daemon(tmp_path, "--tls-certificate", trusted, "--tls-key", key) as with_tls,
        script(JOB, MARTLET_GATEWAY_CA=str(other), **with_tls.attach) as client,
    ):
        _, errors = client.communicate(timeout=30)
    assert "GatewayError: no TLS with the gateway" in errors and "certificate" in errors
    # And a gateway that does not speak it.
    with script(JOB, MARTLET_GATEWAY_CA=trusted, **daemon.attach) as client:
        _, errors = client.communicate(timeout=30)
    assert "GatewayError" in errors and "py4j" not in errors


@pytest.mark.parametrize("options", [[], ["--insecure"]])
def test_an_open_address_wants_tls(tmp_path: Path, options: list[str]) -> None:
    if options:
        with Daemon(tmp_path, "--host", "0.0.0.0", *options) as daemon:
            assert daemon.stop() == 0
        return
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "martlet.cli",
            "gateway",
            "--port",
            "0",
            "--host",
            "0.0.0.0",
            "--token-file",
            str(tmp_path / "token"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert done.returncode != 0 and "--insecure" in done.stderr
