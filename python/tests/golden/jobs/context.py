"""open, close, and what the runtime context says."""

from pyflink.common import Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.functions import (
    FilterFunction,
    FlatMapFunction,
    KeySelector,
    MapFunction,
    ReduceFunction,
)  # fmt: skip

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.get_config().set_global_job_parameters({"greeting": "hello", "n": 3})


class Describe(MapFunction):
    def open(self, runtime_context):
        self.context = runtime_context

    def map(self, value):
        c = self.context
        return (
            value, c.get_index_of_this_subtask(), c.get_number_of_parallel_subtasks(),
            c.get_max_number_of_parallel_subtasks(), c.get_attempt_number(),
            c.get_job_parameter("greeting", "?"), c.get_job_parameter("n", "?"),
            c.get_job_parameter("absent", "default"),
        )  # fmt: skip


class Repeat(FlatMapFunction):
    def __init__(self, times):
        self.times = times

    def flat_map(self, value):
        for i in range(self.times):
            yield value, i


class Odd(FilterFunction):
    def open(self, runtime_context):
        self.modulus = 2

    def filter(self, value):
        return value[0] % self.modulus == 1


class First(KeySelector):
    def get_key(self, value):
        return value[0]


class Add(ReduceFunction):
    def reduce(self, value1, value2):
        return value1[0], value1[1] + value2[1]


numbers = env.from_source(NumberSequenceSource(1, 2), WatermarkStrategy.no_watermarks(), "numbers")
numbers.map(Describe()).print()
env.execute()
env.from_collection([1, 2, 3]).flat_map(Repeat(3)).filter(Odd()).key_by(First()).reduce(
    Add()
).print()
env.execute()
print(
    env.from_collection([1]).map(str).get_name(),
    env.from_collection([1]).flat_map(str).get_name(),
    env.from_collection([1]).filter(bool).get_name(),
    env.from_collection([1]).map(str).name("mine").get_name(),
    env.from_collection([(1, 2)]).key_by(First()).sum(1).get_name(),
    env.from_collection([1]).map(str, Types.STRING()).get_type(),
    env.from_collection([1]).map(str).get_type(),
    env.from_collection([(1, 2)], Types.TUPLE([Types.INT(), Types.LONG()])).get_type(),
    env.from_collection([1], Types.INT()).key_by(lambda v: v).sum().get_type(),
)
