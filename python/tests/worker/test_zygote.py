"""The zygote: forking, reporting, and leaving nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest
from worker_harness import TIMEOUT, Peer, ZygoteProcess, step

from martlet._native import encode
from martlet.worker.protocol import CONTROL, Control, Frame

STEPS = [step("map", lambda x: x, "BIGINT")]


def wait_gone(pid: int) -> None:
    """Waits until a process that is not our child has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        import select

        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(TIMEOUT * 1000), f"process {pid} still runs"
    finally:
        os.close(descriptor)


def test_exit_is_reported(own_zygote: ZygoteProcess) -> None:
    peer, worker, _ = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", STEPS)
    peer.end()
    assert own_zygote.exited(worker) == 0
    failing, worker, _ = own_zygote.fork()
    failing.send(Frame.OPEN, b"")
    assert failing.read().kind == Frame.ERROR
    assert os.waitstatus_to_exitcode(own_zygote.exited(worker)) == 1


def test_kill(own_zygote: ZygoteProcess) -> None:
    peer, worker, _ = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", [step("map", lambda x: __import__("time").sleep(999), "BIGINT")])
    peer.send(Frame.BATCH, encode([1], "BIGINT"))
    own_zygote.kill(worker)
    own_zygote.kill(12345)
    assert own_zygote.exited(worker) == signal.SIGKILL
    assert peer.at_end()


def test_a_worker_that_dies_of_itself(own_zygote: ZygoteProcess) -> None:
    peer, worker, _ = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", [step("map", lambda x: os.abort(), "BIGINT")])
    peer.send(Frame.BATCH, encode([1], "BIGINT"))
    assert os.WTERMSIG(own_zygote.exited(worker)) == signal.SIGABRT
    assert own_zygote.process.poll() is None


def test_many_workers_at_once(own_zygote: ZygoteProcess) -> None:
    forked = [own_zygote.fork() for _ in range(5)]
    assert len({pid for _, _, pid in forked}) == 5
    for peer, _, pid in forked:
        peer.open("BIGINT", "BIGINT", [step("map", lambda x: os.getpid(), "BIGINT")])
        assert peer.batch([1], "BIGINT") == [pid]
    for peer, _, _ in forked:
        peer.stream.close()
    ended = {own_zygote.receive()[1] for _ in forked}
    assert ended == {worker for _, worker, _ in forked}


def test_a_worker_ends_with_its_socket_even_in_the_middle_of_a_frame(own_zygote: Any) -> None:
    peer, worker, _ = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", STEPS)
    peer.stream.sendall(b"\x40\0\0\0\2")
    peer.stream.close()
    assert own_zygote.exited(worker) == 0


def test_nothing_is_left_when_the_runtime_goes(own_zygote: ZygoteProcess) -> None:
    peer, _, pid = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", [step("map", lambda x: __import__("time").sleep(999), "BIGINT")])
    peer.send(Frame.BATCH, encode([1], "BIGINT"))
    own_zygote.control.close()
    assert own_zygote.process.wait(TIMEOUT) == 0
    wait_gone(pid)


def test_nothing_is_left_when_the_zygote_is_killed(own_zygote: ZygoteProcess) -> None:
    peer, _, pid = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", STEPS)
    own_zygote.process.kill()
    wait_gone(pid)
    assert peer.at_end()


def test_interrupts_are_left_to_the_runtime(own_zygote: ZygoteProcess) -> None:
    peer, worker, pid = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", STEPS)
    os.kill(pid, signal.SIGINT)
    os.kill(own_zygote.process.pid, signal.SIGINT)
    assert peer.batch([1], "BIGINT") == [1]
    peer.end()
    assert own_zygote.exited(worker) == 0


def test_prints_come_before_the_answer(own_zygote: ZygoteProcess) -> None:
    def speak(x: int) -> int:
        print("out", x)
        print("part", end="")
        sys.stderr.write("err\n")
        return x

    peer, worker, _ = own_zygote.fork()
    peer.open("BIGINT", "BIGINT", [step("map", speak, "BIGINT")])
    assert peer.batch([5], "BIGINT") == [5]
    assert own_zygote.process.stdout is not None and own_zygote.process.stderr is not None
    expected = b"out 5\npart"
    assert os.read(own_zygote.process.stdout.fileno(), len(expected)) == expected
    assert os.read(own_zygote.process.stderr.fileno(), 4) == b"err\n"
    peer.end()
    own_zygote.exited(worker)


def test_logging_reaches_stderr_with_the_operators_name(own_zygote: ZygoteProcess) -> None:
    def speak(x: int) -> int:
        import logging

        logging.getLogger("mine").info("hello %d", x)
        logging.getLogger("mine").debug("not this")
        return x

    def configured(x: int) -> int:
        import logging

        logging.basicConfig(level=logging.ERROR, format="OWN %(message)s")
        logging.getLogger("mine").warning("not this")
        logging.getLogger("mine").error("but this")
        return x

    assert own_zygote.process.stderr is not None
    for function, expected in [
        (speak, b"INFO [the operator (1/1)] mine: hello 1\n"),
        (configured, b"OWN but this\n"),
    ]:
        peer, worker, _ = own_zygote.fork()
        peer.open("BIGINT", "BIGINT", [step("map", function, "BIGINT")])
        peer.batch([1], "BIGINT")
        peer.end()
        own_zygote.exited(worker)
        assert own_zygote.process.stderr.readline().endswith(expected)


def test_descriptors_that_come_without_need_are_closed(own_zygote: ZygoteProcess) -> None:
    ours, theirs = socket.socketpair()
    message = CONTROL.pack(Control.KILL, 999, 0, 0)
    socket.send_fds(own_zygote.control, [message], [theirs.fileno()])
    theirs.close()
    ours.settimeout(TIMEOUT)
    assert ours.recv(1) == b""
    ours.close()


@pytest.mark.parametrize("message", [b"short", CONTROL.pack(77, 0, 0, 0), CONTROL.pack(1, 1, 0, 0)])
def test_a_message_that_makes_no_sense_ends_the_zygote(own_zygote: Any, message: bytes) -> None:
    own_zygote.control.send(message)
    assert own_zygote.process.wait(TIMEOUT) != 0
    assert b"control message" in own_zygote.process.stderr.read()


def test_the_zygote_opens_before_anything_heavy_is_imported() -> None:
    """What the start of a job waits for must not grow unnoticed."""
    heavy = "('decimal', 'datetime', 'pickle')"
    code = f"import martlet._native, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_peer_is_what_it_says() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(EOFError):
        Peer(ours).read()
    ours.close()
