"""A warm Python that forks workers: ``python -m martlet.worker.zygote CONTROL_FD``."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from martlet import _native
from martlet.worker.protocol import CONTROL, Control

__all__ = ["Zygote", "main"]

NO_WORKER = 255 << 8
"""The wait status that is reported for a worker that could not be forked."""


class Zygote:
    """Answers fork and kill, and reports what became of each worker."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.pid = os.getpid()
        self.workers: dict[int, int] = {}  # pid → id
        self.wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> None:
        """Serves until the runtime closes its end of the control socket."""
        signal.signal(signal.SIGCHLD, lambda *_: None)  # or no byte is written for it
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        self.tell(Control.READY, 0, self.pid)
        open_ = True
        while open_:
            for fd, _ in poll.poll():
                if fd == self.wake:
                    self.drain()
                    self.reap()
                else:
                    open_ = self.receive()

    def drain(self) -> None:
        try:
            while os.read(self.wake, 4096):
                pass
        except BlockingIOError:
            pass

    def tell(self, op: Control, worker: int, pid: int, status: int = 0) -> None:
        self.control.send(CONTROL.pack(op, worker, pid, status))

    def receive(self) -> bool:
        """Takes one message; False at the end of the socket."""
        try:
            data, fds, _, _ = socket.recv_fds(self.control, CONTROL.size, 4)
        except ConnectionResetError:
            return False
        if not data and not fds:
            return False
        try:
            self.obey(data, fds)
        finally:
            for fd in fds:
                os.close(fd)
        return True

    def obey(self, data: bytes, fds: list[int]) -> None:
        if len(data) != CONTROL.size:
            raise ValueError(f"a control message has {len(data)} bytes")
        op, worker, _, _ = CONTROL.unpack(data)
        if op == Control.FORK and len(fds) == 1:
            self.fork(worker, fds[0])
        elif op == Control.KILL:
            for pid, known in self.workers.items():
                if known == worker:
                    os.kill(pid, signal.SIGKILL)
        else:
            raise ValueError(f"control message {op} with {len(fds)} descriptors is not known")

    def fork(self, worker: int, data_fd: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            self.tell(Control.EXITED, worker, -1, NO_WORKER)
            return
        if pid == 0:
            self.become_worker(data_fd)
        self.workers[pid] = worker
        self.tell(Control.STARTED, worker, pid)

    def become_worker(self, data_fd: int) -> NoReturn:
        """The child's whole life. It never returns into the zygote's code."""
        code = 1
        try:
            _native.set_pdeathsig(signal.SIGKILL)
            if os.getppid() != self.pid:
                os._exit(0)  # the zygote died before the line above
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            os.close(self.wake)
            os.close(self._woken)
            from martlet.worker.loop import run

            code = run(data_fd)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            leave(code)

    def reap(self) -> None:
        """Reports every worker that has ended."""
        while self.workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = self.workers.pop(pid, None)
            if worker is not None:
                self.tell(Control.EXITED, worker, pid, status)


def leave(code: int) -> NoReturn:
    """Ends a worker as its parent's copy: without the interpreter's shutdown, but nothing lost."""
    try:
        from martlet.worker.environment import flush

        if "logging" in sys.modules:
            sys.modules["logging"].shutdown()
        flush()
    finally:
        os._exit(code)


def warm() -> None:
    """Imports what workers need, so that none of them has to."""
    import datetime  # noqa: F401
    import decimal  # noqa: F401
    import logging  # noqa: F401
    import pickle  # noqa: F401
    import traceback  # noqa: F401

    import cloudpickle  # noqa: F401

    import martlet.common.time
    import martlet.common.types
    import martlet.datastream.functions.basic
    import martlet.worker.loop  # noqa: F401


def main(arguments: list[str]) -> int:
    """Runs the zygote on the control socket with the number ``arguments[0]``."""
    # Ctrl-C reaches the whole process group: what to do about it is the runtime's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    if sys.stdout is not None:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    warm()
    gc.collect()
    gc.freeze()
    try:
        Zygote(control).serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the runtime is gone
    return 0


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
