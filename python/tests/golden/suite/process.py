"""Process functions: what they emit, and what their contexts say.

Without timestamps, ``ctx.timestamp()`` is what PyFlink says it is, which is not None. The
watermark before the first one is the lowest long.

Left out: a function that emits None without a type, with which PyFlink 2.3 ends in a
NullPointerException; one whose close fails, which goes unnoticed there.
"""

from kit import MAX, STREAMING, events, job, paced
from pyflink.common import Row, Types, WatermarkStrategy
from pyflink.datastream import TimeDomain
from pyflink.datastream.functions import KeyedProcessFunction, ProcessFunction
from pyflink.datastream.state import ValueStateDescriptor

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
PAIRS = [("a", 10), ("b", 5), ("a", 30), ("b", 20), ("c", -7)]


@job()
def process_emits_any_number(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            for i in range(value):
                yield value * 10 + i

    return env.from_collection([2, 0, 3, 1], Types.INT()).process(Function(), Types.INT())


@job()
def process_returns_a_list(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            return [value, value + 1]

    return env.from_collection([1, 5], Types.INT()).process(Function(), Types.INT())


@job()
def process_returns_nothing(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            return None if value == 2 else [value]

    return env.from_collection([1, 2, 3], Types.INT()).process(Function(), Types.INT())


@job()
def process_opens_and_remembers(env):
    class Function(ProcessFunction):
        def open(self, context):
            self.seen = [context.get_index_of_this_subtask()]

        def process_element(self, value, ctx):
            self.seen.append(value)
            yield list(self.seen)

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = env.from_collection([1, 2, 3], Types.INT()).process(Function())
    env.set_parallelism(parallelism)
    return stream


@job()
def timestamp_without_timestamps(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return env.from_collection([1, 2], Types.INT()).process(Function())


@job()
def timestamp_without_timestamps_keyed(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp(), ctx.get_current_key()

    return (
        env.from_collection([1, 2], Types.INT())
        .key_by(lambda v: v, Types.INT())
        .process(Function())
    )


@job()
def watermark_without_timestamps(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timer_service().current_watermark()

    return env.from_collection([1, 2], Types.INT()).process(Function())


@job()
def timestamps_of_elements(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp(), ctx.timer_service().current_watermark()

    return events(env, PAIRS, PAIR).process(Function())


@job()
def timestamps_of_keyed_elements(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield (
                value, ctx.timestamp(), ctx.timer_service().current_watermark(),
                ctx.get_current_key(),
            )  # fmt: skip

    return events(env, PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job()
def timestamps_stay_with_what_is_emitted(env):
    """What is emitted has the timestamp of the element for which it is emitted."""

    class Twice(ProcessFunction):
        def process_element(self, value, ctx):
            yield value[0]
            yield value[0] * 2

    class Tell(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return (
        events(env, PAIRS, PAIR)
        .process(Twice(), Types.STRING())
        .map(lambda v: v.upper(), Types.STRING())
        .filter(lambda v: v != "BB")
        .flat_map(lambda v: [v, v + "!"], Types.STRING())
        .process(Tell())
    )


@job()
def timestamps_survive_key_by_and_rebalance(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return events(env, PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Tell())


@job()
def timestamps_of_what_timers_emit(env):
    class Timer(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] + 1000)
            return []

        def on_timer(self, timestamp, ctx):
            yield f"{ctx.get_current_key()}{timestamp}"

    class Tell(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return (
        events(env, PAIRS, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Timer(), Types.STRING())
        .process(Tell())
    )


@job()
def timestamp_zero_and_negative(env):
    class Tell(ProcessFunction):
        def process_element(self, value, ctx):
            yield value[0], ctx.timestamp()

    return events(env, [("zero", 0), ("minus", -1), ("much", -(10**15))], PAIR).process(Tell())


@job(modes=STREAMING, paced=True)
def watermarks_as_records_pass(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp(), ctx.timer_service().current_watermark()

    values = [("a", 100), ("a", 200), ("a", 150), ("a", 400)]
    return paced(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Tell())


@job(modes=STREAMING, paced=True)
def watermarks_with_an_allowance(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp(), ctx.timer_service().current_watermark()

    values = [("a", 1000), ("a", 2000), ("a", 1500), ("a", 4000)]
    return (
        paced(env, values, PAIR, out_of_order=300)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Tell())
    )


@job()
def keys_of_the_context(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.get_current_key()

    return (
        env.from_collection([1, 2, 3, 4], Types.INT())
        .key_by(lambda v: ("even" if v % 2 == 0 else "odd", v // 3))
        .process(Tell())
    )


@job()
def a_key_that_is_a_row(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.get_current_key(), ctx.get_current_key().name

    return (
        env.from_collection([1, 2], Types.INT())
        .key_by(lambda v: Row(name=f"n{v}"), Types.ROW_NAMED(["name"], [Types.STRING()]))
        .process(Tell())
    )


@job()
def runtime_context_of_a_keyed_function(env):
    class Tell(KeyedProcessFunction):
        def open(self, context):
            self.context = context

        def process_element(self, value, ctx):
            yield value, self.context.get_attempt_number(), self.context.get_job_parameter("x", "-")

    return env.from_collection([1], Types.INT()).key_by(lambda v: v, Types.INT()).process(Tell())


@job()
def timers_need_a_key(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            for what in (
                ctx.timer_service().register_event_time_timer,
                ctx.timer_service().register_processing_time_timer,
                ctx.timer_service().delete_event_time_timer,
                ctx.timer_service().delete_processing_time_timer,
            ):
                try:
                    what(5)
                except Exception as error:
                    yield str(error)

    return env.from_collection([1], Types.INT()).process(Function())


@job()
def state_needs_a_key(env):
    class Function(ProcessFunction):
        def open(self, context):
            try:
                context.get_state(ValueStateDescriptor("v", Types.INT()))
                self.told = "state"
            except Exception as error:
                self.told = str(error)

        def process_element(self, value, ctx):
            yield self.told

    return env.from_collection([1], Types.INT()).process(Function())


@job()
def functions_of_the_wrong_kind(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            yield value

    told = []
    for build in (
        lambda: env.from_collection([1]).key_by(lambda v: v).process(Function()),
        lambda: env.from_collection([1]).key_by(lambda v: v).reduce(5),
        lambda: env.from_collection([1]).key_by(lambda v: v).filter(5),
    ):
        try:
            build()
            told.append("no error")
        except TypeError as error:
            told.append(str(error))
    return told


@job()
def processing_time_is_now(env):
    import time

    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield abs(ctx.timer_service().current_processing_time() - time.time() * 1000) < 60_000

    return (
        env.from_collection([1], Types.INT()).key_by(lambda v: v, Types.INT()).process(Function())
    )


@job()
def a_chain_of_process_functions(env):
    class Add(ProcessFunction):
        def __init__(self, n):
            self.n = n

        def process_element(self, value, ctx):
            yield value + self.n

    stream = env.from_collection([0, 100], Types.INT())
    for n in (1, 2, 3, 4, 5):
        stream = stream.process(Add(n), Types.INT())
    return stream


@job()
def output_types_of_process(env):
    class Function(ProcessFunction):
        def __init__(self, make):
            self.make = make

        def process_element(self, value, ctx):
            yield self.make(value)

    source = env.from_collection([1, 2], Types.INT())
    return [
        source.process(Function(lambda v: (v, str(v)))),
        source.process(Function(lambda v: (v, str(v))), Types.TUPLE([Types.INT(), Types.STRING()])),
        source.process(
            Function(lambda v: Row(v, str(v))), Types.ROW([Types.INT(), Types.STRING()])
        ),
        source.process(
            Function(lambda v: Row(id=v, s=str(v))),
            Types.ROW_NAMED(["id", "s"], [Types.INT(), Types.STRING()]),
        ),
        source.process(Function(lambda v: {"k": v}), Types.MAP(Types.STRING(), Types.INT())),
        source.process(Function(lambda v: [v, v]), Types.LIST(Types.INT())),
    ]


@job()
def time_domains(env):
    return [TimeDomain.EVENT_TIME, TimeDomain.PROCESSING_TIME, TimeDomain.EVENT_TIME.value]


@job(fails="broken at 3")
def process_fails(env):
    class Function(ProcessFunction):
        def process_element(self, value, ctx):
            if value == 3:
                raise ValueError("broken at 3")
            yield value

    return env.from_collection([1, 2, 3, 4], Types.INT()).process(Function(), Types.INT())


@job(fails="the timer broke")
def on_timer_fails(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(MAX)
            yield value

        def on_timer(self, timestamp, ctx):
            raise ValueError("the timer broke")

    return events(env, PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job()
def no_watermarks_at_all(env):
    class Tell(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(5)
            yield value, ctx.timestamp(), ctx.timer_service().current_watermark()

        def on_timer(self, timestamp, ctx):
            yield "timer", timestamp, ctx.timer_service().current_watermark()

    return (
        events(env, PAIRS[:2], PAIR, strategy=WatermarkStrategy.no_watermarks())
        .key_by(lambda v: v[0], Types.STRING())
        .process(Tell())
    )
