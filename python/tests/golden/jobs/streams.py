# order: any
"""union and the ways to partition: the same records come out, whatever the order."""

from pyflink.common import Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)


def numbers(first, last):
    return env.from_source(
        NumberSequenceSource(first, last), WatermarkStrategy.no_watermarks(), "numbers",
        type_info=Types.LONG(),
    )  # fmt: skip


def show(name, stream):
    stream.map(lambda v: f"{name}: {v}", output_type=Types.STRING()).print()
    env.execute()


show("sequence", numbers(1, 10))
show("one", numbers(7, 7))
show("union", numbers(1, 3).union(numbers(10, 12), numbers(20, 21)))
show(
    "union of typed",
    env.from_collection(["a"], Types.STRING()).union(
        env.from_collection(["b", "c"], Types.STRING())
    ),
)
show("union of keyed", numbers(1, 3).key_by(lambda v: v).union(numbers(4, 5)))
same = numbers(1, 2)
show("union with itself", same.union(same))
show("flat_map", numbers(1, 3).flat_map(lambda v: range(v)))
show("flat_map of nothing", numbers(1, 3).flat_map(lambda v: [] if v == 2 else [v]))
show("filter", numbers(1, 10).filter(lambda v: v % 3 == 0))
tuples = env.from_collection(
    [(1, "a", 2.0), (2, "b", 3.0)], Types.TUPLE([Types.INT(), Types.STRING(), Types.DOUBLE()])
)
show("project", tuples.project(2, 0))
for way in ("rebalance", "rescale", "shuffle", "broadcast", "forward"):
    show(way, getattr(numbers(1, 5), way)())
for way in ("rebalance", "rescale", "shuffle"):
    stream = getattr(numbers(1, 20), way)()
    show(f"{way} to two", stream.map(lambda v: v * 2).set_parallelism(2))
show("broadcast to two", numbers(1, 3).broadcast().map(lambda v: v).set_parallelism(2))
show("partition_custom", numbers(1, 6).partition_custom(lambda k, n: k % n, lambda v: v))
