#!/usr/bin/env python3
"""Jobs whose cost is their Python functions, and the same functions in a plain loop.

udf_jobs.py bare JOB ROWS    the loop, in memory
udf_jobs.py job JOB ROWS     the job, on whichever engine provides `pyflink`

Both print `SECONDS s`. In the environment, KEYS=n sets the number of keys of the keyed jobs, and
PARALLELISM=n the parallelism of a job.
"""

import os
import sys
import time

KEYS = int(os.environ.get("KEYS", "1000"))
PARALLELISM = int(os.environ.get("PARALLELISM", "1"))


def affine(x):
    return x * 2 + 1


def is_negative(x):
    return x < 0


def with_key(x):
    return x % KEYS, x


def bump(pair):
    return pair[0], pair[1] + 1


def key_of(pair):
    return pair[0]


def add(a, b):
    return a[0], a[1] + b[1]


def second_is_negative(pair):
    return pair[1] < 0


def compute(x):
    """Some 20 µs of Python."""
    total = x
    for i in range(400):
        total += i & x
    return total


def bare_map(rows, function=affine):
    out = []
    for x in range(1, rows + 1):
        y = function(x)
        if is_negative(y):
            out.append(y)


def bare_tuple(rows):
    out = []
    for x in range(1, rows + 1):
        pair = bump(with_key(x))
        if second_is_negative(pair):
            out.append(pair)


def bare_keyed(rows):
    out = []
    totals = {}
    for x in range(1, rows + 1):
        pair = with_key(x)
        key = key_of(pair)
        before = totals.get(key)
        total = totals[key] = pair if before is None else add(before, pair)
        if second_is_negative(total):
            out.append(total)


BARE = {
    "map": bare_map,
    "compute": lambda rows: bare_map(rows, compute),
    "tuple": bare_tuple,
    "keyed": bare_keyed,
    "state": bare_keyed,
}


def build(job, rows):
    """Build the job; the functions are those of the loop, and nothing gets past the last filter."""
    from pyflink.common import Types, WatermarkStrategy
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.datastream.connectors.number_seq import NumberSequenceSource

    pair = Types.TUPLE([Types.LONG(), Types.LONG()])
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(PARALLELISM)
    numbers = env.from_source(
        NumberSequenceSource(1, rows),
        WatermarkStrategy.no_watermarks(),
        "numbers",
        type_info=Types.LONG(),
    )
    if job in ("map", "compute"):
        function = affine if job == "map" else compute
        result = numbers.map(function, output_type=Types.LONG()).filter(is_negative)
    elif job == "tuple":
        result = (
            numbers.map(with_key, output_type=pair)
            .map(bump, output_type=pair)
            .filter(second_is_negative)
        )
    else:
        by_key = numbers.map(with_key, output_type=pair).key_by(key_of, key_type=Types.LONG())
        totals = by_key.reduce(add) if job == "keyed" else by_key.process(running_total(), pair)
        result = totals.filter(second_is_negative)
    result.print()
    return env


def running_total():
    from pyflink.common import Types
    from pyflink.datastream.functions import KeyedProcessFunction
    from pyflink.datastream.state import ValueStateDescriptor

    class RunningTotal(KeyedProcessFunction):
        def open(self, runtime_context):
            self.total = runtime_context.get_state(ValueStateDescriptor("total", Types.LONG()))

        def process_element(self, value, ctx):
            total = (self.total.value() or 0) + value[1]
            self.total.update(total)
            if total < 0:
                yield value[0], total

    return RunningTotal()


def main():
    mode, job, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if mode == "bare":
        start = time.perf_counter()
        BARE[job](rows)
    else:
        env = build(job, rows)
        start = time.perf_counter()
        env.execute(job)
    print(f"SECONDS {time.perf_counter() - start:.6f}")


if __name__ == "__main__":
    main()
