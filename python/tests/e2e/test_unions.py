"""Streams that come together: what their rows carry differs, and must not matter."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Types, WatermarkStrategy
from martlet.datastream import DataStream, StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat
from martlet.testing import collect
from martlet.util.exceptions import ValidationError

COUNT = 5000


def numbers(env: StreamExecutionEnvironment, first: int = 0) -> DataStream:
    return env.from_collection(list(range(first, first + COUNT)), Types.LONG())


@pytest.mark.parametrize("parallelism", [1, 2, 4])
@pytest.mark.parametrize("order", ["keyed first", "keyed last"])
def test_a_keyed_stream_and_another(
    env: StreamExecutionEnvironment, parallelism: int, order: str
) -> None:
    env.set_parallelism(parallelism)
    keyed = numbers(env).key_by(lambda x: str(x % 7), Types.STRING())
    plain = numbers(env, COUNT)
    streams: list[Any] = [keyed, plain] if order == "keyed first" else [plain, keyed]
    result = streams[0].union(streams[1]).map(lambda x: x + 1, Types.LONG())
    assert sorted(collect(result)) == list(range(1, 2 * COUNT + 1))


@pytest.mark.parametrize("parallelism", [1, 3])
def test_streams_with_keys_of_different_types(
    env: StreamExecutionEnvironment, parallelism: int
) -> None:
    env.set_parallelism(parallelism)
    by_text = numbers(env).key_by(lambda x: str(x), Types.STRING())
    by_number = numbers(env, COUNT).key_by(lambda x: x % 5, Types.LONG())
    chosen = numbers(env, 2 * COUNT).partition_custom(lambda key, n: key % n, lambda x: x)
    together = by_text.union(by_number, chosen)
    result = together.filter(lambda x: True).key_by(lambda x: x % 3).reduce(lambda a, b: a + b)
    totals = [sum(x for x in range(3 * COUNT) if x % 3 == rest) for rest in range(3)]
    assert set(totals) <= set(collect(result))


def test_one_keyed_stream_for_two_consumers(env: StreamExecutionEnvironment) -> None:
    env.set_parallelism(2)
    keyed = numbers(env).key_by(lambda x: x % 10)
    sums = keyed.reduce(lambda a, b: a + b).map(lambda x: -x, Types.LONG())
    plain = keyed.map(lambda x: x, Types.LONG())
    values = list(collect(sums.union(plain)))
    assert sorted(x for x in values if x > 0) == list(range(1, COUNT))
    assert len(values) == 2 * COUNT


def test_long_lines_reach_a_busy_worker(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    """The first takes its time, so that the others wait for it, and there are many."""
    path = tmp_path / "long.txt"
    with path.open("w") as file:
        for _ in range(100):
            file.write("x" * (1 << 20) + "\n")

    def measure(line: str) -> int:
        time.sleep(0.002)
        return len(line)

    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(path)).build()
    lines = env.from_source(source, WatermarkStrategy.no_watermarks(), "lines")
    assert list(collect(lines.map(measure, Types.LONG()))) == [1 << 20] * 100


def test_forwarding_keeps_the_parallelism(env: StreamExecutionEnvironment) -> None:
    env.set_parallelism(2)
    numbers(env).map(lambda x: x, Types.LONG()).forward().map(lambda x: x).set_parallelism(
        4
    ).print()
    with pytest.raises(ValidationError, match="Forward partitioning does not allow change"):
        env.execute()
