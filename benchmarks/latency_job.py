#!/usr/bin/env python3
"""A job whose rows carry the time at which they were made.

latency_job.py RATE ROWS [keyed]

The source makes ROWS rows, RATE of them a second; a Python function changes each, or with `keyed` a
KeyedProcessFunction with a ValueState; the sink compares the time in the row with its own. Prints
`SECONDS s`, and `NANOSECONDS p50 p99 p99.9`.
"""

import sys
import time

from martlet.common import Types
from martlet.datastream import DataStream, KeyedProcessFunction, StreamExecutionEnvironment
from martlet.datastream.state import ValueStateDescriptor
from martlet.gateway.handles import StreamHandle


def bump(row):
    return row[0] + 1, row[1]


def bucket(row):
    return row[0] % 1000


class Count(KeyedProcessFunction):
    def open(self, runtime_context):
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value, ctx):
        self.count.update((self.count.value() or 0) + 1)
        yield value


def main():
    rate, rows = int(sys.argv[1]), int(sys.argv[2])
    pair = Types.TUPLE([Types.LONG(), Types.LONG()])
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    # These two are the runtime's, and no part of the API.
    runtime = env._handle
    source = runtime._call("rateLimitedSequence", rate, rows, "timed numbers")
    stream = DataStream(StreamHandle(source, runtime._connection), pair, env)
    if sys.argv[3:] == ["keyed"]:
        result = stream.key_by(bucket, key_type=Types.LONG()).process(Count(), pair)
    else:
        result = stream.map(bump, output_type=pair)
    latencies = result._handle._call("measureLatency")
    start = time.perf_counter()
    env.execute("latency")
    print(f"SECONDS {time.perf_counter() - start:.6f}")
    if latencies.count() != rows:
        sys.exit(f"{latencies.count()} rows arrived of {rows}")
    print("NANOSECONDS", *(latencies.quantileNanoseconds(q) for q in (0.5, 0.99, 0.999)))


if __name__ == "__main__":
    main()
