"""Side outputs: from elements and from timers, of several types, with several readers and none.

An emitted tuple goes aside if its first field is an OutputTag.
"""

from kit import STREAMING, events, job
from pyflink.common import Row, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import (
    CoProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    ProcessFunction,
)

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
PAIRS = [("a", 10), ("b", 5), ("a", 30), ("b", 20), ("c", 7)]
ODD = OutputTag("odd", Types.INT())
TEXT = OutputTag("text", Types.STRING())


@job()
def odd_and_even(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            if value % 2 == 0:
                yield value
            else:
                yield ODD, value

    main = env.from_collection([1, 2, 3, 4, 5], Types.INT()).process(Split(), Types.INT())
    return [main, main.get_side_output(ODD)]


@job()
def several_tags(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield value
            yield ODD, value * 100
            yield TEXT, f"v{value}"
            if value == 2:
                yield TEXT, "two"

    main = env.from_collection([1, 2, 3], Types.INT()).process(Split(), Types.INT())
    return [main, main.get_side_output(ODD), main.get_side_output(TEXT)]


@job()
def tags_of_many_types(env):
    tags = [
        OutputTag("pickled"),
        OutputTag("tuple", Types.TUPLE([Types.INT(), Types.STRING()])),
        OutputTag("row", Types.ROW([Types.INT(), Types.STRING()])),
        OutputTag("named", Types.ROW_NAMED(["i", "s"], [Types.INT(), Types.STRING()])),
        OutputTag("list", Types.LIST(Types.INT())),
        OutputTag("implicit row", [Types.INT(), Types.STRING()]),
        OutputTag("map", Types.MAP(Types.STRING(), Types.INT())),
    ]

    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield tags[0], {"any": [value]}
            yield tags[1], (value, "t")
            yield tags[2], Row(value, "r")
            yield tags[3], Row(i=value, s="n")
            yield tags[4], [value] * value
            yield tags[5], Row(value, "i")
            yield tags[6], {"k": value}

    main = env.from_collection([1, 2], Types.INT()).process(Split(), Types.INT())
    return [main.get_side_output(tag) for tag in tags]


@job()
def an_unread_tag(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield ODD, value
            yield value

    main = env.from_collection([1, 2], Types.INT()).process(Split(), Types.INT())
    return [main, main.get_side_output(TEXT)]


@job()
def several_readers(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield ODD, value

    main = env.from_collection([1, 2], Types.INT()).process(Split(), Types.INT())
    return [
        main.get_side_output(ODD),
        main.get_side_output(OutputTag("odd", Types.INT())),
        main.get_side_output(ODD).map(lambda v: -v, Types.INT()),
        main,
    ]


@job()
def only_the_side(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield TEXT, str(value)

    main = env.from_collection([1, 2], Types.INT()).process(Split(), Types.INT())
    return main.get_side_output(TEXT)


@job()
def from_a_keyed_function(env):
    class Split(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value
            yield TEXT, f"{ctx.get_current_key()}:{value[1]}"

    main = (
        env.from_collection(PAIRS, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Split(), PAIR)
    )
    return [main, main.get_side_output(TEXT)]


@job()
def from_timers(env):
    class Split(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] + 100)
            yield TEXT, f"element {value[0]}"

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp
            yield TEXT, f"timer {timestamp}"

    main = events(env, PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Split(), PAIR)
    return [main, main.get_side_output(TEXT)]


@job()
def the_side_of_a_side(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            if value > 10:
                yield ODD, value // 10
            else:
                yield value

    first = env.from_collection([1, 55, 555, 2], Types.INT()).process(Split(), Types.INT())
    second = first.get_side_output(ODD).process(Split(), Types.INT())
    return [first, second, second.get_side_output(ODD)]


@job()
def the_side_keeps_timestamps(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield TEXT, value[0]

    class Tell(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return events(env, PAIRS, PAIR).process(Split(), PAIR).get_side_output(TEXT).process(Tell())


@job(order="any", modes=STREAMING)
def the_side_joined_with_the_main(env):
    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield value
            yield ODD, -value

    main = env.from_collection([1, 2, 3], Types.INT()).process(Split(), Types.INT())
    return main.union(main.get_side_output(ODD))


@job()
def keyed_by_behind_a_side(env):
    def pairs():
        # PyFlink cannot pickle a composite type that has been used.
        return OutputTag("pairs", Types.TUPLE([Types.STRING(), Types.LONG()]))

    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            yield pairs(), (value[0].upper(), value[1])

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    side = env.from_collection(PAIRS, PAIR).process(Split(), PAIR).get_side_output(pairs())
    env.set_parallelism(parallelism)
    return side.key_by(lambda v: v[0], Types.STRING()).reduce(lambda a, b: (a[0], a[1] + b[1]))


@job(order="any")
def from_two_inputs(env):
    class Split(CoProcessFunction):
        def process_element1(self, value, ctx):
            yield value
            yield TEXT, f"one {value}"

        def process_element2(self, value, ctx):
            yield -value
            yield TEXT, f"two {value}"

    one = env.from_collection([1, 2], Types.INT())
    two = env.from_collection([3], Types.INT())
    main = one.connect(two).process(Split(), Types.INT())
    return [main, main.get_side_output(TEXT)]


@job(order="any", modes=STREAMING)
def from_two_keyed_inputs(env):
    class Split(KeyedCoProcessFunction):
        def process_element1(self, value, ctx):
            yield TEXT, f"one {value} {ctx.get_current_key()}"

        def process_element2(self, value, ctx):
            yield TEXT, f"two {value} {ctx.get_current_key()}"
            ctx.timer_service().register_event_time_timer(5)

        def on_timer(self, timestamp, ctx):
            yield TEXT, f"timer {timestamp} {ctx.get_current_key()}"

    one = env.from_collection([1, 2], Types.INT())
    two = env.from_collection([3, 4], Types.INT())
    main = (
        one.connect(two)
        .key_by(lambda v: v % 2, lambda v: v % 2, Types.INT())
        .process(Split(), Types.INT())
    )
    return [main, main.get_side_output(TEXT)]


@job()
def what_a_tag_may_be(env):
    told = []
    for build in (
        lambda: OutputTag(""), lambda: OutputTag(None), lambda: OutputTag("a", "int"),
    ):  # fmt: skip
        try:
            build()
            told.append("no error")
        except (TypeError, ValueError) as error:
            told.append((type(error).__name__, str(error)))
    return [*told, OutputTag("x").type_info, OutputTag("y", [Types.INT()]).type_info]


@job()
def a_tag_made_in_the_function(env):
    class Split(ProcessFunction):
        def open(self, context):
            self.tag = OutputTag("odd", Types.INT())

        def process_element(self, value, ctx):
            yield self.tag, value

    main = env.from_collection([1, 2], Types.INT()).process(Split(), Types.INT())
    return main.get_side_output(ODD)
