"""map, flat_map, filter, reduce and the rolling aggregations of a keyed stream, with state."""

from kit import BATCH, STREAMING, events, job
from pyflink.common import Row, Types
from pyflink.datastream.functions import (
    FilterFunction,
    FlatMapFunction,
    KeySelector,
    MapFunction,
    ReduceFunction,
)
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])
PAIRS = [("a", 3), ("b", 10), ("a", 1), ("c", 100), ("b", 20), ("a", 2), ("a", 3), ("c", 50)]


def keyed(env, values=PAIRS):
    return env.from_collection(values, PAIR).key_by(lambda v: v[0], Types.STRING())


@job()
def map_with_state(env):
    class Total(MapFunction):
        def open(self, context):
            self.total = context.get_state(ValueStateDescriptor("total", Types.INT()))

        def map(self, value):
            self.total.update((self.total.value() or 0) + value[1])
            return value[0], self.total.value()

    return keyed(env).map(Total(), PAIR)


@job()
def map_without_state(env):
    return keyed(env).map(lambda v: v[1] * 2, Types.INT())


@job()
def flat_map_with_state(env):
    class Pairs(FlatMapFunction):
        def open(self, context):
            self.buffer = context.get_list_state(ListStateDescriptor("buffer", Types.INT()))

        def flat_map(self, value):
            self.buffer.add(value[1])
            found = list(self.buffer)
            if len(found) == 2:
                self.buffer.clear()
                yield value[0], found[0]
                yield value[0], found[1]

    return keyed(env).flat_map(Pairs(), PAIR)


@job()
def filter_with_state(env):
    class Once(FilterFunction):
        def open(self, context):
            self.seen = context.get_map_state(
                MapStateDescriptor("seen", Types.INT(), Types.BOOLEAN())
            )

        def filter(self, value):
            if self.seen.contains(value[1]):
                return False
            self.seen.put(value[1], True)
            return True

    return keyed(env).filter(Once())


@job()
def filter_with_a_lambda(env):
    return keyed(env).filter(lambda v: v[1] > 2)


@job()
def map_with_reducing_state(env):
    class Largest(MapFunction):
        def open(self, context):
            self.largest = context.get_reducing_state(
                ReducingStateDescriptor("largest", max, Types.INT())
            )

        def map(self, value):
            self.largest.add(value[1])
            return value[0], self.largest.get()

    return keyed(env).map(Largest(), PAIR)


@job()
def reduce_with_a_lambda(env):
    return keyed(env).reduce(lambda a, b: (a[0], a[1] + b[1]))


@job()
def reduce_with_a_function(env):
    class Add(ReduceFunction):
        def open(self, context):
            self.separator = "+"

        def reduce(self, value1, value2):
            return value1[0] + self.separator + value2[0], value1[1] + value2[1]

    return keyed(env).reduce(Add())


@job()
def reduce_of_rows(env):
    rows = Types.ROW_NAMED(["k", "n"], [Types.STRING(), Types.INT()])
    return (
        env.from_collection([Row("a", 1), Row("b", 2), Row("a", 3)], rows)
        .key_by(lambda v: v.k, Types.STRING())
        .reduce(lambda a, b: Row(a.k, a.n + b.n))
    )


@job()
def reduce_of_untyped_values(env):
    return (
        env.from_collection(["a", "bb", "c", "dd", "eee"])
        .key_by(lambda v: len(v))
        .reduce(lambda a, b: a + b)
    )


@job()
def reduce_of_one_record_a_key(env):
    return keyed(env, [("x", 1), ("y", 2)]).reduce(lambda a, b: 1 / 0)


@job(parallel=False)
def reduce_twice(env):
    return (
        keyed(env)
        .reduce(lambda a, b: (a[0], a[1] + b[1]))
        .key_by(lambda v: v[1] % 2, Types.INT())
        .reduce(lambda a, b: (b[0], a[1] + b[1]))
    )


@job()
def rolling_aggregations(env):
    return [
        keyed(env).sum(1), keyed(env).min(1), keyed(env).max(1),
        keyed(env).min_by(1), keyed(env).max_by(1),
    ]  # fmt: skip


@job()
def rolling_aggregations_of_triples(env):
    triples = [("a", 3, "x"), ("a", 1, "y"), ("a", 1, "z"), ("a", 3, "w"), ("b", 9, "v")]
    type_info = Types.TUPLE([Types.STRING(), Types.INT(), Types.STRING()])
    stream = env.from_collection(triples, type_info).key_by(lambda v: v[0], Types.STRING())
    return [stream.min(1), stream.max(1), stream.min_by(1), stream.max_by(1)]


@job()
def rolling_aggregations_of_rows(env):
    rows = Types.ROW_NAMED(["k", "n"], [Types.STRING(), Types.INT()])
    stream = env.from_collection([Row("a", 2), Row("a", 1), Row("b", 7), Row("a", 5)], rows).key_by(
        lambda v: v[0], Types.STRING()
    )
    return [stream.sum("n"), stream.min("n"), stream.max("n"), stream.min_by("n"), stream.sum(1)]


@job()
def rolling_aggregations_of_numbers(env):
    stream = env.from_collection([3, 1, 4, 1, 5], Types.INT()).key_by(lambda v: v % 2, Types.INT())
    return [stream.sum(), stream.min(), stream.max()]


@job()
def a_key_selector(env):
    class Length(KeySelector):
        def open(self, context):
            self.opened = True

        def get_key(self, value):
            return len(value)

    return (
        env.from_collection(["a", "bb", "c", "dd"], Types.STRING())
        .key_by(Length(), Types.INT())
        .reduce(lambda a, b: a + b)
    )


@job()
def key_by_twice(env):
    """The last key counts."""
    return (
        env.from_collection(PAIRS, PAIR)
        .key_by(lambda v: 0, Types.INT())
        .key_by(lambda v: v[0], Types.STRING())
        .sum(1)
    )


@job(modes=BATCH)
def batch_keys_are_sorted(env):
    """The records of a key come together, the keys in the order of their serialized form."""
    stream = [(k, i) for i, k in enumerate(["b", "", "aa", "a", "B", "ä", "b", "zzz", "a", "c"])]
    return keyed(env, stream).map(lambda v: v, PAIR)


@job(modes=BATCH)
def batch_integer_keys_are_sorted(env):
    values = [5, -1, 300, 0, 5, -300, 2**31 - 1, 1]
    stream = env.from_collection(values, Types.INT())
    return [
        stream.key_by(lambda v: v, Types.INT()).map(lambda v: v, Types.INT()),
        stream.key_by(lambda v: v, Types.LONG()).map(lambda v: v, Types.INT()),
        stream.key_by(lambda v: v % 2 == 0, Types.BOOLEAN()).map(lambda v: v, Types.INT()),
        stream.key_by(lambda v: (str(v % 3), v % 2), Types.TUPLE([Types.STRING(), Types.INT()]))
        .map(lambda v: v, Types.INT()),
        stream.key_by(lambda v: v / 2, Types.DOUBLE()).map(lambda v: v, Types.INT()),
    ]  # fmt: skip


@job(modes=BATCH)
def batch_untyped_keys(env):
    values = [5, -1, 300, 0, 5, -300, 1, "a", "b", (1, 2)]
    return env.from_collection(values).key_by(lambda v: v).map(lambda v: v)


@job(modes=BATCH)
def batch_records_of_a_key_by_time(env):
    """Within a key, batch mode sorts by timestamp."""
    values = [("b", 30), ("a", 9), ("b", 10), ("a", 1), ("b", 20), ("a", 5)]
    return events(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).map(lambda v: v, PAIR)


@job(modes=STREAMING)
def streaming_keys_come_as_they_come(env):
    return keyed(env).map(lambda v: v, PAIR)


@job()
def what_a_keyed_stream_cannot(env):
    told = []
    stream = keyed(env)
    for build in (
        lambda: stream.shuffle(), lambda: stream.rebalance(), lambda: stream.rescale(),
        lambda: stream.forward(), lambda: stream.broadcast(), lambda: stream.set_parallelism(2),
        lambda: stream.name("n"), lambda: stream.uid("u"), lambda: stream.get_name(),
        lambda: stream.set_max_parallelism(3), lambda: stream.force_non_parallel(),
        lambda: stream.start_new_chain(), lambda: stream.disable_chaining(),
        lambda: stream.slot_sharing_group("g"), lambda: stream.set_buffer_timeout(1),
        lambda: stream.sum(1.5), lambda: stream.partition_custom(lambda k, n: 0, lambda v: v),
    ):  # fmt: skip
        try:
            build()
            told.append("no error")
        except Exception as error:
            told.append(str(error))
    return told


@job()
def names_of_keyed_operations(env):
    stream = keyed(env)
    return [
        stream.map(lambda v: v).get_name(), stream.flat_map(lambda v: [v]).get_name(),
        stream.filter(lambda v: True).get_name(), stream.reduce(lambda a, b: a).get_name(),
        stream.sum(1).get_name(), stream.map(lambda v: v).name("mine").get_name(),
    ]  # fmt: skip


@job(fails="key trouble")
def a_key_selector_fails(env):
    def key(value):
        raise KeyError("key trouble")

    return env.from_collection(PAIRS, PAIR).key_by(key, Types.STRING()).sum(1)


@job(fails="reduce trouble")
def reduce_fails(env):
    def reduce(a, b):
        raise ValueError("reduce trouble")

    return keyed(env).reduce(reduce)
