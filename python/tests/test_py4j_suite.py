"""py4j's own tests, run against a server written in Swift.

They start `java`; a script of that name, first on PATH, starts `Py4JTestServer` instead, which has
the example classes that the tests use. The tests have fixed ports and sleep a lot, so each file
gets a network of its own where the kernel allows it, and several run side by side.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPS = Path(__file__).with_name("py4j_skips.txt")
#: One after the other, the slowest file takes two minutes on an idle machine.
FILE_TIMEOUT = 600
ATTEMPTS = 3
FILES = [
    "java_gateway_test.py",
    "memory_leak_test.py",
    "java_callback_test.py",
    "client_server_test.py",
    "java_array_test.py",
    "multithreadtest.py",
    "java_list_test.py",
    "java_tls_test.py",
    "java_dir_test.py",
    "java_help_test.py",
    "java_map_test.py",
    "java_set_test.py",
    "byte_string_test.py",
    "py4j_signals_test.py",
    "signals_test.py",
    "finalizer_test.py",
]

#: Runs inside the tests' own process: skips what the list says, ends what hangs.
PLUGIN = """
import os, signal, ssl
import pytest

# The TLS tests ask for TLS 1.0, which neither current Python nor current Java speaks.
ssl.PROTOCOL_TLSv1 = ssl.PROTOCOL_TLS

PIDS = os.environ["PY4J_SUITE_PIDS"]

def pytest_collection_modifyitems(items):
    skips = dict(line.split(": ", 1) for line in os.environ["PY4J_SUITE_SKIPS"].splitlines())
    only = os.environ.get("PY4J_SUITE_ONLY", "").splitlines()
    for item in items:
        name = item.nodeid.rsplit("/", 1)[-1]
        if name in skips:
            item.add_marker(pytest.mark.skip(reason=skips[name]))
    if only:
        items[:] = [item for item in items if item.nodeid.rsplit("/", 1)[-1] in only]

def end_servers():
    for name in os.listdir(PIDS):
        try:
            os.kill(int(name), signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.unlink(os.path.join(PIDS, name))

class TookTooLong(BaseException):
    pass

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    def expired(signum, frame):
        # Without its server, a test that waits for the server goes on, or fails.
        end_servers()
        signal.alarm(15)
        signal.signal(signal.SIGALRM, given_up)
    def given_up(signum, frame):
        raise AssertionError("the test hangs")
    signal.signal(signal.SIGALRM, expired)
    signal.alarm(150)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        end_servers()
"""

#: Brings up the loopback interface of a new network, then becomes pytest.
IN_NETWORK = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    request = struct.pack("16sh", b"lo", 0x49)
    fcntl.ioctl(any_socket, 0x8914, request)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@dataclass
class Result:
    """What became of the tests of one file."""

    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    output: str = ""
    timed_out: bool = False


def read_skips() -> dict[str, str]:
    lines = (line.strip() for line in SKIPS.read_text().splitlines())
    entries = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return dict(entries)


def find_server() -> Path | None:
    """The test server: from the environment, or where SwiftPM has built it."""
    if given := os.environ.get("MARTLET_PY4J_TEST_SERVER"):
        return Path(given)
    for configuration in ("debug", "release"):
        candidate = ROOT / ".build" / configuration / "Py4JTestServer"
        if candidate.exists():
            return candidate
    return None


def can_unshare() -> bool:
    if not shutil.which("unshare"):
        return False
    # A user namespace may exist and still not allow what is needed in it.
    command = ["unshare", "-rn", sys.executable, "-c", IN_NETWORK, "-c", "pass"]
    return subprocess.run(command, capture_output=True).returncode == 0


class Suite:
    """py4j's package, copied next to a certificate and a `java` of ours."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.has_networks = can_unshare()
        spec = importlib.util.find_spec("py4j")
        assert spec is not None
        assert spec.origin is not None
        shutil.copytree(Path(spec.origin).parent, folder / "py4j")
        # `launch_gateway` wants to see a jar; nobody opens it.
        version = importlib.metadata.version("py4j")
        jar = folder / f"share/py4j/py4j{version}.jar"
        jar.parent.mkdir(parents=True)
        jar.touch()
        fixture = ROOT / "Tests/GatewayTests/Fixtures/localhost.pem"
        shutil.copy(fixture, self.tests / "selfsigned.pem")
        (folder / "py4j_suite_plugin.py").write_text(PLUGIN)
        java = folder / "bin/java"
        java.parent.mkdir()
        java.write_text(f'#!/bin/sh\n: > "$PY4J_SUITE_PIDS/$$"\nexec "{server}" "$@"\n')
        java.chmod(0o755)

    @property
    def tests(self) -> Path:
        return self.folder / "py4j/tests"

    def run(self, name: str, only: set[str] | None = None) -> Result:
        """Run the tests of one file, or some of them."""
        report = self.folder / f"{name}.xml"
        report.unlink(missing_ok=True)
        pids = self.folder / "pids" / name
        pids.mkdir(parents=True, exist_ok=True)
        environment = {
            **{key: value for key, value in os.environ.items() if key != "JAVA_HOME"},
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "PY4J_SUITE_PIDS": str(pids),
            "PY4J_SUITE_SKIPS": "\n".join(f"{key}: {why}" for key, why in read_skips().items()),
            "PY4J_SUITE_ONLY": "\n".join(only or ()),
            "PY4J_TEST_PEM": str(self.tests / "selfsigned.pem"),
        }
        pytest_arguments = [
            *(
                "-m",
                "pytest",
                "-p",
                "py4j_suite_plugin",
                "-p",
                "no:cacheprovider",
                "-c",
                os.devnull,
            ),
            *("--rootdir", str(self.folder), "--tb=native", "-q", f"--junitxml={report}"),
            str(self.tests / name),
        ]
        command = [sys.executable, *pytest_arguments]
        if self.has_networks:
            command = ["unshare", "-rn", sys.executable, "-c", IN_NETWORK, *pytest_arguments]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        result = Result()
        try:
            result.output, _ = process.communicate(timeout=FILE_TIMEOUT)
        except subprocess.TimeoutExpired:
            result.timed_out = True
            os.killpg(process.pid, signal.SIGKILL)
            result.output, _ = process.communicate()
        if report.exists():
            self.read(report, name, result)
        return result

    @staticmethod
    def read(report: Path, name: str, result: Result) -> None:
        for case in ElementTree.parse(report).iter("testcase"):
            parts = case.attrib["classname"].split(".")
            classes = [part for part in parts if part[:1].isupper()]
            test = "::".join([name, *classes, case.attrib["name"]])
            problem = case.find("failure")
            if problem is None:
                problem = case.find("error")
            if problem is not None:
                result.failed[test] = problem.text or problem.attrib.get("message", "")
            elif case.find("skipped") is not None:
                result.skipped.add(test)
            else:
                result.passed.add(test)

    def run_with_retries(self, name: str) -> Result:
        """Run a file; what fails gets another chance alone.

        The tests rely on pauses of a quarter of a second, which a busy machine may exceed.
        """
        result = self.run(name)
        for _ in range(1, ATTEMPTS):
            if not result.failed or result.timed_out:
                break
            again = self.run(name, set(result.failed))
            for test in again.passed:
                result.failed.pop(test, None)
                result.passed.add(test)
        return result


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Result]]:
    server = find_server()
    if server is None:
        if os.environ.get("MARTLET_TEST_COMPLETE") == "1":
            pytest.fail("Py4JTestServer is not there, which `swift build --build-tests` makes")
        pytest.skip("build the test server first: swift build --product Py4JTestServer")
    suite = Suite(tmp_path_factory.mktemp("py4j"), server)
    lanes = min(4, 2 * (os.cpu_count() or 1)) if suite.has_networks else 1
    with ThreadPoolExecutor(lanes) as pool:
        yield dict(zip(FILES, pool.map(suite.run_with_retries, FILES), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_file(results: dict[str, Result], name: str) -> None:
    result = results[name]
    assert not result.timed_out, result.output[-4000:]
    assert not result.failed, "\n\n".join(f"{test}\n{why}" for test, why in result.failed.items())
    assert result.passed, result.output[-4000:]


def test_skips_are_few_and_have_reasons(results: dict[str, Result]) -> None:
    skips = read_skips()
    skipped = set().union(*(result.skipped for result in results.values()))
    passed = set().union(*(result.passed for result in results.values()))
    assert skipped == set(skips), "the list names a test that does not exist, or misses one"
    assert all(len(reason) > 20 for reason in skips.values())
    assert len(skipped) < 0.2 * (len(skipped) + len(passed))


def test_every_file_is_run() -> None:
    spec = importlib.util.find_spec("py4j.tests")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    found = {path.name for path in folder.glob("*test.py")}
    assert found == set(FILES)
