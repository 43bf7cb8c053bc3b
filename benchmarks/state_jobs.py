#!/usr/bin/env python3
"""Jobs whose cost is their state.

state_jobs.py uniform ROWS KEYS BYTES   a ValueState of so many bytes for each key, read and set
state_jobs.py skewed ROWS KEYS BYTES    when all keys are there, 9 of 10 rows are of 1 key in 40
state_jobs.py map ROWS ENTRIES          a MapState with so many entries under one key, likewise

Prints `SECONDS s` and, of the accesses alone, `ACCESS s`. KEY=VALUE behind the numbers is a
setting.
"""

import sys
import time
from collections import Counter

from pyflink.common import Configuration, Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.functions import KeyedProcessFunction
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

#: A prime: multiples of it visit all keys in an order that no cache likes.
STRIDE = 1_000_003
#: Of so many rows at the end, the result is looked at.
CHECKED = 1000


def uniform_key(x, keys):
    return x * STRIDE % keys


def skewed_key(x, keys):
    return x * STRIDE % (keys if x <= keys or x % 10 == 0 else keys // 40)


KEYS = {"uniform": uniform_key, "skewed": skewed_key}


def values(rows, keys, size, key):
    class Values(KeyedProcessFunction):
        def open(self, runtime_context):
            self.payload = runtime_context.get_state(
                ValueStateDescriptor("payload", Types.PRIMITIVE_ARRAY(Types.BYTE()))
            )

        def process_element(self, value, ctx):
            before = self.payload.value()
            count = 1 if before is None else int.from_bytes(before[:8], "little") + 1
            self.payload.update(count.to_bytes(8, "little") + bytes(size - 8))
            if value > rows - CHECKED:
                yield count

    return Values(), lambda x: key(x, keys), rows


def entries(rows, size):
    class Entries(KeyedProcessFunction):
        def open(self, runtime_context):
            self.entries = runtime_context.get_map_state(
                MapStateDescriptor("entries", Types.LONG(), Types.LONG())
            )
            self.started = None

        def process_element(self, value, ctx):
            if value <= size:  # builds the map
                self.entries.put(value, 0)
                return
            if self.started is None:
                self.started = time.perf_counter()
            key = value * STRIDE % size + 1
            self.entries.put(key, self.entries.get(key) + 1)
            if value == size + rows:
                print(f"ACCESS {time.perf_counter() - self.started:.6f}", flush=True)
                yield value

    return Entries(), lambda x: 0, rows + size


def main():
    job, *arguments = sys.argv[1:]
    numbers = [int(text) for text in arguments if "=" not in text]
    configuration = Configuration()
    for text in arguments:
        if "=" in text:
            configuration.set_string(*text.split("=", 1))
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(1)
    if job == "map":
        function, key, rows = entries(*numbers)
    else:
        function, key, rows = values(*numbers, KEYS[job])
    result = (
        env.from_source(
            NumberSequenceSource(1, rows),
            WatermarkStrategy.no_watermarks(),
            "numbers",
            type_info=Types.LONG(),
        )
        .key_by(key, key_type=Types.LONG())
        .process(function, Types.LONG())
    )
    start = time.perf_counter()
    with result.execute_and_collect() as collected:
        found = list(collected)
    print(f"SECONDS {time.perf_counter() - start:.6f}")
    if job != "map":
        counts = Counter()
        for x in range(1, rows + 1):
            counts[key(x)] += 1
            if x > rows - CHECKED and counts[key(x)] != found[x - rows - 1]:
                sys.exit(f"the count of key {key(x)} is wrong")


if __name__ == "__main__":
    main()
