"""Timestamps and watermark strategies."""

from kit import STREAMING, At, events, job, paced
from pyflink.common import Duration, Row, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream.functions import KeyedProcessFunction, ProcessFunction

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
PAIRS = [("a", 10), ("b", 5), ("a", 30), ("b", 20)]


class Tell(ProcessFunction):
    def process_element(self, value, ctx):
        yield value, ctx.timestamp()


class TellTimer(KeyedProcessFunction):
    def process_element(self, value, ctx):
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 1)
        yield value, ctx.timestamp()

    def on_timer(self, timestamp, ctx):
        yield timestamp


def assigned(env, strategy):
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = env.from_collection(PAIRS, PAIR).assign_timestamps_and_watermarks(strategy)
    env.set_parallelism(parallelism)
    return stream


@job()
def monotonous(env):
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(At(1))
    return assigned(env, strategy).process(Tell())


@job()
def bounded_out_of_orderness(env):
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(5))
    return assigned(env, strategy.with_timestamp_assigner(At(1))).process(Tell())


@job()
def no_watermarks(env):
    strategy = WatermarkStrategy.no_watermarks().with_timestamp_assigner(At(1))
    return assigned(env, strategy).process(Tell())


@job()
def no_watermarks_but_the_last(env):
    strategy = WatermarkStrategy.no_watermarks().with_timestamp_assigner(At(1))
    return assigned(env, strategy).key_by(lambda v: 0, Types.INT()).process(TellTimer())


@job()
def a_strategy_without_an_assigner(env):
    """The timestamps stay what they were."""
    return (
        events(env, PAIRS, PAIR)
        .assign_timestamps_and_watermarks(WatermarkStrategy.for_monotonous_timestamps())
        .process(Tell())
    )


@job()
def what_the_assigner_is_told(env):
    class Assigner(TimestampAssigner):
        def extract_timestamp(self, value, record_timestamp):
            return 7 if record_timestamp < 0 else record_timestamp + 1000

    first = assigned(env, WatermarkStrategy.no_watermarks().with_timestamp_assigner(Assigner()))
    second = first.assign_timestamps_and_watermarks(
        WatermarkStrategy.no_watermarks().with_timestamp_assigner(Assigner())
    )
    return [first.process(Tell()), second.process(Tell())]


@job()
def assigned_twice(env):
    class Negative(TimestampAssigner):
        def extract_timestamp(self, value, record_timestamp):
            return -record_timestamp

    return (
        events(env, PAIRS, PAIR)
        .assign_timestamps_and_watermarks(
            WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Negative())
        )
        .process(Tell())
    )


@job()
def timestamps_of_rows_by_name(env):
    class ByName(TimestampAssigner):
        def extract_timestamp(self, value, record_timestamp):
            return value.at

    rows = Types.ROW_NAMED(["id", "at"], [Types.INT(), Types.LONG()])
    return (
        env.from_collection([Row(1, 100), Row(2, 50)], rows)
        .assign_timestamps_and_watermarks(
            WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(ByName())
        )
        .process(Tell())
    )


@job()
def the_type_stays(env):
    typed = events(env, PAIRS, PAIR)
    untyped = events(env, PAIRS)
    return [repr(typed.get_type()), repr(untyped.get_type())]


@job()
def untyped_values(env):
    return events(env, [("a", 3), ("b", 1)]).process(Tell())


@job()
def strategies_with_idleness(env):
    strategy = (
        WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(100))
        .with_idleness(Duration.of_minutes(1))
        .with_timestamp_assigner(At(1))
    )
    return assigned(env, strategy).key_by(lambda v: 0, Types.INT()).process(TellTimer())


@job()
def timestamps_of_a_source(env):
    from pyflink.datastream.connectors.number_seq import NumberSequenceSource

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = env.from_source(
        NumberSequenceSource(1, 3),
        WatermarkStrategy.for_monotonous_timestamps(),
        "numbers",
        Types.LONG(),
    ).process(Tell())
    env.set_parallelism(parallelism)
    return stream


@job()
def timestamps_behind_a_source(env):
    from pyflink.datastream.connectors.number_seq import NumberSequenceSource

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = (
        env.from_source(
            NumberSequenceSource(1, 3), WatermarkStrategy.no_watermarks(), "numbers", Types.LONG()
        )
        .assign_timestamps_and_watermarks(
            WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(At())
        )
        .process(Tell())
    )
    env.set_parallelism(parallelism)
    return stream


@job(fails="no time for that")
def an_assigner_fails(env):
    class Assigner(TimestampAssigner):
        def extract_timestamp(self, value, record_timestamp):
            raise ValueError("no time for that")

    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Assigner())
    return assigned(env, strategy)


@job(modes=STREAMING, paced=True)
def watermarks_pass_stateless_operators(env):
    class Watermark(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timer_service().current_watermark()

    values = [("a", 100), ("b", 300), ("a", 200), ("b", 500)]
    return (
        paced(env, values, PAIR)
        .map(lambda v: (v[0], -v[1]), PAIR)
        .filter(lambda v: True)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Watermark())
    )


@job(modes=STREAMING, paced=True)
def watermarks_pass_a_keyed_operator(env):
    class Watermark(KeyedProcessFunction):
        def process_element(self, value, ctx):
            yield value[0], ctx.timer_service().current_watermark()

    values = [("a", 100), ("b", 300), ("a", 200), ("b", 500)]
    return (
        paced(env, values, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Watermark(), PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Watermark(), PAIR)
    )


@job(modes=STREAMING, paced=True)
def watermarks_go_on_without_records(env):
    """A filter lets no record through, but the watermark."""

    class Timer(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(150)
            yield value

        def on_timer(self, timestamp, ctx):
            yield timestamp, ctx.timer_service().current_watermark()

    values = [("a", 100), ("b", 300), ("b", 500)]
    return (
        paced(env, values, PAIR)
        .filter(lambda v: v[0] == "a")
        .key_by(lambda v: v[0], Types.STRING())
        .process(Timer())
    )
