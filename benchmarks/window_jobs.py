#!/usr/bin/env python3
"""The same job over tumbling windows of a minute, or over windows that slide by a second.

window_jobs.py WINDOWS WORK ROWS    tumbling or sliding; reduce, aggregate or process

Prints `SECONDS s`. A second of event time has 10 000 rows; KEYS=n in the environment says how many
keys share them. Runs on whichever engine provides `pyflink`.
"""

import os
import sys
import time

KEYS = int(os.environ.get("KEYS", "100"))
ROWS_PER_SECOND = 10_000
PANES = 60


def with_key(x):
    return x % KEYS, x


def key_of(pair):
    return pair[0]


def add(a, b):
    return a[0], a[1] + b[1]


def is_negative(value):
    return value[1] < 0


def build(windows, work, rows):
    from pyflink.common import Duration, Time, Types, WatermarkStrategy
    from pyflink.common.watermark_strategy import TimestampAssigner
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.datastream.connectors.number_seq import NumberSequenceSource
    from pyflink.datastream.functions import AggregateFunction, ProcessWindowFunction
    from pyflink.datastream.window import SlidingEventTimeWindows, TumblingEventTimeWindows

    class EventTime(TimestampAssigner):
        def extract_timestamp(self, value, record_timestamp):
            return value * 1000 // ROWS_PER_SECOND

    class Sum(AggregateFunction):
        def create_accumulator(self):
            return 0, 0

        def add(self, value, accumulator):
            return value[0], accumulator[1] + value[1]

        def get_result(self, accumulator):
            return accumulator

        def merge(self, acc_a, acc_b):
            return acc_a[0], acc_a[1] + acc_b[1]

    class Count(ProcessWindowFunction):
        """Does not look at the elements, each of which is in 60 windows: what is measured is how
        they get there."""

        def process(self, key, context, elements):
            return [(key, len(elements))]

    pair = Types.TUPLE([Types.LONG(), Types.LONG()])
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(100))
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    numbers = env.from_source(
        NumberSequenceSource(0, rows - 1),
        WatermarkStrategy.no_watermarks(),
        "numbers",
        type_info=Types.LONG(),
    )
    timed = numbers.assign_timestamps_and_watermarks(strategy.with_timestamp_assigner(EventTime()))
    keyed = timed.map(with_key, output_type=pair).key_by(key_of, key_type=Types.LONG())
    if windows == "tumbling":
        windowed = keyed.window(TumblingEventTimeWindows.of(Time.seconds(PANES)))
    else:
        windowed = keyed.window(SlidingEventTimeWindows.of(Time.seconds(PANES), Time.seconds(1)))
    if work == "reduce":
        results = windowed.reduce(add, output_type=pair)
    elif work == "aggregate":
        results = windowed.aggregate(Sum(), accumulator_type=pair, output_type=pair)
    else:
        results = windowed.process(Count(), output_type=pair)
    results.filter(is_negative).print()
    return env


def main():
    windows, work, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    env = build(windows, work, rows)
    start = time.perf_counter()
    env.execute(f"{windows} {work}")
    print(f"SECONDS {time.perf_counter() - start:.6f}")


if __name__ == "__main__":
    main()
