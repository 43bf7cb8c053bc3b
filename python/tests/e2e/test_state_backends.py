"""Where keyed state is kept: RocksDB as the settings say it, and what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Configuration, Types, WatermarkStrategy
from martlet.datastream import (
    DataStream,
    KeyedProcessFunction,
    RuntimeContext,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
)
from martlet.datastream.connectors.number_seq import NumberSequenceSource
from martlet.datastream.state import ListStateDescriptor, MapStateDescriptor, ValueStateDescriptor
from martlet.testing import collect
from martlet.util.exceptions import ValidationError

PREFIX = "state.backend.rocksdb."
#: As little as there can be.
LITTLE = {"state.backend.type": "rocksdb", PREFIX + "memory.fixed-per-slot": "1 mb"}
#: Nothing stays in the worker from one batch to the next.
FORGETFUL = {"martlet.state.worker-cache": "1 b"}


class Kinds(KeyedProcessFunction):
    """State of each kind; tells all of it at a key's last number."""

    def __init__(self, last: int, directory: str = "") -> None:
        self.last = last
        self.directory = directory

    def open(self, runtime_context: RuntimeContext) -> None:
        long = Types.LONG()
        self.total = runtime_context.get_state(ValueStateDescriptor("total", long))
        self.seen = runtime_context.get_list_state(ListStateDescriptor("seen", long))
        self.counts = runtime_context.get_map_state(MapStateDescriptor("counts", long, long))

    def process_element(self, value: int, ctx: Any) -> Any:
        self.total.update((self.total.value() or 0) + value)
        self.seen.add(value)
        digit = value % 7
        self.counts.put(digit, (self.counts.get(digit) or 0) + 1)
        if value > self.last:
            yield (
                value % 500,
                self.total.value(),
                list(self.seen.get()),
                sorted(self.counts.items()),
                stores_in(self.directory) if self.directory else [],
            )


def stores_in(directory: str) -> list[str]:
    """The stores there, as soon as there is one: a worker does not wait for its store."""
    while not (found := sorted(map(str, Path(directory).glob("*/state-*/CURRENT")))):
        time.sleep(0.01)
    return found


def numbers(
    settings: dict[str, str], rows: int = 20_000, parallelism: int = 1, directory: str = ""
) -> DataStream:
    env = StreamExecutionEnvironment.get_execution_environment(Configuration.from_dict(settings))
    env.set_parallelism(parallelism)
    source = NumberSequenceSource(1, rows)
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "numbers", Types.LONG())
    return stream.key_by(lambda x: x % 500, Types.LONG()).process(Kinds(rows - 500, directory))


def expected(rows: int) -> list[Any]:
    found = []
    for key in range(500):
        values = range(key or 500, rows + 1, 500)
        counts: dict[int, int] = {}
        for value in values:
            counts[value % 7] = counts.get(value % 7, 0) + 1
        found.append((key, sum(values), list(values), sorted(counts.items()), []))
    return found


@pytest.mark.parametrize(
    ("settings", "parallelism"),
    [
        (LITTLE, 1),
        (LITTLE | FORGETFUL, 1),
        (FORGETFUL, 1),
        (LITTLE | FORGETFUL, 3),
        (LITTLE | FORGETFUL | {"martlet.runner": "single-thread"}, 2),
        (LITTLE | FORGETFUL | {"execution.runtime-mode": "BATCH"}, 1),
    ],
    ids=["cached", "rocksdb", "heap", "parallel", "single-thread", "batch"],
)
def test_state_of_all_kinds(settings: dict[str, str], parallelism: int) -> None:
    found = collect(numbers(settings, parallelism=parallelism))
    if parallelism == 1:
        assert sorted(found) == expected(20_000)
        return
    # Several readers: a key's numbers come in any order, and more than one may be the last.
    assert {row[0] for row in found} == set(range(500))


def test_a_store_for_each_instance_and_none_afterwards(tmp_path: Path) -> None:
    """The directories are made, taken in turn, and left empty."""
    places = tmp_path / "made" / "here", tmp_path / "there"
    settings = LITTLE | {PREFIX + "localdir": f"{places[0]},{places[1]}"}
    rows = collect(numbers(settings, parallelism=2, directory=str(places[0])))
    stores = {store for row in rows for store in row[4]}
    assert len(stores) == 1, "of two instances, one is in each directory"
    assert [list(place.iterdir()) for place in places] == [[], []]


def test_a_job_that_fails_leaves_no_store(tmp_path: Path) -> None:
    env = StreamExecutionEnvironment.get_execution_environment(
        Configuration.from_dict(LITTLE | {PREFIX + "localdir": str(tmp_path)})
    )
    stream = env.from_collection([1, 2, 0]).key_by(lambda x: 0).reduce(lambda a, b: a // b)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        collect(stream)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, sys, threading, time
from martlet.common import Configuration
from martlet.datastream import StreamExecutionEnvironment

conf = Configuration()
for setting in sys.argv[1:]:
    conf.set_string(*setting.split("=", 1))
env = StreamExecutionEnvironment.get_execution_environment(conf)
env.set_parallelism(1)

def add(a, b):
    while not (found := os.listdir(conf.get_string("state.backend.rocksdb.localdir", ""))):
        time.sleep(0.01)  # a worker does not wait for its store
    print("RUNS", found, flush=True)
    threading.Event().wait()

env.from_collection([1, 2]).key_by(lambda x: 0).reduce(add).filter(lambda x: False).print()
env.execute()
"""


def test_what_a_killed_runtime_leaves_the_next_job_removes(
    script: Callable[..., subprocess.Popen[str]], processes: Any, tmp_path: Path
) -> None:
    place = tmp_path / "state"
    settings = LITTLE | {PREFIX + "localdir": str(place)}
    with script(KILLED, *(f"{key}={value}" for key, value in settings.items())) as process:
        assert process.stdout is not None
        told = next(line for line in process.stdout if line.startswith("RUNS"))
        assert told.startswith("RUNS ['martlet-job-")
        for pid in processes.descendants(process.pid):
            if b"gateway" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=20)
    (left,) = place.iterdir()
    assert len(collect(numbers(settings, rows=1000))) == 500
    assert not left.exists() and list(place.iterdir()) == []


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = LITTLE | {PREFIX + "localdir": f"{tmp_path}/file/state"}
    with pytest.raises(ValidationError, match=r"localdir' names .*/file/state"):
        collect(numbers(settings))


def test_what_is_no_amount_of_memory() -> None:
    settings = LITTLE | {PREFIX + "memory.fixed-per-slot": "some"}
    with pytest.raises(ValidationError, match="fixed-per-slot' must be an amount of memory"):
        collect(numbers(settings))


def test_checkpoints_are_refused_where_they_would_be_taken() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.enable_checkpointing(10_000)
    env.from_collection([1, 2]).print()
    with pytest.raises(
        ValidationError, match=r"'execution\.checkpointing\.interval' is '10000 ms'"
    ):
        env.execute()
    # What was built is still there, and a batch job takes none in Flink, either.
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    env.execute()
