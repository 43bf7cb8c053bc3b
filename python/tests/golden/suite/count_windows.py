"""Windows that count, and the global window.

A count window that is not full when the input ends emits nothing.

PyFlink has no ``count_window_all``: a stream without keys takes the assigners themselves.
"""

from kit import events, job
from pyflink.common import Types
from pyflink.datastream.functions import (
    AggregateFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)
from pyflink.datastream.state import ValueStateDescriptor
from pyflink.datastream.window import (
    CountSlidingWindowAssigner,
    CountTrigger,
    CountTumblingWindowAssigner,
    CountWindow,
    GlobalWindow,
    GlobalWindows,
    PurgingTrigger,
)

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])
PAIRS = [("a", 1), ("b", 10), ("a", 2), ("a", 3), ("b", 20), ("a", 4), ("c", 9), ("a", 5)]
NUMBERS = [("a", i) for i in range(1, 9)]


def keyed(env, values=PAIRS):
    return env.from_collection(values, PAIR).key_by(lambda v: v[0], Types.STRING())


def add(a, b):
    return a[0], a[1] + b[1]


class Show(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield key, repr(context.window()), [e[1] for e in elements]


class ShowAll(ProcessAllWindowFunction):
    def process(self, context, elements):
        yield repr(context.window()), list(elements)


class Collect(AggregateFunction):
    def create_accumulator(self):
        return []

    def add(self, value, accumulator):
        return [*accumulator, value[1]]

    def get_result(self, accumulator):
        return accumulator

    def merge(self, a, b):
        return a + b


@job()
def tumbling(env):
    return keyed(env).count_window(2).process(Show())


@job()
def tumbling_reduced(env):
    return keyed(env).count_window(2).reduce(add)


@job()
def tumbling_aggregated(env):
    return (
        keyed(env)
        .count_window(2)
        .aggregate(
            Collect(), accumulator_type=Types.LIST(Types.INT()), output_type=Types.LIST(Types.INT())
        )
    )


@job()
def tumbling_applied(env):
    class Function(WindowFunction):
        def apply(self, key, window, inputs):
            yield key, window.id, sum(i[1] for i in inputs)

    return keyed(env).count_window(2).apply(Function())


@job()
def tumbling_of_one(env):
    return keyed(env).count_window(1).process(Show())


@job()
def tumbling_never_full(env):
    return keyed(env).count_window(100).process(Show())


@job()
def sliding(env):
    return keyed(env, NUMBERS).count_window(4, 2).process(Show())


@job()
def sliding_by_one(env):
    return keyed(env, NUMBERS).count_window(3, 1).process(Show())


@job()
def sliding_reduced(env):
    return keyed(env, NUMBERS).count_window(3, 2).reduce(add)


@job()
def sliding_further_than_its_size(env):
    return keyed(env, NUMBERS).count_window(2, 3).process(Show())


@job()
def sliding_with_several_keys(env):
    return keyed(env).count_window(2, 1).process(Show())


@job()
def all_tumbling(env):
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = (
        env.from_collection(PAIRS, PAIR)
        .window_all(CountTumblingWindowAssigner.of(3))
        .process(ShowAll())
    )
    env.set_parallelism(parallelism)
    return stream


@job()
def all_sliding(env):
    return (
        env.from_collection(NUMBERS, PAIR)
        .window_all(CountSlidingWindowAssigner.of(4, 2))
        .process(ShowAll())
    )


@job()
def all_reduced(env):
    return (
        env.from_collection(NUMBERS, PAIR).window_all(CountTumblingWindowAssigner.of(3)).reduce(add)
    )


@job()
def assigners_by_themselves(env):
    return [
        keyed(env).window(CountTumblingWindowAssigner.of(2)).reduce(add),
        keyed(env).window(CountSlidingWindowAssigner.of(2, 1)).reduce(add),
        keyed(env).window(CountTumblingWindowAssigner(3)).process(Show()),
    ]


@job()
def with_a_trigger(env):
    """The trigger may fire before the window is full, and again after it."""
    return (
        keyed(env, NUMBERS)
        .window(CountTumblingWindowAssigner.of(4))
        .trigger(CountTrigger.of(2))
        .process(Show())
    )


@job()
def with_a_purging_trigger(env):
    return (
        keyed(env, NUMBERS)
        .window(CountTumblingWindowAssigner.of(4))
        .trigger(PurgingTrigger.of(CountTrigger.of(2)))
        .process(Show())
    )


@job()
def window_state(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            mine = context.window_state().get_state(ValueStateDescriptor("mine", Types.INT()))
            ours = context.global_state().get_state(ValueStateDescriptor("ours", Types.INT()))
            mine.update((mine.value() or 0) + 1)
            ours.update((ours.value() or 0) + 1)
            yield key, repr(context.window()), mine.value(), ours.value()

    return (
        keyed(env, NUMBERS)
        .window(CountTumblingWindowAssigner.of(4))
        .trigger(CountTrigger.of(2))
        .process(Function())
    )


@job()
def the_global_window_never_fires(env):
    return keyed(env).window(GlobalWindows.create()).process(Show())


@job()
def the_global_window_with_a_count(env):
    return (
        keyed(env, NUMBERS)
        .window(GlobalWindows.create())
        .trigger(CountTrigger.of(3))
        .process(Show())
    )


@job()
def the_global_window_with_a_purging_count(env):
    return (
        keyed(env, NUMBERS)
        .window(GlobalWindows.create())
        .trigger(PurgingTrigger.of(CountTrigger.of(3)))
        .process(Show())
    )


@job()
def the_global_window_reduced(env):
    return keyed(env).window(GlobalWindows.create()).trigger(CountTrigger.of(2)).reduce(add)


@job()
def the_global_window_of_all(env):
    return (
        env.from_collection(NUMBERS, PAIR)
        .window_all(GlobalWindows.create())
        .trigger(PurgingTrigger.of(CountTrigger.of(4)))
        .process(ShowAll())
    )


@job()
def timestamps_do_not_matter(env):
    values = [("a", 50), ("a", 3), ("a", 20), ("a", -7)]
    return (
        events(env, values, Types.TUPLE([Types.STRING(), Types.LONG()]))
        .key_by(lambda v: v[0], Types.STRING())
        .count_window(2)
        .process(Show())
    )


@job()
def windows_as_values(env):
    window, everything = CountWindow(3), GlobalWindow.get()
    return [
        window, window.max_timestamp(), window == CountWindow(3), len({window, CountWindow(3)}),
        everything, everything.max_timestamp(), everything == GlobalWindow(),
        repr(CountTumblingWindowAssigner.of(2)), repr(CountSlidingWindowAssigner.of(2, 1)),
    ]  # fmt: skip
