"""Keyed state in use: several kinds, keys and operators together, and what goes wrong."""

from kit import STREAMING, events, job
from pyflink.common import Types
from pyflink.datastream.functions import (
    AggregateFunction,
    KeyedProcessFunction,
    ReduceFunction,
)
from pyflink.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])
PAIRS = [("a", 1), ("b", 10), ("a", 2), ("c", 100), ("b", 20), ("a", 3), ("a", 4), ("c", 200)]


def keyed(env, values=PAIRS):
    return env.from_collection(values, PAIR).key_by(lambda v: v[0], Types.STRING())


class Add(ReduceFunction):
    def reduce(self, value1, value2):
        return value1 + value2


class Average(AggregateFunction):
    def create_accumulator(self):
        return 0, 0

    def add(self, value, accumulator):
        return accumulator[0] + value, accumulator[1] + 1

    def get_result(self, accumulator):
        return accumulator[0] / accumulator[1]

    def merge(self, a, b):
        return a[0] + b[0], a[1] + b[1]


@job()
def every_kind_at_once(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.value = context.get_state(ValueStateDescriptor("value", Types.INT()))
            self.list = context.get_list_state(ListStateDescriptor("list", Types.INT()))
            self.map = context.get_map_state(MapStateDescriptor("map", Types.INT(), Types.INT()))
            self.sum = context.get_reducing_state(
                ReducingStateDescriptor("sum", Add(), Types.INT())
            )
            self.mean = context.get_aggregating_state(
                AggregatingStateDescriptor("mean", Average(), Types.PICKLED_BYTE_ARRAY())
            )

        def process_element(self, value, ctx):
            n = value[1]
            self.value.update(n)
            self.list.add(n)
            self.map.put(n, n * n)
            self.sum.add(n)
            self.mean.add(n)
            yield (
                value[0], self.value.value(), list(self.list), sorted(self.map.items()),
                self.sum.get(), self.mean.get(),
            )  # fmt: skip

    return keyed(env).process(Function())


@job()
def the_same_name_in_two_operators(env):
    class Function(KeyedProcessFunction):
        def __init__(self, step):
            self.step = step

        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("state", Types.INT()))

        def process_element(self, value, ctx):
            self.state.update((self.state.value() or 0) + self.step)
            yield value[0], self.state.value()

    first = keyed(env).process(Function(1), PAIR)
    return first.key_by(lambda v: v[0], Types.STRING()).process(Function(100), PAIR)


@job()
def two_descriptors_of_one_name(env):
    """The same state under two handles."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.one = context.get_state(ValueStateDescriptor("state", Types.INT()))
            self.other = context.get_state(ValueStateDescriptor("state", Types.INT()))

        def process_element(self, value, ctx):
            self.one.update(value[1])
            yield value[0], self.other.value()

    return keyed(env).process(Function())


@job()
def state_asked_for_while_processing(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.context = context

        def process_element(self, value, ctx):
            name = "even" if value[1] % 2 == 0 else "odd"
            state = self.context.get_state(ValueStateDescriptor(name, Types.INT()))
            state.update((state.value() or 0) + value[1])
            yield value[0], name, state.value()

    return keyed(env).process(Function())


@job()
def many_keys(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("n", Types.INT()))

        def process_element(self, value, ctx):
            self.state.update((self.state.value() or 0) + 1)
            if self.state.value() == 3:
                yield value[0]

    values = [(f"k{i % 2000}", i) for i in range(6000)]
    return (
        keyed(env, values)
        .process(Function(), Types.STRING())
        .map(lambda v: (len(v), 1), Types.TUPLE([Types.INT(), Types.INT()]))
        .key_by(lambda v: v[0], Types.INT())
        .process(Function(), Types.INT())
    )


@job()
def state_in_a_timer(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            if not list(self.state):
                ctx.timer_service().register_event_time_timer(value[1])
            self.state.add(value[1])

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), list(self.state)
            self.state.clear()

    return events(env, PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job(fails="no state today")
def open_fails(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            raise RuntimeError("no state today")

        def process_element(self, value, ctx):
            yield value

    return keyed(env).process(Function())


@job(fails="reduced too much")
def a_reduce_function_fails(env):
    def add(a, b):
        if a + b > 25:
            raise ValueError("reduced too much")
        return a + b

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_reducing_state(
                ReducingStateDescriptor("sum", add, Types.INT())
            )

        def process_element(self, value, ctx):
            self.state.add(value[1])
            yield self.state.get()

    return keyed(env).process(Function())


@job(modes=STREAMING, parallel=False)
def state_behind_state(env):
    """A chain of three operators with state, over different keys."""

    class Count(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("n", Types.INT()))

        def process_element(self, value, ctx):
            self.state.update((self.state.value() or 0) + 1)
            yield value[0], self.state.value()

    return (
        keyed(env)
        .process(Count(), PAIR)
        .key_by(lambda v: v[1], Types.INT())
        .process(Count(), PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .reduce(lambda a, b: (a[0], a[1] * 10 + b[1]))
    )
