"""Timers of keyed functions.

With a bounded source and no watermark before its end, all the timers fire at the end. PyFlink
fires them in rounds: all that the watermark reaches, in the order of their time, and only then
those that ``on_timer`` has registered meanwhile, whatever their time is; a timer that ``on_timer``
deletes has been fired already. The order of timers of one time but several keys is that of Flink's
heap, so no job has it in order.

Left out in batch mode: jobs whose timers PyFlink 2.3 fires twice there, or after the state of their
key is gone.
"""

from kit import MAX, MIN, STREAMING, events, job, paced
from pyflink.common import Types
from pyflink.datastream.functions import KeyedProcessFunction
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    ValueStateDescriptor,
)

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
PAIRS = [("a", 10), ("b", 5), ("a", 30), ("b", 20), ("c", 7)]


def keyed(env, values=PAIRS):
    return events(env, values, PAIR).key_by(lambda v: v[0], Types.STRING())


class Tell(KeyedProcessFunction):
    """Tells of each timer; a subclass registers them."""

    def on_timer(self, timestamp, ctx):
        yield ctx.get_current_key(), timestamp


@job()
def one_timer_an_element(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            yield value
            ctx.timer_service().register_event_time_timer(value[1] + 1)

    return keyed(env).process(Function())


@job()
def timers_fire_in_the_order_of_time(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            for t in (70, 20, 50, 10):
                ctx.timer_service().register_event_time_timer(t + value[1])
            return []

    return keyed(env, [("a", 1), ("b", 2), ("c", 3)]).process(Function())


@job()
def timers_of_one_key(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(-value[1])
            ctx.timer_service().register_event_time_timer(value[1])
            return []

    return keyed(env, [("a", i) for i in (5, 3, 9, 1, 7)]).process(Function())


@job(order="any")
def timers_of_one_time_and_several_keys(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(100)
            return []

    return keyed(env, [(k, 1) for k in "hgfedcba"]).process(Function())


@job()
def duplicates_fire_once(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(50)
            ctx.timer_service().register_event_time_timer(50)
            return []

    return keyed(env, [("a", 1), ("a", 2), ("a", 3)]).process(Function())


@job()
def deleted_timers_do_not_fire(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1])
            if value[1] == 30:
                ctx.timer_service().delete_event_time_timer(10)
            return []

    return keyed(env).process(Function())


@job()
def deleting_what_is_not_there(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().delete_event_time_timer(12345)
            ctx.timer_service().register_event_time_timer(value[1])
            ctx.timer_service().delete_processing_time_timer(value[1])
            return []

    return keyed(env).process(Function())


@job()
def deleted_and_registered_again(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            service = ctx.timer_service()
            service.register_event_time_timer(value[1])
            service.delete_event_time_timer(value[1])
            service.register_event_time_timer(value[1] + 1)
            service.delete_event_time_timer(value[1] + 1)
            service.register_event_time_timer(value[1] + 1)
            return []

    return keyed(env).process(Function())


@job()
def a_timer_is_of_its_key(env):
    """b's deletion leaves a's timer of the same time alone."""

    class Function(Tell):
        def process_element(self, value, ctx):
            if value[0] == "a":
                ctx.timer_service().register_event_time_timer(100)
            else:
                ctx.timer_service().delete_event_time_timer(100)
            return []

    return keyed(env, [("a", 1), ("b", 2)]).process(Function())


@job()
def timers_registered_by_timers(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1])
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp
            if timestamp < 50:
                ctx.timer_service().register_event_time_timer(timestamp + 20)

    return keyed(env, [("a", 10), ("a", 35)]).process(Function())


@job()
def timers_in_the_past_registered_by_timers(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.rounds = context.get_state(ValueStateDescriptor("rounds", Types.INT()))

        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1])
            return []

        def on_timer(self, timestamp, ctx):
            rounds = self.rounds.value() or 0
            self.rounds.update(rounds + 1)
            yield ctx.get_current_key(), timestamp, rounds
            if rounds < 3:
                ctx.timer_service().register_event_time_timer(timestamp - 100)

    return keyed(env, [("a", 10)]).process(Function())


@job()
def timers_deleted_by_timers(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            for t in (10, 20, 30):
                ctx.timer_service().register_event_time_timer(t)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp
            if timestamp == 10:
                ctx.timer_service().delete_event_time_timer(20)

    return keyed(env, [("a", 1)]).process(Function())


@job()
def what_on_timer_is_told(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] * 2)
            return []

        def on_timer(self, timestamp, ctx):
            yield (
                timestamp, ctx.timestamp(), ctx.get_current_key(), ctx.time_domain(),
                ctx.timer_service().current_watermark(),
            )  # fmt: skip

    return keyed(env).process(Function())


@job(modes=STREAMING)
def on_timer_reads_and_clears_state(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.seen = context.get_list_state(ListStateDescriptor("seen", Types.LONG()))

        def process_element(self, value, ctx):
            self.seen.add(value[1])
            ctx.timer_service().register_event_time_timer(value[1] + 100)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, list(self.seen)
            self.seen.clear()

    return keyed(env).process(Function())


@job()
def each_key_has_its_state_in_on_timer(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.last = context.get_state(ValueStateDescriptor("last", Types.LONG()))

        def process_element(self, value, ctx):
            self.last.update(value[1])
            ctx.timer_service().register_event_time_timer(1000 + value[1])
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, self.last.value()
            self.last.update(timestamp)

    return keyed(env).process(Function())


@job()
def extreme_times(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            for t in (MAX, 0, -1, MIN + 1, MAX - 1):
                ctx.timer_service().register_event_time_timer(t)
            return []

    return keyed(env, [("a", 1)]).process(Function())


@job()
def timers_without_timestamps(env):
    """At the end of the input, event time is over whether or not there were timestamps."""

    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1])
            yield "element", value[0]

    return (
        env.from_collection(PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())
    )


@job(modes=STREAMING, paced=True)
def timers_between_records(env):
    class Function(Tell):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] + 50)
            yield value

    values = [("a", 100), ("b", 120), ("a", 160), ("b", 300), ("c", 310)]
    return paced(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job(modes=STREAMING, paced=True)
def timers_that_are_late_fire_at_the_next_watermark(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(0)
            yield value

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, ctx.timer_service().current_watermark()

    values = [("a", 100), ("b", 200), ("a", 300)]
    return paced(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job(modes=STREAMING, paced=True)
def timers_deleted_in_time(env):
    """A timer pushed away by each element fires when the key has been silent."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.timer = context.get_state(ValueStateDescriptor("timer", Types.LONG()))
            self.count = context.get_state(ValueStateDescriptor("count", Types.INT()))

        def process_element(self, value, ctx):
            if self.timer.value() is not None:
                ctx.timer_service().delete_event_time_timer(self.timer.value())
            self.timer.update(value[1] + 100)
            ctx.timer_service().register_event_time_timer(value[1] + 100)
            self.count.update((self.count.value() or 0) + 1)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, self.count.value()
            self.count.clear()
            self.timer.clear()

    values = [("a", 0), ("a", 50), ("b", 60), ("a", 100), ("b", 300), ("a", 310), ("c", 900)]
    return paced(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job(modes=STREAMING, paced=True)
def on_timer_sees_the_watermark(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] + 10)
            return []

        def on_timer(self, timestamp, ctx):
            yield timestamp, ctx.timer_service().current_watermark()

    values = [("a", 100), ("a", 105), ("a", 500), ("a", 700)]
    return paced(env, values, PAIR).key_by(lambda v: v[0], Types.STRING()).process(Function())


@job(modes=STREAMING)
def processing_time_timers(env):
    """Those of the past fire; each record waits for its own."""

    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_processing_time_timer(1000 + value[1])
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, ctx.timestamp(), ctx.time_domain()

    # Something that keeps the input open until the timers have fired.
    def wait(value):
        import time

        if value[0] == "wait":
            time.sleep(3)
        return value

    return (
        env.from_collection([("a", 1), ("wait", 9)], PAIR)
        .map(wait, PAIR)
        .key_by(lambda v: "k", Types.STRING())
        .process(Function())
        .filter(lambda v: v[1] == 1001)
    )


@job()
def timers_and_map_state(env):
    """Each timer takes its own entry."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.due = context.get_map_state(
                MapStateDescriptor("due", Types.LONG(), Types.STRING())
            )

        def process_element(self, value, ctx):
            self.due.put(value[1], f"{value[0]}@{value[1]}")
            ctx.timer_service().register_event_time_timer(value[1])
            return []

        def on_timer(self, timestamp, ctx):
            yield self.due.get(timestamp)
            self.due.remove(timestamp)
            if self.due.is_empty():
                yield f"{ctx.get_current_key()} done"

    return keyed(env).process(Function(), Types.STRING())


@job()
def two_operators_with_timers(env):
    class First(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] + 1)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp

    return (
        keyed(env)
        .process(First(), PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(First(), PAIR)
    )


@job(modes=STREAMING)
def many_timers(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.fired = context.get_state(ValueStateDescriptor("fired", Types.LONG()))

        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(value[1] * 7919 % 1009)
            return []

        def on_timer(self, timestamp, ctx):
            fired = self.fired.value()
            if fired is not None and fired >= timestamp:
                yield "out of order"
            self.fired.update(timestamp)
            if timestamp == 1008:
                yield ctx.get_current_key()

    values = [(f"k{i % 3}", i) for i in range(3027)]
    return keyed(env, values).process(Function()).map(lambda v: v, Types.STRING())


@job(order="any", modes=STREAMING)
def an_event_and_a_processing_timer_of_one_time(env):
    class Function(KeyedProcessFunction):
        def process_element(self, value, ctx):
            ctx.timer_service().register_event_time_timer(77)
            ctx.timer_service().register_processing_time_timer(2**53)
            ctx.timer_service().delete_processing_time_timer(2**53)
            return []

        def on_timer(self, timestamp, ctx):
            yield ctx.get_current_key(), timestamp, ctx.time_domain()

    return keyed(env).process(Function())
