"""A gateway of this process's own, which ends when the process does, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from martlet.gateway.runtime_path import find_runtime
from martlet.util.exceptions import GatewayError

__all__ = ["PrivateGateway", "runtime_environment"]

#: How long the gateway may take to say where it listens, in seconds.
START_TIMEOUT = 60.0
#: How long it may take to end once it is told to, before it is killed.
STOP_TIMEOUT = 5.0


class PrivateGateway:
    """The gateway as a child process.

    Its standard input is a pipe from here: the token is sent through it, and its end means that
    this process is gone, upon which the gateway ends. A second pipe tells where it listens.
    """

    def __init__(self) -> None:
        runtime = find_runtime()
        self.token = os.urandom(32).hex()
        self.port = 0
        self.address = "127.0.0.1"
        self.ssl_context = None
        self._owner = os.getpid()
        self._ready_fd, write_fd = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    runtime,
                    "gateway",
                    "--private",
                    "--python",
                    sys.executable,
                    "--ready-fd",
                    str(write_fd),
                ],
                stdin=subprocess.PIPE,
                pass_fds=(write_fd,),
                env=runtime_environment(),
            )
        except OSError as error:
            os.close(self._ready_fd)
            raise GatewayError(f"the runtime {runtime} cannot be started: {error}") from None
        finally:
            os.close(write_fd)
        self._send_token()

    def _send_token(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(self.token.encode() + b"\n")
            pipe.flush()
        except BrokenPipeError:
            pass  # It has ended already, and wait_until_ready says why.

    def wait_until_ready(self) -> None:
        """Returns when the gateway listens; raises :class:`GatewayError` if it does not."""
        if self.port:
            return
        line = self._read_line(time.monotonic() + START_TIMEOUT)
        word, _, rest = line.partition(" ")
        if word == "READY" and rest.split()[:1] and rest.split()[0].isdigit():
            self.port = int(rest.split()[0])
        elif word == "ERROR":
            self.close()
            raise GatewayError(f"the gateway did not start: {rest}")
        else:
            how = self.describe_end() or f"it said {line!r}" if line else self.describe_end()
            self.close()
            raise GatewayError(f"the gateway did not start: {how or 'it said nothing'}")

    def _read_line(self, deadline: float) -> str:
        import select

        received = b""
        try:
            while b"\n" not in received:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([self._ready_fd], [], [], left)[0]:
                    self._process.kill()
                    raise GatewayError(f"the gateway did not start within {START_TIMEOUT:.0f} s")
                chunk = os.read(self._ready_fd, 4096)
                if not chunk:
                    break
                received += chunk
        finally:
            os.close(self._ready_fd)
        return received.partition(b"\n")[0].decode("utf-8", "replace")

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def describe_end(self) -> str | None:
        """How the process ended, in words; None while it runs."""
        try:
            status = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return None
        if status >= 0:
            return f"the runtime (process {self.pid}) exited with status {status}"
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return f"the runtime (process {self.pid}) was killed by {name}"

    def abandon(self) -> None:
        """Closes a fork's copy of the pipe, so that it does not keep the gateway alive."""
        if self._process.stdin is not None:
            try:
                os.close(self._process.stdin.fileno())
            except OSError:
                pass
        # What Popen would do for its child when it is collected is none of the fork's business.
        self._process.returncode = 0

    def close(self) -> None:
        """Ends the gateway; does nothing in a fork of the process that started it."""
        if os.getpid() != self._owner:
            return
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def runtime_environment() -> dict[str, str]:
    """The environment of the gateway, whose workers must be able to import this very package."""
    import martlet

    environment = dict(os.environ)
    home = os.path.dirname(os.path.dirname(os.path.abspath(martlet.__file__)))
    paths = [p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p]
    if home not in paths and os.path.basename(home) not in ("site-packages", "dist-packages"):
        environment["PYTHONPATH"] = os.pathsep.join([*paths, home])
    return environment
