#!/usr/bin/env python3
"""The C loop of a Python stage beside the same functions in a bare Python loop, in one process.

    python benchmarks/native_stage.py [--rows N] [--pairs N] [JOB...]

Each job runs in turn with the bare loop, ``--pairs`` times; printed are the median rates and the
median of the ratios, with its extremes. The stage's time includes decoding and encoding its
batches; the bare loop goes over a ``range`` (``words``: a list). Jobs: map, tuple, keyed1000,
keyed1M, words.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable

from martlet._native import Stage, decode, encode
from martlet.worker.loop import GC_THRESHOLDS

BATCH = 4096
clock = time.thread_time  # CPU time: other processes do not count


def affine(x):
    return x * 2 + 1


def negative(x):
    return x < 0


def bump(t):
    return t[0], t[1] + 1


def first(t):
    return t[0]


def add(a, b):
    return a[0], a[1] + b[1]


def second_negative(t):
    return t[1] < 0


def keyed_by(keys: int) -> Callable[[int], tuple[int, int]]:
    def keyed(x):
        return x % keys, x

    return keyed


def words(line):
    return line.split()


def one(word):
    return word, 1


def bare_map(source):
    out = []
    for x in source:
        y = affine(x)
        if negative(y):
            out.append(y)
    return out


def bare_tuple(keys):
    keyed = keyed_by(keys)

    def run(source):
        out = []
        for x in source:
            y = bump(keyed(x))
            if second_negative(y):
                out.append(y)
        return out

    return run


def bare_keyed(keys):
    keyed = keyed_by(keys)

    def run(source):
        out, state = [], {}
        for x in source:
            y = keyed(x)
            k = first(y)
            previous = state.get(k)
            total = y if previous is None else add(previous, y)
            state[k] = total
            if second_negative(total):
                out.append(total)
        return out

    return run


def bare_words(source):
    out, state = [], {}
    for line in source:
        for word in words(line):
            pair = one(word)
            k = first(pair)
            previous = state.get(k)
            state[k] = total = pair if previous is None else add(previous, pair)
            out.append(total)
    return out


PAIR = "TUPLE<BIGINT, BIGINT>"


def keyed_steps(keys):
    return [
        ("map", keyed_by(keys), PAIR),
        ("key_by", first, "BIGINT"),
        ("reduce", add),
        ("filter", second_negative),
    ]


TEXT = "the quick brown fox jumps over the lazy dog and runs away from the other dog".split()

JOBS = {
    "map": (
        "BIGINT",
        "BIGINT",
        [("map", affine, "BIGINT"), ("filter", negative)],
        bare_map,
        lambda n: range(1, n + 1),
    ),
    "tuple": (
        "BIGINT",
        PAIR,
        [("map", keyed_by(1000), PAIR), ("map", bump, PAIR), ("filter", second_negative)],
        bare_tuple(1000),
        lambda n: range(1, n + 1),
    ),
    "keyed1000": (
        "BIGINT",
        PAIR,
        keyed_steps(1000),
        bare_keyed(1000),
        lambda n: range(1, n + 1),
    ),
    "keyed1M": (
        "BIGINT",
        PAIR,
        keyed_steps(1_000_000),
        bare_keyed(1_000_000),
        lambda n: range(1, n + 1),
    ),
    "words": (
        "STRING",
        "TUPLE<STRING, BIGINT>",
        [
            ("flat_map", words, "STRING"),
            ("map", one, "TUPLE<STRING, BIGINT>"),
            ("key_by", first, "STRING"),
            ("reduce", add),
        ],
        bare_words,
        lambda n: [
            " ".join(TEXT[(i * 7 + j) % len(TEXT)] + str(i * j % 100) for j in range(8))
            for i in range(n // 10)
        ],
    ),
}


def measure(job: str, rows: int, pairs: int) -> None:
    source_type, output_type, steps, bare, make = JOBS[job]
    source = make(rows)
    bodies = [encode(source[i : i + BATCH], source_type) for i in range(0, len(source), BATCH)]
    bare_rates, rates = [], []
    expected = given = None
    for _ in range(pairs):
        gc.collect()
        start = clock()
        expected = bare(source)
        bare_rates.append(len(source) / (clock() - start))
        stage = Stage(source_type, output_type, steps, batch_rows=BATCH)
        kept = []
        gc.collect()
        usual = gc.get_threshold()
        gc.set_threshold(*GC_THRESHOLDS)  # as a worker has them
        start = clock()
        for body in bodies:
            kept += stage.process(body)
        rates.append(len(source) / (clock() - start))
        gc.set_threshold(*usual)
        del stage
        given = [v for _, body in kept for v in decode(body, output_type)]
    if given != expected:
        raise SystemExit(f"{job}: the stage gives other results than the bare loop")
    ratios = sorted(r / b for r, b in zip(rates, bare_rates))
    print(
        f"{job:10s} stage {statistics.median(rates):12,.0f} rows/s   "
        f"bare {statistics.median(bare_rates):12,.0f} rows/s   "
        f"ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} … {ratios[-1]:.2f}, {pairs} pairs)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(JOBS))
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    for job in options.jobs or JOBS:
        measure(job, options.rows, options.pairs)


if __name__ == "__main__":
    main()
