"""Workers as the runtime sees them: frames in, frames out."""

from __future__ import annotations

import pickle
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from worker_harness import Peer, opening, step

from martlet._native import encode
from martlet.datastream.functions.basic import FlatMapFunction, MapFunction
from martlet.worker.protocol import Flag, Frame

NUMBERS = list(range(10))
PAIR = "TUPLE<BIGINT, BIGINT>"

# Workers cannot import this file.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def test_map_and_filter(worker: Peer) -> None:
    steps = [step("map", lambda x: x * 2, "BIGINT"), step("filter", lambda x: x % 3 == 0)]
    assert worker.open("BIGINT", "BIGINT", steps).kind == Frame.READY
    assert worker.batch(NUMBERS, "BIGINT") == [0, 6, 12, 18]
    assert worker.batch([], "BIGINT") == []
    assert worker.end() == ([], {})
    assert worker.at_end()


def test_frames_in_flight_are_answered_in_order(worker: Peer) -> None:
    steps = [step("flat_map", lambda x: range(x), "BIGINT")]
    worker.open("BIGINT", "BIGINT", steps, batch_rows=2)
    batch = worker.send(Frame.BATCH, encode([3], "BIGINT"))
    mark = worker.send(Frame.WATERMARK, struct.pack("<q", 42))
    idle = worker.send(Frame.STATUS, b"\1")
    barrier = worker.send(Frame.BARRIER, struct.pack("<Qq", 7, 1234))
    second = worker.send(Frame.BATCH, encode([1], "BIGINT"))
    end = worker.send(Frame.END)
    answers = [worker.read() for _ in range(7)]
    assert [(a.kind, a.sequence, a.last) for a in answers] == [
        (Frame.RESULT, batch, False),
        (Frame.RESULT, batch, True),
        (Frame.ECHO, mark, False),
        (Frame.ECHO, idle, False),
        (Frame.ECHO, barrier, False),
        (Frame.RESULT, second, True),
        (Frame.ECHO, end, False),
    ]
    assert [a.body for a in answers[2:5]] == [
        struct.pack("<q", 42), b"\1", struct.pack("<Qq", 7, 1234),
    ]  # fmt: skip
    assert worker.at_end()


def test_a_batch_job_reduces_at_the_end(worker: Peer) -> None:
    steps = [
        step("flat_map", str.split, "STRING"),
        step("map", lambda w: (w, 1), "TUPLE<STRING, BIGINT>"),
        step("key_by", lambda t: t[0], "STRING"),
        step("reduce", lambda a, b: (a[0], a[1] + b[1])),
    ]
    worker.open("STRING", "TUPLE<STRING, BIGINT>", steps, mode="batch")
    assert worker.batch(["to be or not", "to be"], "STRING") == []
    results, _ = worker.end()
    assert results == [("be", 2), ("or", 1), ("to", 2), ("not", 1)]


def test_timestamps_and_keys_travel(worker: Peer) -> None:
    steps = [step("map", lambda x: x + 1, "BIGINT")]
    worker.open("BIGINT", "BIGINT", steps, input_key="STRING", output_key="STRING")
    body = encode([1, 2], "BIGINT", ["a", "b"], "STRING", [5, None])
    worker.send(Frame.BATCH, body, Flag.TIMESTAMPS)
    answer = worker.read()
    assert (answer.flags, worker.values(answer)) == (Flag.LAST | Flag.TIMESTAMPS, [2, 3])


def test_eof_without_an_end_closes_functions(worker: Peer, tmp_path: Path) -> None:
    path = str(tmp_path / "closed")

    class Noting(MapFunction):
        def map(self, value: Any) -> Any:
            return value

        def close(self) -> None:
            Path(path).touch()

    worker.open("BIGINT", "BIGINT", [step("map", Noting(), "BIGINT")])
    worker.stream.shutdown(1)
    assert worker.at_end()
    assert Path(path).exists()


# -- functions -----------------------------------------------------------------------------------


class Life(FlatMapFunction):
    """Says what its context says, and counts."""

    def open(self, runtime_context: Any) -> None:
        context = self.context = runtime_context
        self.said = [
            context.get_task_name(),
            context.get_task_name_with_subtasks(),
            str(context.get_number_of_parallel_subtasks()),
            str(context.get_max_number_of_parallel_subtasks()),
            str(context.get_index_of_this_subtask()),
            str(context.get_attempt_number()),
            context.get_job_parameter("a", "none"),
            context.get_job_parameter("b", "none"),
        ]
        group = context.get_metrics_group()
        self.counter = group.counter("rows")
        group.gauge("answer", lambda: 42)
        group.gauge("broken", lambda: 1 // 0)
        self.meter = group.add_group("inner").meter("speed")
        self.sizes = group.add_group("kind", "sizes").distribution("size")

    def flat_map(self, value: int) -> Iterator[str]:
        self.counter.inc()
        self.meter.mark_event(2)
        self.sizes.update(value)
        yield from self.said

    def close(self) -> None:
        self.counter.inc(1000)


def test_life_of_a_function(worker: Peer) -> None:
    ready = worker.open(
        "BIGINT",
        "STRING",
        [step("flat_map", Life(), "STRING", name="Life of x")],
        subtask=1,
        parallelism=3,
        max_parallelism=64,
        attempt=2,
        config={"pipeline.global-job-parameters": "a:1,c:'x,y'"},
    )
    assert ready.kind == Frame.READY
    said = worker.batch([7], "BIGINT")
    assert said == ["Life of x", "Life of x (2/3)", "3", "64", "1", "2", "1", "none"]
    worker.batch([3], "BIGINT")
    _, metrics = worker.end()
    rate = metrics.pop("Life of x.inner.speed.rate")
    assert 0 <= rate <= 4
    assert metrics == {
        "Life of x.rows": 1002,
        "Life of x.answer": 42,
        "Life of x.inner.speed.count": 4,
        "Life of x.kind.sizes.size.count": 2,
        "Life of x.kind.sizes.size.sum": 10,
        "Life of x.kind.sizes.size.min": 3,
        "Life of x.kind.sizes.size.max": 7,
    }


def test_state_explains_that_it_is_not_there(worker: Peer) -> None:
    class Stateful(MapFunction):
        def open(self, runtime_context: Any) -> None:
            runtime_context.get_state("any")

        def map(self, value: Any) -> Any:
            return value

    error = worker.open("BIGINT", "BIGINT", [step("map", Stateful(), name="S")]).error
    assert (error["kind"], error["operator"]) == ("open", "S")
    assert error["message"] == (
        "This state is only accessible by functions executed on a KeyedStream."
    )


def test_work_can_be_handed_over_in_large_pieces(worker: Peer) -> None:
    worker.open("BYTES", "BYTES", [step("map", lambda b: b * 2, "BYTES")])
    large = bytes(range(256)) * (40 << 10)
    assert worker.batch([large], "BYTES") == [large * 2]
    assert worker.batch([b"x"], "BYTES") == [b"xx"]


# -- failures ------------------------------------------------------------------------------------


def raising(x: int) -> int:
    if x == 3:
        try:
            return 1 // 0
        except ZeroDivisionError as error:
            raise ValueError(f"not {x}") from error
    return x


def test_a_function_that_raises(worker: Peer) -> None:
    steps = [step("map", lambda x: x, "BIGINT", "first"), step("map", raising, "BIGINT", "second")]
    worker.open("BIGINT", "BIGINT", steps)
    worker.send(Frame.BATCH, encode(NUMBERS, "BIGINT"))
    error = worker.read().error
    assert (error["kind"], error["operator"], error["record"]) == ("user", "second", "3")
    assert (error["type"], error["message"]) == ("builtins.ValueError", "not 3")
    trace = error["traceback"]
    assert trace.count("Traceback (most recent call last):") == 2
    assert trace.count("in raising") == 2
    assert "raise ValueError" in trace
    assert "martlet/worker/" not in trace.replace("tests/worker", "")
    exception = pickle.loads(error["exception"])
    assert isinstance(exception, ValueError) and exception.args == ("not 3",)
    assert worker.at_end()


def test_records_are_shortened_and_odd_exceptions_survive(worker: Peer) -> None:
    class Odd(Exception):
        def __init__(self, a: int, b: int) -> None:
            super().__init__("odd")

        def __str__(self) -> str:
            raise RuntimeError

    def fail(x: str) -> str:
        raise Odd(1, 2)

    worker.open("STRING", "STRING", [step("map", fail, "STRING")])
    worker.send(Frame.BATCH, encode(["x" * 10_000], "STRING"))
    error = worker.read().error
    assert error["message"] == "<its str() fails: RuntimeError>"
    assert error["exception"] is None
    assert error["record"] == "'" + "x" * 498 + "…"


def test_sys_exit_in_a_function_is_its_failure(worker: Peer) -> None:
    worker.open("BIGINT", "BIGINT", [step("map", lambda x: sys.exit(3), "BIGINT")])
    worker.send(Frame.BATCH, encode([1], "BIGINT"))
    assert worker.read().error["type"] == "builtins.SystemExit"
    assert worker.at_end()


def test_a_result_that_does_not_fit(worker: Peer) -> None:
    steps = [step("map", lambda x: (x, "a"), PAIR, "wrong")]
    worker.open("BIGINT", PAIR, steps)
    worker.send(Frame.BATCH, encode([1], "BIGINT"))
    error = worker.read().error
    assert (error["kind"], error["operator"], error["record"]) == ("output", "wrong", "(1, 'a')")
    assert error["message"] == "[1]: expected BIGINT, got str 'a'"


def test_a_body_that_cannot_be_read(worker: Peer) -> None:
    worker.open("BIGINT", "BIGINT", [step("map", lambda x: x, "BIGINT", "m")])
    worker.send(Frame.BATCH, b"nonsense")
    error = worker.read().error
    assert (error["kind"], error["operator"]) == ("input", "m")
    assert error["type"] == "martlet._native.DecodeError"


@pytest.mark.parametrize(
    ("kind", "body"), [(Frame.OPEN, b""), (99, b""), (Frame.WATERMARK, b"1234"), (Frame.END, b"1")]
)
def test_frames_that_do_not_belong_here(worker: Peer, kind: int, body: bytes) -> None:
    worker.open("BIGINT", "BIGINT", [step("map", lambda x: x, "BIGINT")])
    worker.send(kind, body)
    error = worker.read().error
    assert (error["kind"], error["operator"]) == ("internal", "the operator")


def test_a_header_that_is_too_large(worker: Peer) -> None:
    worker.open("BIGINT", "BIGINT", [])
    worker.stream.sendall(struct.pack("<IBBHQ", (1 << 30) + 1, Frame.BATCH, 0, 0, 1))
    assert "header is wrong" in worker.read().error["message"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"\x80", b"\xc1", b"\x81\xa1a", pickle.dumps({})])
def test_openings_that_cannot_be_read(worker: Peer, body: bytes) -> None:
    worker.send(Frame.OPEN, body)
    error = worker.read().error
    assert (error["kind"], error["type"]) == ("open", "builtins.ValueError")
    assert worker.at_end()


def test_the_first_frame_must_be_open(worker: Peer) -> None:
    worker.send(Frame.END)
    assert "the first frame is of kind 5, not OPEN" in worker.read().error["message"]


def test_a_module_that_is_not_there(worker: Peer) -> None:
    pickled = b"cno_such_module\nfunction\n."
    error = worker.open("BIGINT", "BIGINT", [step("map", pickled, "BIGINT", "lost")]).error
    assert (error["kind"], error["operator"]) == ("open", "lost")
    assert error["type"] == "builtins.ModuleNotFoundError"
    assert "pass it with env.add_python_file(...)" in error["message"]
    assert "module no_such_module is not importable in the worker" in error["message"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (b"cbuiltins\nno_such_name\n.", "the function cannot be unpickled in the worker"),
        (b"", "EOFError"),
        (5, "a map needs a callable or an object with map(), not int"),
    ],
)
def test_functions_that_cannot_be_used(worker: Peer, function: Any, message: str) -> None:
    error = worker.open("BIGINT", "BIGINT", [step("map", function, "BIGINT", "odd")]).error
    assert (error["kind"], error["operator"]) == ("open", "odd")
    assert message in error["message"]


def test_close_may_fail_the_job(worker: Peer) -> None:
    class Closing(MapFunction):
        def map(self, value: Any) -> Any:
            return value

        def close(self) -> None:
            raise OSError("the file is full")

    worker.open("BIGINT", "BIGINT", [step("map", Closing(), "BIGINT", "c")])
    worker.send(Frame.END)
    error = worker.read().error
    assert (error["kind"], error["operator"], error["message"]) == ("user", "c", "the file is full")


# -- files ---------------------------------------------------------------------------------------


def test_files_archives_and_the_working_directory(worker: Peer, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "on_path_martlet.py").write_text("A = 1")
    (tmp_path / "alone_martlet.py").write_text("B = 2")
    (tmp_path / "beside_martlet.py").write_text("raise RuntimeError('came along')")
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as package:
        package.writestr("zipped_martlet.py", "C = 3")
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as data:
        data.writestr("inner/data.txt", "4")
    work = tmp_path / "work"
    work.mkdir()

    def use(x: int) -> int:
        import importlib
        import importlib.util

        assert importlib.util.find_spec("beside_martlet") is None
        modules = [importlib.import_module(n + "_martlet") for n in ("on_path", "alone", "zipped")]
        with open("renamed/inner/data.txt") as file:
            return modules[0].A + modules[1].B + modules[2].C + int(file.read()) + x

    ready = worker.open(
        "BIGINT",
        "BIGINT",
        [step("map", use, "BIGINT")],
        sys_path=[str(tmp_path / "lib")],
        files=[str(tmp_path / "alone_martlet.py"), str(tmp_path / "package.zip")],
        archives=[[str(tmp_path / "data.zip"), "renamed"]],
        cwd=str(tmp_path),
        work_dir=str(work),
    )
    assert ready.kind == Frame.READY, ready
    assert worker.batch([0], "BIGINT") == [10]
    assert sorted(p.name for p in (work / "archives").iterdir()) == ["renamed"]


def test_what_the_job_brings_comes_before_what_is_installed(worker: Peer, tmp_path: Path) -> None:
    """Files, then requirements, then the client's path as it is; another Python's own come last."""
    for place in ("file", "requirement", "script", "other/site-packages"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "which_martlet.py").write_text(f"PLACE = {place!r}")
    named = tmp_path / "named" / "site-packages"
    named.mkdir(parents=True)

    def path(x: int) -> str:
        import sys

        import which_martlet  # type: ignore[import-not-found]

        return "\n".join([which_martlet.PLACE, *sys.path])

    ready = worker.open(
        "BIGINT",
        "STRING",
        [step("map", path, "STRING")],
        cwd=str(tmp_path),
        files=[str(tmp_path / "file")],
        requirements_path=[str(tmp_path / "requirement")],
        sys_path=[str(named), str(tmp_path / "other/site-packages"), str(tmp_path / "script")],
        config={"python.pythonpath": "named/site-packages"},
    )
    assert ready.kind == Frame.READY, ready
    (text,) = worker.batch([0], "BIGINT")
    place, *paths = text.split("\n")
    assert place == "file"
    assert paths[:4] == [str(tmp_path / p) for p in ("file", "requirement")] + [
        str(named),
        str(tmp_path / "script"),
    ]
    assert paths[-1] == str(tmp_path / "other/site-packages")
    assert len(paths) == len(set(paths))


def test_without_archives_the_directory_is_as_given(worker: Peer, tmp_path: Path) -> None:
    import os

    steps = [step("map", lambda x: os.getcwd(), "STRING")]
    worker.open("BIGINT", "STRING", steps, cwd=str(tmp_path))
    assert worker.batch([0], "BIGINT") == [str(tmp_path)]


def test_the_random_generator_differs_between_workers(worker: Peer, shared_zygote: Any) -> None:
    import random

    second, _, _ = shared_zygote.fork()
    drawn = []
    for peer in (worker, second):
        peer.open("BIGINT", "DOUBLE", [step("map", lambda x: random.random(), "DOUBLE")])
        drawn += peer.batch([1], "BIGINT")
    second.end()
    assert second.at_end()
    shared_zygote.receive()
    assert drawn[0] != drawn[1]


def test_unknown_keys_of_open_are_ignored(worker: Peer) -> None:
    assert worker.open("BIGINT", "BIGINT", [], something_newer=[1]).kind == Frame.READY
    assert opening("INT", "INT", [])
