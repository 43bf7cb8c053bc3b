"""Windows of time: tumbling, sliding, session, with and without keys, and what they are told.

Windows of several keys that end at one time fire in the order of Flink's heap of timers, so such
jobs are sorted.

Left out: windows of several keys in batch mode, where PyFlink 2.3 hangs (a timer that ``on_timer``
deletes waits for the bundle that it is of); and records that join two sessions which are reduced
or aggregated, for there PyFlink keeps the value of one of the two only.
"""

from kit import STREAMING, events, job, paced
from pyflink.common import Row, Time, Types
from pyflink.datastream.functions import (
    AggregateFunction,
    AllWindowFunction,
    KeyedProcessFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    ReduceFunction,
    WindowFunction,
)
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor
from pyflink.datastream.window import (
    DynamicEventTimeSessionWindows,
    EventTimeSessionWindows,
    SessionWindowTimeGapExtractor,
    SlidingEventTimeWindows,
    TimeWindow,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
ONE_KEY = [("a", 1), ("a", 5), ("a", 12), ("a", 9), ("a", 27), ("a", 20)]
PAIRS = [("a", 1), ("b", 2), ("a", 8), ("b", 15), ("a", 11), ("c", 30), ("a", 29), ("b", 31)]


def keyed(env, values=ONE_KEY):
    return events(env, values, PAIR).key_by(lambda v: v[0], Types.STRING())


def ms(n):
    return Time.milliseconds(n)


def add(a, b):
    return a[0], a[1] + b[1]


class Show(ProcessWindowFunction):
    """The window, and what is in it."""

    def process(self, key, context, elements):
        window = context.window()
        yield key, window.start, window.end, [e[1] for e in elements]


class ShowAll(ProcessAllWindowFunction):
    def process(self, context, elements):
        window = context.window()
        yield window.start, window.end, list(elements)


class Average(AggregateFunction):
    def create_accumulator(self):
        return 0, 0

    def add(self, value, accumulator):
        return accumulator[0] + value[1], accumulator[1] + 1

    def get_result(self, accumulator):
        return accumulator[0] / accumulator[1]

    def merge(self, a, b):
        return a[0] + b[0], a[1] + b[1]


ACCUMULATOR = Types.TUPLE([Types.LONG(), Types.LONG()])


@job()
def tumbling(env):
    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Show())


@job(order="any", modes=STREAMING)
def tumbling_with_several_keys(env):
    return keyed(env, PAIRS).window(TumblingEventTimeWindows.of(ms(10))).process(Show())


@job()
def tumbling_with_an_offset(env):
    return keyed(env).window(TumblingEventTimeWindows.of(ms(10), ms(3))).process(Show())


@job()
def tumbling_with_a_negative_offset(env):
    return keyed(env).window(TumblingEventTimeWindows.of(ms(10), ms(-3))).process(Show())


@job()
def tumbling_before_1970(env):
    values = [("a", -1), ("a", -10), ("a", -11), ("a", 0), ("a", -25)]
    return keyed(env, values).window(TumblingEventTimeWindows.of(ms(10))).process(Show())


@job()
def tumbling_with_an_offset_before_1970(env):
    values = [("a", -1), ("a", -10), ("a", -11), ("a", 0), ("a", -25)]
    return keyed(env, values).window(TumblingEventTimeWindows.of(ms(10), ms(4))).process(Show())


@job()
def tumbling_at_the_edges(env):
    values = [("a", 0), ("a", 9), ("a", 10), ("a", 19), ("a", 20)]
    return keyed(env, values).window(TumblingEventTimeWindows.of(ms(10))).process(Show())


@job()
def tumbling_by_days(env):
    day = 24 * 3600 * 1000
    values = [("a", 5 * day), ("a", 6 * day - 1), ("a", 6 * day)]
    return [
        keyed(env, values).window(TumblingEventTimeWindows.of(Time.days(1))).process(Show()),
        keyed(env, values)
        .window(TumblingEventTimeWindows.of(Time.days(1), Time.hours(-8)))
        .process(Show()),
    ]


@job()
def sliding(env):
    return keyed(env).window(SlidingEventTimeWindows.of(ms(10), ms(5))).process(Show())


@job()
def sliding_with_an_offset(env):
    return keyed(env).window(SlidingEventTimeWindows.of(ms(10), ms(5), ms(2))).process(Show())


@job()
def sliding_further_than_its_size(env):
    """Some records are in no window."""
    return keyed(env).window(SlidingEventTimeWindows.of(ms(5), ms(10))).process(Show())


@job()
def sliding_by_an_uneven_step(env):
    return keyed(env).window(SlidingEventTimeWindows.of(ms(10), ms(4))).process(Show())


@job()
def sliding_before_1970(env):
    values = [("a", -1), ("a", -6), ("a", 2)]
    return keyed(env, values).window(SlidingEventTimeWindows.of(ms(10), ms(5))).process(Show())


@job(order="any", modes=STREAMING)
def sliding_with_several_keys(env):
    return keyed(env, PAIRS).window(SlidingEventTimeWindows.of(ms(20), ms(10))).reduce(add)


@job()
def session(env):
    """The order of what windows have been merged is not told."""
    values = [("a", 1), ("a", 5), ("a", 20), ("a", 12), ("a", 50), ("a", 45), ("a", 100)]
    return (
        keyed(env, values)
        .window(EventTimeSessionWindows.with_gap(ms(10)))
        .process(Show())
        .map(lambda v: (*v[:3], sorted(v[3])))
    )


@job()
def session_at_the_edge_of_the_gap(env):
    """Windows that only touch are merged."""
    values = [("a", 0), ("a", 10), ("a", 21), ("a", 32)]
    return keyed(env, values).window(EventTimeSessionWindows.with_gap(ms(10))).process(Show())


@job()
def session_reduced(env):
    values = [("a", 0), ("a", 8), ("a", 16), ("a", 40), ("a", 34), ("a", 28)]
    return (
        keyed(env, values)
        .window(EventTimeSessionWindows.with_gap(ms(10)))
        .reduce(add, Sum(), Types.STRING())
    )


class Sum(ProcessWindowFunction):
    def process(self, key, context, elements):
        for element in elements:
            yield f"{key} {context.window()} {element}"


@job(order="any", modes=STREAMING)
def session_with_several_keys(env):
    return keyed(env, PAIRS).window(EventTimeSessionWindows.with_gap(ms(5))).process(Show())


@job()
def session_before_1970(env):
    values = [("a", -20), ("a", -5), ("a", 3), ("a", -30)]
    return keyed(env, values).window(EventTimeSessionWindows.with_gap(ms(10))).process(Show())


class Gap(SessionWindowTimeGapExtractor):
    def extract(self, element):
        return 20 if element[1] < 50 else 5


@job()
def session_with_a_dynamic_gap(env):
    values = [("a", 1), ("a", 15), ("a", 60), ("a", 64), ("a", 70)]
    return [
        keyed(env, values).window(EventTimeSessionWindows.with_dynamic_gap(Gap())).process(Show()),
        keyed(env, values)
        .window(DynamicEventTimeSessionWindows.with_dynamic_gap(Gap()))
        .process(Show()),
    ]


@job()
def session_aggregated(env):
    values = [("a", 2), ("a", 8), ("a", 16), ("a", 40), ("a", 34), ("a", 28)]
    return (
        keyed(env, values)
        .window(EventTimeSessionWindows.with_gap(ms(10)))
        .aggregate(Average(), accumulator_type=ACCUMULATOR, output_type=Types.DOUBLE())
    )


@job(modes=STREAMING, paced=True)
def windows_fire_as_the_time_passes(env):
    values = [("a", 1), ("a", 5), ("b", 12), ("a", 13), ("b", 25), ("a", 47)]
    return (
        paced(env, values, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .window(TumblingEventTimeWindows.of(ms(10)))
        .process(Show())
    )


@job(modes=STREAMING, paced=True)
def sessions_fire_as_the_time_passes(env):
    values = [("a", 100), ("a", 105), ("b", 130), ("a", 131), ("a", 136), ("b", 180)]
    return (
        paced(env, values, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .window(EventTimeSessionWindows.with_gap(ms(10)))
        .process(Show())
    )


@job()
def reduced(env):
    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).reduce(add)


@job()
def reduced_by_a_function(env):
    class Function(ReduceFunction):
        def reduce(self, value1, value2):
            return value1[0] + value2[0], max(value1[1], value2[1])

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).reduce(Function(), None, PAIR)


@job()
def reduced_then_processed(env):
    return (
        keyed(env).window(TumblingEventTimeWindows.of(ms(10))).reduce(add, window_function=Show())
    )


@job()
def reduced_then_applied(env):
    class Function(WindowFunction):
        def apply(self, key, window, inputs):
            yield key, window.max_timestamp(), list(inputs)

    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .reduce(add, window_function=Function())
    )


@job()
def aggregated(env):
    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .aggregate(Average(), accumulator_type=ACCUMULATOR, output_type=Types.DOUBLE())
    )


@job()
def aggregated_without_types(env):
    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).aggregate(Average())


@job()
def aggregated_then_processed(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            yield key, context.window().start, list(elements)

    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .aggregate(Average(), window_function=Function(), accumulator_type=ACCUMULATOR)
    )


@job()
def aggregated_then_applied(env):
    class Function(WindowFunction):
        def apply(self, key, window, inputs):
            for i in inputs:
                yield f"{key}@{window.end}={i}"

    return (
        keyed(env)
        .window(SlidingEventTimeWindows.of(ms(20), ms(10)))
        .aggregate(
            Average(),
            window_function=Function(),
            accumulator_type=ACCUMULATOR,
            output_type=Types.STRING(),
        )
    )


@job()
def applied(env):
    class Function(WindowFunction):
        def open(self, context):
            self.name = "window"

        def apply(self, key, window, inputs):
            yield self.name, key, window.start, window.end, sum(i[1] for i in inputs)
            yield self.name, repr(window)

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).apply(Function())


@job()
def processed_into_rows(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            yield Row(key=key, n=len(list(elements)))

    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .process(Function(), Types.ROW_NAMED(["key", "n"], [Types.STRING(), Types.INT()]))
    )


@job()
def processed_into_nothing(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            if context.window().start == 10:
                yield "ten"

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Function())


@job()
def what_a_window_is_told(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            yield (
                context.window().start, context.window().max_timestamp(),
                context.current_watermark(), context.current_processing_time() > 10**12,
            )  # fmt: skip

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Function())


@job()
def timestamps_of_what_windows_emit(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .reduce(add)
        .key_by(lambda v: 0, Types.INT())
        .process(Tell())
    )


@job()
def windows_of_windows(env):
    """The second windows see the maximal timestamp of the first."""
    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(10)))
        .reduce(add)
        .key_by(lambda v: v[0], Types.STRING())
        .window(TumblingEventTimeWindows.of(ms(20)))
        .process(Show())
    )


@job(modes=STREAMING)
def global_state_of_windows(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            state = context.global_state().get_state(ValueStateDescriptor("n", Types.INT()))
            state.update((state.value() or 0) + len(list(elements)))
            yield key, context.window().start, state.value()

    return (
        keyed(env, [*ONE_KEY, ("b", 50), ("b", 60)])
        .window(TumblingEventTimeWindows.of(ms(10)))
        .process(Function())
    )


@job()
def window_state_of_windows(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            descriptor = ValueStateDescriptor("n", Types.INT())
            mine = context.window_state().get_state(descriptor)
            mine.update((mine.value() or 0) + len(list(elements)))
            yield key, context.window().start, mine.value()

        def clear(self, context):
            context.window_state().get_state(ValueStateDescriptor("n", Types.INT())).clear()

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Function())


@job()
def window_state_of_sessions(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            try:
                context.window_state().get_state(ValueStateDescriptor("n", Types.INT()))
                yield "state"
            except Exception as error:
                yield str(error)

    return keyed(env).window(EventTimeSessionWindows.with_gap(ms(100))).process(Function())


@job()
def list_state_of_windows(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            everything = context.global_state().get_list_state(
                ListStateDescriptor("all", Types.LONG())
            )
            everything.add_all([e[1] for e in elements])
            yield key, list(everything)

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Function())


@job()
def all_tumbling(env):
    return (
        events(env, PAIRS, PAIR).window_all(TumblingEventTimeWindows.of(ms(10))).process(ShowAll())
    )


@job()
def all_sliding(env):
    return (
        events(env, PAIRS, PAIR)
        .window_all(SlidingEventTimeWindows.of(ms(20), ms(10)))
        .process(ShowAll())
    )


@job()
def all_session(env):
    return (
        events(env, PAIRS, PAIR)
        .window_all(EventTimeSessionWindows.with_gap(ms(5)))
        .process(ShowAll())
    )


@job()
def all_reduced(env):
    stream = events(env, PAIRS, PAIR)
    return [
        stream.window_all(TumblingEventTimeWindows.of(ms(10))).reduce(add),
        stream.window_all(TumblingEventTimeWindows.of(ms(10))).reduce(
            add, window_function=ShowAll()
        ),
    ]


@job()
def all_aggregated(env):
    class Function(AllWindowFunction):
        def apply(self, window, inputs):
            yield window.start, list(inputs)

    stream = events(env, PAIRS, PAIR)
    return [
        stream.window_all(TumblingEventTimeWindows.of(ms(10))).aggregate(
            Average(), accumulator_type=ACCUMULATOR, output_type=Types.DOUBLE()
        ),
        stream.window_all(TumblingEventTimeWindows.of(ms(10))).aggregate(
            Average(), window_function=Function(), accumulator_type=ACCUMULATOR
        ),
    ]


@job()
def all_applied(env):
    class Function(AllWindowFunction):
        def apply(self, window, inputs):
            yield window.start, window.end, sorted(i[0] for i in inputs)

    return (
        events(env, PAIRS, PAIR).window_all(TumblingEventTimeWindows.of(ms(10))).apply(Function())
    )


@job(modes=STREAMING)
def processing_time_windows(env):
    """The windows are long over before the input ends; how many there are is not told."""

    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            window = context.window()
            for element in elements:
                yield element[0], window.end - window.start, window.start % 10

    def wait(value):
        import time

        if value[0] == "wait":
            time.sleep(3)
        return value

    return (
        env.from_collection([("a", 1), ("a", 2), ("wait", 3)], PAIR)
        .map(wait, PAIR)
        .key_by(lambda v: 0, Types.INT())
        .window(TumblingProcessingTimeWindows.of(ms(10)))
        .process(Function())
        .filter(lambda v: v[0] == "a")
    )


@job()
def windows_as_values(env):
    one, two, far = TimeWindow(0, 10), TimeWindow(10, 20), TimeWindow(21, 30)
    return [
        one, one.intersects(two), two.intersects(far), one.cover(far), one == TimeWindow(0, 10),
        one < two, one.max_timestamp(), len({one, TimeWindow(0, 10)}),
        TimeWindow.get_window_start_with_offset(-1, 0, 10),
        TimeWindow.get_window_start_with_offset(7, 3, 10),
    ]  # fmt: skip


@job()
def wrong_parameters(env):
    told = []
    for build in (
        lambda: TumblingEventTimeWindows.of(ms(10), ms(10)),
        lambda: TumblingEventTimeWindows.of(ms(0)),
        lambda: SlidingEventTimeWindows.of(ms(10), ms(5), ms(5)),
        lambda: EventTimeSessionWindows.with_gap(ms(0)),
        lambda: repr(TumblingEventTimeWindows.of(ms(10))),
        lambda: repr(SlidingEventTimeWindows.of(ms(10), ms(5))),
        lambda: repr(EventTimeSessionWindows.with_gap(ms(10))),
    ):
        try:
            told.append(build())
        except Exception as error:
            told.append(str(error))
    return told


@job(fails="the window broke")
def a_window_function_fails(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            raise ValueError("the window broke")

    return keyed(env).window(TumblingEventTimeWindows.of(ms(10))).process(Function())
