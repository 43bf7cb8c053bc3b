"""Triggers and assigners, PyFlink's and one's own, allowed lateness, and late records.

Left out: ContinuousProcessingTimeTrigger, whose firings depend on the machine.

Left out: windows of several keys in batch mode, where PyFlink 2.3 hangs (a timer that ``on_timer``
deletes waits for the bundle that it is of).
"""

from kit import STREAMING, events, job, paced
from pyflink.common import Time, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import ProcessWindowFunction
from pyflink.datastream.state import (
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from pyflink.datastream.window import (
    ContinuousEventTimeTrigger,
    CountTrigger,
    EventTimeSessionWindows,
    EventTimeTrigger,
    GlobalWindows,
    NeverTrigger,
    PurgingTrigger,
    SlidingEventTimeWindows,
    TimeWindow,
    TimeWindowSerializer,
    Trigger,
    TriggerResult,
    TumblingEventTimeWindows,
    WindowAssigner,
)

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
ONE_KEY = [("a", 1), ("a", 5), ("a", 12), ("a", 9), ("a", 27), ("a", 20), ("a", 3)]


def late():
    """A new tag each time: PyFlink cannot pickle a composite type that has been used."""
    return OutputTag("late", Types.TUPLE([Types.STRING(), Types.LONG()]))


def by_key(stream):
    return stream.key_by(lambda v: v[0], Types.STRING())


def keyed(env, values=ONE_KEY):
    return by_key(events(env, values, PAIR))


def ms(n):
    return Time.milliseconds(n)


def ten():
    return TumblingEventTimeWindows.of(ms(10))


def add(a, b):
    return a[0], a[1] + b[1]


class Show(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield key, repr(context.window()), [e[1] for e in elements]


class ShowSorted(ProcessWindowFunction):
    """For sessions: the order of what merged windows hold is not told."""

    def process(self, key, context, elements):
        yield key, repr(context.window()), sorted(e[1] for e in elements)


@job()
def event_time_trigger(env):
    return keyed(env).window(ten()).trigger(EventTimeTrigger.create()).process(Show())


@job()
def purging_event_time_trigger(env):
    return keyed(env).window(ten()).trigger(PurgingTrigger.of(EventTimeTrigger())).process(Show())


@job()
def count_trigger(env):
    """What is in a window when it ends, but not counted, is lost."""
    return keyed(env).window(ten()).trigger(CountTrigger.of(2)).process(Show())


@job()
def purging_count_trigger(env):
    return keyed(env).window(ten()).trigger(PurgingTrigger.of(CountTrigger.of(2))).process(Show())


@job()
def never_trigger(env):
    return keyed(env).window(ten()).trigger(NeverTrigger()).process(Show())


@job()
def count_trigger_of_sliding_windows(env):
    return (
        keyed(env)
        .window(SlidingEventTimeWindows.of(ms(20), ms(10)))
        .trigger(CountTrigger.of(2))
        .process(Show())
    )


@job()
def count_trigger_of_sessions(env):
    return (
        keyed(env)
        .window(EventTimeSessionWindows.with_gap(ms(6)))
        .trigger(CountTrigger.of(2))
        .process(ShowSorted())
    )


@job()
def purging_count_trigger_of_sessions(env):
    return (
        keyed(env)
        .window(EventTimeSessionWindows.with_gap(ms(6)))
        .trigger(PurgingTrigger.of(CountTrigger.of(2)))
        .reduce(add)
    )


@job(order="any")
def continuous_trigger_at_the_end(env):
    return (
        keyed(env)
        .window(TumblingEventTimeWindows.of(ms(20)))
        .trigger(ContinuousEventTimeTrigger.of(ms(5)))
        .process(Show())
    )


@job(modes=STREAMING, paced=True)
def continuous_trigger(env):
    values = [("a", 1), ("a", 4), ("a", 8), ("a", 13), ("a", 22), ("a", 47)]
    return (
        by_key(paced(env, values, PAIR))
        .window(TumblingEventTimeWindows.of(ms(20)))
        .trigger(ContinuousEventTimeTrigger.of(ms(5)))
        .process(Show())
    )


class AtLarge(Trigger):
    """Fires for each record that is large, and at the end."""

    def on_element(self, element, timestamp, window, ctx):
        ctx.register_event_time_timer(window.max_timestamp())
        return TriggerResult.FIRE if element[1] % 3 == 0 else TriggerResult.CONTINUE

    def on_processing_time(self, time, window, ctx):
        return TriggerResult.CONTINUE

    def on_event_time(self, time, window, ctx):
        return TriggerResult.FIRE_AND_PURGE

    def on_merge(self, window, ctx):
        ctx.register_event_time_timer(window.max_timestamp())

    def can_merge(self):
        return True

    def clear(self, window, ctx):
        ctx.delete_event_time_timer(window.max_timestamp())


@job()
def a_trigger_of_ones_own(env):
    return keyed(env).window(ten()).trigger(AtLarge()).process(Show())


@job()
def a_trigger_of_ones_own_for_sessions(env):
    return (
        keyed(env)
        .window(EventTimeSessionWindows.with_gap(ms(5)))
        .trigger(AtLarge())
        .process(ShowSorted())
    )


class Purges(AtLarge):
    """Throws the window away at each third record."""

    def on_element(self, element, timestamp, window, ctx):
        ctx.register_event_time_timer(window.max_timestamp())
        state = ctx.get_partitioned_state(ValueStateDescriptor("n", Types.INT()))
        state.update((state.value() or 0) + 1)
        if state.value() == 3:
            state.clear()
            return TriggerResult.PURGE
        return TriggerResult.CONTINUE

    def on_event_time(self, time, window, ctx):
        return TriggerResult.FIRE

    def clear(self, window, ctx):
        ctx.get_partitioned_state(ValueStateDescriptor("n", Types.INT())).clear()
        ctx.delete_event_time_timer(window.max_timestamp())


@job()
def a_trigger_with_state(env):
    values = [("a", i) for i in (1, 2, 3, 4, 11, 12, 13, 21)]
    return keyed(env, values).window(ten()).trigger(Purges()).process(Show())


class SumReaches(Trigger):
    """Fires and purges when the sum of a global window reaches ten."""

    def on_element(self, element, timestamp, window, ctx):
        total = ctx.get_partitioned_state(
            ReducingStateDescriptor("sum", lambda a, b: a + b, Types.LONG())
        )
        total.add(element[1])
        if total.get() >= 10:
            total.clear()
            return TriggerResult.FIRE_AND_PURGE
        return TriggerResult.CONTINUE

    def on_processing_time(self, time, window, ctx):
        return TriggerResult.CONTINUE

    def on_event_time(self, time, window, ctx):
        return TriggerResult.CONTINUE

    def on_merge(self, window, ctx):
        pass

    def clear(self, window, ctx):
        pass


@job()
def a_trigger_of_the_global_window(env):
    return keyed(env).window(GlobalWindows.create()).trigger(SumReaches()).process(Show())


class OnTimer(AtLarge):
    """Fires in the middle of the window and at its end, and tells nothing of records."""

    def on_element(self, element, timestamp, window, ctx):
        ctx.register_event_time_timer(window.start + 5)
        ctx.register_event_time_timer(window.max_timestamp())
        return TriggerResult.CONTINUE

    def on_event_time(self, time, window, ctx):
        return TriggerResult.FIRE


@job()
def a_trigger_with_several_timers(env):
    return keyed(env).window(ten()).trigger(OnTimer()).process(Show())


@job(modes=STREAMING, paced=True)
def a_trigger_with_several_timers_as_time_passes(env):
    values = [("a", 1), ("a", 3), ("a", 6), ("a", 8), ("a", 30)]
    return by_key(paced(env, values, PAIR)).window(ten()).trigger(OnTimer()).process(Show())


class ByLetter(WindowAssigner):
    """Windows whose size depends on the record; none for those with a timestamp of 5."""

    def assign_windows(self, element, timestamp, context):
        if timestamp == 5:
            return []
        size = 10 if element[0] == "a" else 20
        start = timestamp - timestamp % size
        return [TimeWindow(start, start + size), TimeWindow(0, 1000)]

    def get_default_trigger(self, env):
        return EventTimeTrigger.create()

    def get_window_serializer(self):
        return TimeWindowSerializer()

    def is_event_time(self):
        return True


@job(order="any", modes=STREAMING)
def an_assigner_of_ones_own(env):
    values = [("a", 1), ("a", 5), ("b", 12), ("b", 9), ("a", 27), ("b", 25)]
    return keyed(env, values).window(ByLetter()).process(Show())


@job()
def an_assigner_and_a_trigger_of_ones_own(env):
    return keyed(env).window(ByLetter()).trigger(AtLarge()).process(Show())


@job(modes=STREAMING, paced=True)
def late_records_are_dropped(env):
    values = [("a", 1), ("a", 15), ("a", 3), ("a", 18), ("a", 40), ("a", 12), ("a", 38)]
    return by_key(paced(env, values, PAIR)).window(ten()).process(Show())


@job(modes=STREAMING, paced=True)
def late_records_go_aside(env):
    values = [("a", 1), ("a", 15), ("a", 3), ("a", 18), ("a", 40), ("a", 12), ("a", 38)]
    main = (
        by_key(paced(env, values, PAIR)).window(ten()).side_output_late_data(late()).process(Show())
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def allowed_lateness(env):
    """A late record fires its window again, with all that is in it."""
    values = [("a", 1), ("a", 15), ("a", 3), ("a", 18), ("a", 26), ("a", 4), ("a", 12)]
    main = (
        by_key(paced(env, values, PAIR))
        .window(ten())
        .allowed_lateness(10)
        .side_output_late_data(late())
        .process(Show())
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def allowed_lateness_reduced(env):
    values = [("a", 1), ("a", 15), ("a", 3), ("a", 18), ("a", 26), ("a", 4), ("a", 12)]
    main = (
        by_key(paced(env, values, PAIR))
        .window(ten())
        .allowed_lateness(10)
        .side_output_late_data(late())
        .reduce(add)
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def allowed_lateness_with_a_purging_trigger(env):
    values = [("a", 1), ("a", 15), ("a", 3), ("a", 18), ("a", 26), ("a", 4), ("a", 12)]
    return (
        by_key(paced(env, values, PAIR))
        .window(ten())
        .trigger(PurgingTrigger.of(EventTimeTrigger.create()))
        .allowed_lateness(10)
        .process(Show())
    )


@job(modes=STREAMING, paced=True)
def allowed_lateness_of_sessions(env):
    values = [("a", 10), ("a", 15), ("a", 40), ("a", 22), ("a", 80), ("a", 41), ("a", 79)]
    main = (
        by_key(paced(env, values, PAIR))
        .window(EventTimeSessionWindows.with_gap(ms(10)))
        .allowed_lateness(15)
        .side_output_late_data(late())
        .process(ShowSorted())
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def late_records_of_sliding_windows(env):
    """A record is late only if all of its windows are over."""
    values = [("a", 2), ("a", 17), ("a", 8), ("a", 31), ("a", 4), ("a", 22)]
    main = (
        by_key(paced(env, values, PAIR))
        .window(SlidingEventTimeWindows.of(ms(20), ms(10)))
        .side_output_late_data(late())
        .process(Show())
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def late_records_of_all(env):
    from pyflink.datastream.functions import ProcessAllWindowFunction

    class ShowAll(ProcessAllWindowFunction):
        def process(self, context, elements):
            yield context.window().start, [e[1] for e in elements]

    values = [("a", 1), ("b", 15), ("c", 3), ("a", 40)]
    main = (
        paced(env, values, PAIR).window_all(ten()).side_output_late_data(late()).process(ShowAll())
    )
    return [main, main.get_side_output(late())]


@job(modes=STREAMING, paced=True)
def window_state_lives_through_lateness(env):
    class Function(ProcessWindowFunction):
        def process(self, key, context, elements):
            fired = context.window_state().get_state(ValueStateDescriptor("fired", Types.INT()))
            fired.update((fired.value() or 0) + 1)
            yield context.window().start, fired.value(), [e[1] for e in elements]

        def clear(self, context):
            context.window_state().get_state(ValueStateDescriptor("fired", Types.INT())).clear()

    values = [("a", 1), ("a", 15), ("a", 3), ("a", 4), ("a", 26), ("a", 14), ("a", 60)]
    return by_key(paced(env, values, PAIR)).window(ten()).allowed_lateness(10).process(Function())


@job()
def late_side_output_with_nothing_late(env):
    main = keyed(env).window(ten()).side_output_late_data(late()).process(Show())
    return [main, main.get_side_output(late())]


@job()
def results_of_triggers(env):
    return [
        (result.name, result.is_fire(), result.is_purge())
        for result in (
            TriggerResult.CONTINUE,
            TriggerResult.FIRE,
            TriggerResult.PURGE,
            TriggerResult.FIRE_AND_PURGE,
        )
    ] + [CountTrigger.of(2).can_merge(), NeverTrigger().can_merge(), EventTimeTrigger().can_merge()]


@job(fails="no trigger today")
def a_trigger_fails(env):
    class Function(AtLarge):
        def on_element(self, element, timestamp, window, ctx):
            raise ValueError("no trigger today")

    return keyed(env).window(ten()).trigger(Function()).process(Show())
