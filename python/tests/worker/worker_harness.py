"""The runtime's side of the worker channel, in Python, so that workers are tested without it."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from martlet import _native
from martlet.util.pickling import dump_function
from martlet.worker.msgpack import pack, unpack
from martlet.worker.protocol import CONTROL, Control, Flag, Frame

TIMEOUT = 30.0
"""Seconds after which a test that waits for something fails."""


def step(
    kind: str, function: Any, output: str | None = None, name: str | None = None
) -> dict[str, Any]:
    """A step of OPEN. Bytes are taken as the pickle itself."""
    pickled = function if isinstance(function, bytes) else dump_function(function)
    return {"kind": kind, "name": name or kind, "function": pickled, "output": output}


def opening(input: str, output: str, steps: Iterable[dict[str, Any]], **more: Any) -> bytes:
    """The body of OPEN."""
    return pack(
        {
            "job": "a job",
            "operator": "the operator",
            "subtask": 0,
            "parallelism": 1,
            "max_parallelism": 128,
            "attempt": 0,
            "sys_path": [],
            "cwd": "",
            "files": [],
            "archives": [],
            "work_dir": "",
            "config": {},
            "mode": "streaming",
            "input": input,
            "input_key": None,
            "output": output,
            "output_key": None,
            "batch_rows": 1000,
            "steps": list(steps),
            **more,
        }
    )


@dataclass
class Answer:
    """A frame from the worker."""

    kind: int
    flags: int
    sequence: int
    body: bytes
    index: int = 0

    @property
    def last(self) -> bool:
        return bool(self.flags & Flag.LAST)

    @property
    def error(self) -> dict[str, Any]:
        assert self.kind == Frame.ERROR, self
        value = unpack(self.body)
        assert isinstance(value, dict)
        return value


class Peer:
    """The runtime's end of a worker's data socket."""

    def __init__(self, stream: socket.socket) -> None:
        stream.settimeout(TIMEOUT)
        self.stream = stream
        self.sequence = 0
        self.output = "BIGINT"
        self.output_key: str | None = None

    def send(self, kind: int, body: bytes = b"", flags: int = 0, index: int = 0) -> int:
        self.sequence += 1
        header = struct.pack("<IBBHQ", len(body), kind, flags, index, self.sequence)
        self.stream.sendall(header + body)
        return self.sequence

    def exactly(self, n: int) -> bytes:
        out = bytearray()
        while len(out) < n:
            part = self._receive(n - len(out))
            if not part:
                raise EOFError(f"the worker ended after {len(out)} of {n} bytes")
            out += part
        return bytes(out)

    def read(self) -> Answer:
        length, kind, flags, index, sequence = struct.unpack("<IBBHQ", self.exactly(16))
        return Answer(kind, flags, sequence, self.exactly(length), index)

    def at_end(self) -> bool:
        """Whether the worker closed its end; fails if it says anything more."""
        return self._receive(1) == b""

    def _receive(self, n: int) -> bytes:
        try:
            return self.stream.recv(n)
        except ConnectionResetError:  # the worker ended without reading all that was sent
            return b""

    def open(self, input: str, output: str, steps: Iterable[dict[str, Any]], **more: Any) -> Answer:
        self.output, self.output_key = output, more.get("output_key")
        self.send(Frame.OPEN, opening(input, output, steps, **more))
        return self.read()

    def values(self, answer: Answer) -> list[Any]:
        assert answer.kind == Frame.RESULT, describe(answer)
        return _native.decode(answer.body, self.output, self.output_key, answer.flags)

    def batch(self, values: list[Any], type_text: str, **columns: Any) -> list[Any]:
        """Sends rows and returns what comes back, over all partial frames."""
        flags = (Flag.TIMESTAMPS if "timestamps" in columns else 0) | (
            Flag.KINDS if "kinds" in columns else 0
        )
        sequence = self.send(Frame.BATCH, _native.encode(values, type_text, **columns), flags)
        out: list[Any] = []
        while True:
            answer = self.read()
            out += self.values(answer)
            assert answer.sequence == sequence
            if answer.last:
                return out

    def end(self) -> tuple[list[Any], dict[str, float]]:
        """Sends END; returns the final results and the metrics."""
        sequence = self.send(Frame.END)
        out: list[Any] = []
        metrics: dict[str, float] = {}
        while True:
            answer = self.read()
            if answer.kind == Frame.METRICS:
                metrics = unpack(answer.body)
            elif answer.kind == Frame.ECHO:
                assert (answer.sequence, answer.body) == (sequence, b"")
                return out, metrics
            else:
                assert not answer.last
                out += self.values(answer)


def describe(answer: Answer) -> str:
    return str(answer.error) if answer.kind == Frame.ERROR else repr(answer)


class ZygoteProcess:
    """A zygote and the runtime's end of its control socket."""

    def __init__(self, **popen: Any) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(TIMEOUT)
        command = [sys.executable, "-m", "martlet.worker.zygote", str(theirs.fileno())]
        self.process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, **popen
        )
        theirs.close()
        self.next_id = 0
        self.peers: list[Peer] = []

    def receive(self) -> tuple[int, int, int, int]:
        data = self.control.recv(CONTROL.size)
        if not data:
            raise EOFError("the zygote ended")
        op, worker, pid, status = CONTROL.unpack(data)
        return op, worker, pid, status

    def wait_ready(self) -> ZygoteProcess:
        assert self.receive()[0] == Control.READY
        return self

    def fork(self) -> tuple[Peer, int, int]:
        """A new worker: its data socket, id and pid."""
        ours, theirs = socket.socketpair()
        self.next_id += 1
        message = CONTROL.pack(Control.FORK, self.next_id, 0, 0)
        socket.send_fds(self.control, [message], [theirs.fileno()])
        theirs.close()
        op, worker, pid, _ = self.receive()
        assert (op, worker) == (Control.STARTED, self.next_id)
        peer = Peer(ours)
        self.peers.append(peer)
        return peer, worker, pid

    def exited(self, worker: int) -> int:
        """Waits for the report of a worker's end, and returns its wait status."""
        op, which, _, status = self.receive()
        assert (op, which) == (Control.EXITED, worker)
        return status

    def kill(self, worker: int) -> None:
        self.control.send(CONTROL.pack(Control.KILL, worker, 0, 0))

    def close(self) -> None:
        for peer in self.peers:
            peer.stream.close()
        self.control.close()
        self.process.wait(TIMEOUT)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
