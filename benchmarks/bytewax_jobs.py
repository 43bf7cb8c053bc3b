#!/usr/bin/env python3
"""The jobs of udf_jobs.py, as far as Bytewax has them, written for Bytewax.

bytewax_jobs.py job JOB ROWS
"""

import sys
import time

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main
from udf_jobs import affine, bump, is_negative, second_is_negative, with_key


class Numbers(DynamicSource):
    def __init__(self, rows):
        self.rows = rows

    def build(self, step_id, worker_index, worker_count):
        return NumbersPartition(self.rows)


class NumbersPartition(StatelessSourcePartition):
    def __init__(self, rows):
        self.rest = range(1, rows + 1)

    def next_batch(self):
        if not self.rest:
            raise StopIteration
        batch, self.rest = self.rest[:4096], self.rest[4096:]
        return batch


class Nowhere(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return NowherePartition()


class NowherePartition(StatelessSinkPartition):
    def write_batch(self, items):
        pass


def add_total(total, value):
    total = (total or 0) + value
    return total, total


def build(job, rows):
    flow = Dataflow("udf")
    stream = op.input("numbers", flow, Numbers(rows))
    if job == "map":
        stream = op.filter("filter", op.map("map", stream, affine), is_negative)
    elif job == "tuple":
        stream = op.map("bump", op.map("with key", stream, with_key), bump)
        stream = op.filter("filter", stream, second_is_negative)
    elif job == "keyed":
        # A key of Bytewax is a string.
        stream = op.map("with key", stream, lambda x: (str(with_key(x)[0]), x))
        stream = op.stateful_map("total", stream, add_total)
        stream = op.filter("filter", stream, second_is_negative)
    else:
        sys.exit(f"there is no job {job} for Bytewax")
    op.output("out", stream, Nowhere())
    return flow


def main():
    flow = build(sys.argv[2], int(sys.argv[3]))
    start = time.perf_counter()
    run_main(flow)
    print(f"SECONDS {time.perf_counter() - start:.6f}")


if __name__ == "__main__":
    main()
