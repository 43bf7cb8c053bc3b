"""The main job, on a real text and under every schedule."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet.common import Configuration, Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat

#: The King James text, where the package that has it is installed; else a licence.
TEXTS = [
    Path(__file__).parents[3] / ".cache" / "text.txt",
    Path("/usr/share/common-licenses/GPL-3"),
]
SMALL = ["to be or not to be", "that is the question", "or not", "", "be that as it may be"]
SEEDS = int(os.environ.get("MARTLET_TEST_SEEDS", "1000"))


def split(line: str) -> Iterator[str]:
    yield from line.split()


def environment(parallelism: int, **settings: str) -> StreamExecutionEnvironment:
    configuration = Configuration()
    for key, value in settings.items():
        configuration.set_string("martlet." + key.replace("__", ".").replace("_", "-"), value)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(parallelism)
    return env


def counts(lines, parallelism: int) -> Counter[str]:
    pair = Types.TUPLE([Types.STRING(), Types.LONG()])
    stream = (
        lines.flat_map(split, output_type=Types.STRING())
        .map(lambda word: (word, 1), output_type=pair)
        .key_by(lambda t: t[0], key_type=Types.STRING())
        .reduce(lambda a, b: (a[0], a[1] + b[1]))
    )
    found: Counter[str] = Counter()
    updates: Counter[str] = Counter()
    with stream.execute_and_collect() as results:
        for word, count in results:
            found[word] = max(found[word], count)
            updates[word] += 1
    assert updates == found, "each word makes one update: none is lost, none comes twice"
    return found


@pytest.mark.parametrize("runner", ["threads", "single-thread"])
@pytest.mark.parametrize("parallelism", [1, 2, 4])
def test_a_real_text(parallelism: int, runner: str) -> None:
    text = next(path for path in TEXTS if path.exists())
    env = environment(parallelism, runner=runner)
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(text)).build()
    lines = env.from_source(source, WatermarkStrategy.no_watermarks(), "text")
    assert counts(lines, parallelism) == Counter(text.read_text().split())


def test_every_schedule() -> None:
    """A thousand interleavings, each of them repeatable from its seed."""
    expected = Counter(word for line in SMALL for word in line.split())
    for seed in range(SEEDS):
        parallelism = 1 + seed % 3
        env = environment(parallelism, runner="simulation", simulation__seed=str(seed))
        lines = env.from_collection(SMALL, type_info=Types.STRING())
        assert counts(lines, parallelism) == expected, f"seed {seed}"
