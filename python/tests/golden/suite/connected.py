"""Two connected inputs, and unions.

In streaming mode, nothing tells which input comes first: the jobs' results do not depend on it,
or they have it decided by timers at the end.

Left out: timers in batch mode, which PyFlink 2.3 fires after the next key has begun, with the
state of their key gone, and some of them twice.
"""

from kit import STREAMING, events, job
from pyflink.common import Types
from pyflink.datastream.functions import (
    CoFlatMapFunction,
    CoMapFunction,
    CoProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
)
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
LEFT = [("a", 1), ("b", 2), ("a", 3), ("d", 4)]
RIGHT = [("a", 10), ("c", 20), ("b", 30), ("a", 40)]


def first(value):
    return value[0]


def connected(env):
    return env.from_collection(LEFT, PAIR).connect(env.from_collection(RIGHT, PAIR))


def keyed(env):
    return (
        events(env, LEFT, PAIR)
        .connect(events(env, RIGHT, PAIR))
        .key_by(first, first, Types.STRING())
    )


@job(order="any")
def co_map(env):
    class Function(CoMapFunction):
        def map1(self, value):
            return f"left {value}"

        def map2(self, value):
            return f"right {value}"

    return connected(env).map(Function(), Types.STRING())


@job(order="any")
def co_map_drops_none(env):
    class Function(CoMapFunction):
        def map1(self, value):
            return None if value[0] == "a" else value[0]

        def map2(self, value):
            return value[0] if value[0] == "c" else None

    return connected(env).map(Function(), Types.STRING())


@job(order="any")
def co_map_of_different_types(env):
    class Function(CoMapFunction):
        def open(self, context):
            self.sign = -1

        def map1(self, value):
            return value, self.sign

        def map2(self, value):
            return len(value), value

    numbers = env.from_collection([1, 2], Types.INT())
    words = env.from_collection(["one", "three"], Types.STRING())
    return numbers.connect(words).map(Function())


@job(order="any")
def co_flat_map(env):
    class Function(CoFlatMapFunction):
        def flat_map1(self, value):
            for _ in range(value[1]):
                yield f"left {value[0]}"

        def flat_map2(self, value):
            if value[1] > 15:
                yield f"right {value[0]}"
                yield f"right {value[1]}"

    return connected(env).flat_map(Function(), Types.STRING())


@job(order="any")
def co_process(env):
    class Function(CoProcessFunction):
        def process_element1(self, value, ctx):
            yield "left", value[0], ctx.timestamp()

        def process_element2(self, value, ctx):
            yield "right", value[0], ctx.timestamp()
            yield "right", value[1], ctx.timestamp()

    left, right = events(env, LEFT, PAIR), events(env, RIGHT, PAIR)
    return left.connect(right).process(Function())


@job(order="any")
def co_process_without_timestamps(env):
    class Function(CoProcessFunction):
        def process_element1(self, value, ctx):
            yield ctx.timestamp(), ctx.timer_service().current_watermark()

        def process_element2(self, value, ctx):
            yield ctx.timestamp(), ctx.timer_service().current_watermark()

    return connected(env).process(Function())


@job(order="any")
def keyed_co_map(env):
    class Function(CoMapFunction):
        def map1(self, value):
            return f"left {value}"

        def map2(self, value):
            return f"right {value}" if value[1] != 30 else None

    return keyed(env).map(Function(), Types.STRING())


@job(order="any")
def keyed_co_map_with_state(env):
    class Function(CoMapFunction):
        def open(self, context):
            self.one = context.get_state(ValueStateDescriptor("one", Types.LONG()))
            self.two = context.get_state(ValueStateDescriptor("two", Types.LONG()))

        def map1(self, value):
            self.one.update((self.one.value() or 0) + value[1])
            return f"left {value[0]} {self.one.value()}"

        def map2(self, value):
            self.two.update((self.two.value() or 0) + value[1])
            return f"right {value[0]} {self.two.value()}"

    return keyed(env).map(Function(), Types.STRING())


@job(order="any")
def keyed_co_flat_map(env):
    class Function(CoFlatMapFunction):
        def open(self, context):
            self.count = context.get_list_state(ListStateDescriptor("left", Types.LONG()))

        def flat_map1(self, value):
            self.count.add(value[1])
            yield f"left {value[0]} {list(self.count)}"

        def flat_map2(self, value):
            yield f"right {value[0]}"
            yield f"right {value[1]}"

    return keyed(env).flat_map(Function(), Types.STRING())


class Join(KeyedCoProcessFunction):
    """Keeps both sides, and joins them when the time is over."""

    def open(self, context):
        self.left = context.get_list_state(ListStateDescriptor("left", Types.LONG()))
        self.right = context.get_list_state(ListStateDescriptor("right", Types.LONG()))

    def process_element1(self, value, ctx):
        self.left.add(value[1])
        ctx.timer_service().register_event_time_timer(1000)
        return []

    def process_element2(self, value, ctx):
        self.right.add(value[1])
        ctx.timer_service().register_event_time_timer(1000)
        return []

    def on_timer(self, timestamp, ctx):
        yield ctx.get_current_key(), list(self.left), list(self.right), timestamp


@job(order="any", modes=STREAMING)
def join_at_the_end(env):
    return keyed(env).process(Join())


@job(order="any", modes=STREAMING)
def join_of_keyed_streams(env):
    left = events(env, LEFT, PAIR).key_by(first, Types.STRING())
    right = events(env, RIGHT, PAIR).key_by(first, Types.STRING())
    return left.connect(right).process(Join())


@job(order="any")
def join_whichever_comes_first(env):
    class Function(KeyedCoProcessFunction):
        def open(self, context):
            self.sides = [
                context.get_list_state(ListStateDescriptor(name, Types.LONG()))
                for name in ("left", "right")
            ]

        def process_element1(self, value, ctx):
            self.sides[0].add(value[1])
            for other in self.sides[1]:
                yield value[0], value[1], other

        def process_element2(self, value, ctx):
            self.sides[1].add(value[1])
            for other in self.sides[0]:
                yield value[0], other, value[1]

    return keyed(env).process(Function())


@job(order="any", modes=STREAMING)
def what_keyed_contexts_say(env):
    class Function(KeyedCoProcessFunction):
        def process_element1(self, value, ctx):
            yield "left", ctx.get_current_key(), ctx.timestamp()
            ctx.timer_service().register_event_time_timer(100 + value[1])

        def process_element2(self, value, ctx):
            yield "right", ctx.get_current_key(), ctx.timestamp()

        def on_timer(self, timestamp, ctx):
            yield "timer", ctx.get_current_key(), ctx.timestamp(), timestamp, ctx.time_domain()

    return keyed(env).process(Function())


@job(order="any")
def union_of_three(env):
    streams = [env.from_collection([i, i + 1], Types.INT()) for i in (1, 10, 100)]
    return streams[0].union(*streams[1:])


@job(order="any", modes=STREAMING)
def union_then_key(env):
    class Total(KeyedProcessFunction):
        def open(self, context):
            self.total = context.get_state(ValueStateDescriptor("total", Types.LONG()))

        def process_element(self, value, ctx):
            self.total.update((self.total.value() or 0) + value[1])
            ctx.timer_service().register_event_time_timer(1000)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), self.total.value()

    return (
        events(env, LEFT, PAIR)
        .union(events(env, RIGHT, PAIR))
        .key_by(first, Types.STRING())
        .process(Total())
    )


@job(order="any")
def union_of_one_with_itself(env):
    stream = env.from_collection([1, 2], Types.INT())
    return stream.union(stream)


@job(order="any")
def connect_one_with_itself(env):
    class Function(CoMapFunction):
        def map1(self, value):
            return value

        def map2(self, value):
            return -value

    stream = env.from_collection([1, 2], Types.INT())
    return stream.connect(stream).map(Function(), Types.INT())


@job()
def wrong_functions(env):
    told = []
    for build in (
        lambda: connected(env).map(lambda v: v),
        lambda: connected(env).flat_map(lambda v: v),
        lambda: connected(env).process(lambda v: v),
        lambda: keyed(env).map(lambda v: v),
    ):
        try:
            build()
            told.append("no error")
        except TypeError as error:
            told.append(str(error))
    return told


@job(fails="right went wrong")
def the_second_input_fails(env):
    class Function(CoMapFunction):
        def map1(self, value):
            return value

        def map2(self, value):
            raise ValueError("right went wrong")

    return connected(env).map(Function())
