"""Starting a gateway, and leaving nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from martlet.gateway import private
from martlet.gateway.attached import AttachedGateway, default_token_file
from martlet.gateway.private import PrivateGateway
from martlet.gateway.runtime_path import find_runtime
from martlet.util.exceptions import AuthenticationError, GatewayError, RuntimeNotFoundError

FAKE = Path(__file__).parent / "fake_runtime.py"


@pytest.fixture(autouse=True)
def fake_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARTLET_RUNTIME", str(FAKE))
    for name in ("MARTLET_GATEWAY", "MARTLET_GATEWAY_TOKEN", "MARTLET_GATEWAY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def ends(pid: int, within: float = 2.0) -> bool:
    """Whether a process that is no child of this one ends."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_start_and_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("FAKE_RUNTIME_LOG", str(log))
    gateway = PrivateGateway()
    gateway.wait_until_ready()
    assert gateway.port == 45678
    pid, token, *arguments = log.read_text().split()
    assert int(pid) == gateway.pid and token == gateway.token and len(token) == 64
    assert arguments[:4] == ["gateway", "--private", "--python", sys.executable]
    gateway.close()
    assert gateway.describe_end() == f"the runtime (process {pid}) exited with status 0"


def test_a_gateway_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_RUNTIME", "stubborn")
    monkeypatch.setattr(private, "STOP_TIMEOUT", 0.1)
    gateway = PrivateGateway()
    gateway.wait_until_ready()
    gateway.close()
    assert "was killed by SIGKILL" in (gateway.describe_end() or "")


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("error", "did not start: the port is taken"),
        ("die", "did not start: the runtime .* exited with status 7"),
        ("kill", "did not start: the runtime .* was killed by SIGKILL"),
    ],
)
def test_a_gateway_that_does_not_start(
    monkeypatch: pytest.MonkeyPatch, behaviour: str, message: str
) -> None:
    monkeypatch.setenv("FAKE_RUNTIME", behaviour)
    with pytest.raises(GatewayError, match=message):
        PrivateGateway().wait_until_ready()


CLIENT = """
import os, sys, time
from martlet.gateway.connection import current_connection
gateway = current_connection().gateway
gateway.wait_until_ready()
print(gateway.pid, flush=True)
{}
"""


def start_client(rest: str) -> tuple[subprocess.Popen[str], int]:
    """A process that has started a gateway; and the gateway's pid."""
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT.format(rest)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert client.stdout is not None
    return client, int(client.stdout.readline())


@pytest.mark.parametrize(
    ("rest", "end"),
    [
        ("", lambda client: None),
        ("sys.exit(3)", lambda client: None),
        ("raise SystemError('x')", lambda client: None),
        ("os._exit(1)", lambda client: None),
        ("time.sleep(60)", lambda client: client.kill()),
        ("time.sleep(60)", lambda client: client.send_signal(signal.SIGTERM)),
        ("time.sleep(60)", lambda client: client.send_signal(signal.SIGINT)),
        # A fork that outlives the client does not keep the gateway alive.
        ("os.fork() or time.sleep(5); time.sleep(60)", lambda client: client.kill()),
    ],
)
def test_nothing_is_left_behind(rest: str, end: Callable[[subprocess.Popen[str]], None]) -> None:
    client, pid = start_client(rest)
    with client:
        end(client)
        client.wait(10)
        assert ends(pid)


def test_a_fork_leaves_its_parents_gateway_alone() -> None:
    rest = """
child = os.fork()
if child == 0:
    sys.exit(0)  # runs the handlers of an ordinary exit
os.waitpid(child, 0)
time.sleep(0.3)
assert gateway.describe_end() is None
print("alive", flush=True)
"""
    client, pid = start_client(rest)
    with client:
        assert client.stdout is not None and client.stdout.readline() == "alive\n"
        assert client.wait(10) == 0 and ends(pid)


def test_no_runtime(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARTLET_RUNTIME", str(tmp_path / "missing"))
    with pytest.raises(RuntimeNotFoundError, match=r"no Swift runtime found.*missing.*not exist"):
        find_runtime()
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("MARTLET_RUNTIME", str(file))
    with pytest.raises(RuntimeNotFoundError, match="not an executable"):
        find_runtime()
    monkeypatch.delenv("MARTLET_RUNTIME")
    import martlet

    monkeypatch.setattr(martlet, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(RuntimeNotFoundError, match=r"pip install -e python/.*MARTLET_RUNTIME"):
        find_runtime()


def test_attaching(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    monkeypatch.setenv("MARTLET_GATEWAY_TOKEN_FILE", str(file))
    gateway = AttachedGateway("127.0.0.1:1234")
    token, sign, session = gateway.token.partition("#")
    assert (gateway.address, gateway.port, token, sign) == ("127.0.0.1", 1234, "abc", "#")
    other = AttachedGateway("127.0.0.1:1234").token
    assert session.isalnum() and other.startswith("abc#") and other != gateway.token
    monkeypatch.setenv("MARTLET_GATEWAY_TOKEN", "direct")
    assert AttachedGateway("[::1]:1").address == "::1"
    assert AttachedGateway(":1").token.startswith("direct#")
    for address in ("1234", "host:", "host:x", "host:0", "host:99999"):
        with pytest.raises(GatewayError, match="must be host:port"):
            AttachedGateway(address)
    monkeypatch.delenv("MARTLET_GATEWAY_TOKEN")
    file.write_text("")
    with pytest.raises(AuthenticationError, match="has no token in it"):
        AttachedGateway("h:1")
    file.unlink()
    with pytest.raises(AuthenticationError, match="Start one with `martlet gateway`"):
        AttachedGateway("h:1")


def test_where_tokens_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert default_token_file() == "/run/user/1/martlet/gateway-token"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("HOME", "/home/x")
    assert default_token_file() == "/home/x/.martlet/gateway-token"
