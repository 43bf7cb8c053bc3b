"""Broadcast state.

In streaming mode, nothing tells whether a rule or an element comes first, so the jobs either join
each with all that it has met, or read the rules when the time is over. In batch mode, the whole
broadcast side comes first.

Left out: timers in batch mode, which PyFlink 2.3 fires after the next key has begun, with the
state of their key gone.
"""

from kit import BATCH, STREAMING, events, job
from pyflink.common import Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import (
    BroadcastProcessFunction,
    KeyedBroadcastProcessFunction,
)
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    ValueStateDescriptor,
)

PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
ELEMENTS = [("a", 1), ("b", 2), ("a", 3), ("c", 4)]
RULES = [("a", 10), ("b", 20), ("a", 30)]
STATE = MapStateDescriptor("rules", Types.STRING(), Types.LONG())
OTHER = MapStateDescriptor("other", Types.LONG(), Types.STRING())


def rules(env, *descriptors):
    return events(env, RULES, PAIR).broadcast(*(descriptors or (STATE,)))


def keyed(env):
    return events(env, ELEMENTS, PAIR).key_by(lambda v: v[0], Types.STRING())


@job(order="any")
def every_element_meets_every_rule(env):
    class Function(BroadcastProcessFunction):
        def open(self, context):
            self.elements = []

        def process_element(self, value, ctx):
            self.elements.append(value)
            for name, n in ctx.get_broadcast_state(STATE).items():
                yield value, name, n

        def process_broadcast_element(self, value, ctx):
            name = f"{value[0]}{value[1]}"
            ctx.get_broadcast_state(STATE).put(name, value[1])
            for element in self.elements:
                yield element, name, value[1]

    return events(env, ELEMENTS, PAIR).connect(rules(env)).process(Function())


class AtTheEnd(KeyedBroadcastProcessFunction):
    """Looks its key up when the time is over."""

    def open(self, context):
        self.seen = context.get_list_state(ListStateDescriptor("seen", Types.LONG()))

    def process_element(self, value, ctx):
        self.seen.add(value[1])
        ctx.timer_service().register_event_time_timer(1000)
        return []

    def process_broadcast_element(self, value, ctx):
        ctx.get_broadcast_state(STATE).put(value[0], value[1])
        return []

    def on_timer(self, timestamp, ctx):
        state = ctx.get_broadcast_state(STATE)
        yield ctx.get_current_key(), list(self.seen), state.get(ctx.get_current_key())


@job(order="any", modes=STREAMING)
def keys_read_the_rules_at_the_end(env):
    return keyed(env).connect(rules(env)).process(AtTheEnd())


@job(order="any", modes=STREAMING)
def read_only_methods(env):
    class Function(AtTheEnd):
        def on_timer(self, timestamp, ctx):
            state = ctx.get_broadcast_state(STATE)
            yield (
                ctx.get_current_key(), sorted(state.items()), sorted(state.keys()),
                sorted(state.values()), state.contains("a"), "z" in state, state["b"],
                state.is_empty(), sorted(state),
            )  # fmt: skip

    return keyed(env).connect(rules(env)).process(Function())


@job(order="any")
def read_only_state_has_no_put(env):
    class Function(AtTheEnd):
        def process_element(self, value, ctx):
            state = ctx.get_broadcast_state(STATE)
            yield [hasattr(state, name) for name in ("get", "put", "remove", "put_all")]

    return keyed(env).connect(rules(env)).process(Function())


@job(order="any")
def writing_methods(env):
    class Function(BroadcastProcessFunction):
        def process_element(self, value, ctx):
            return []

        def process_broadcast_element(self, value, ctx):
            state = ctx.get_broadcast_state(STATE)
            state.put("x", value[1])
            state["y"] = value[1] + 1
            yield sorted(state.items()), state.get("x"), state["absent"], state.contains("y")
            state.remove("x")
            del state["y"]
            yield sorted(state.items()), state.is_empty(), "x" in state

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = events(env, ELEMENTS, PAIR).connect(rules(env)).process(Function())
    env.set_parallelism(parallelism)
    return stream


@job(order="any", modes=STREAMING)
def several_broadcast_states(env):
    class Function(AtTheEnd):
        def process_broadcast_element(self, value, ctx):
            ctx.get_broadcast_state(STATE).put(value[0], value[1])
            ctx.get_broadcast_state(OTHER).put(value[1], value[0])
            return []

        def on_timer(self, timestamp, ctx):
            yield (
                ctx.get_current_key(), sorted(ctx.get_broadcast_state(STATE).items()),
                sorted(ctx.get_broadcast_state(OTHER).items()),
            )  # fmt: skip

    return keyed(env).connect(rules(env, STATE, OTHER)).process(Function())


@job(order="any", modes=STREAMING)
def rules_taken_back(env):
    class Function(AtTheEnd):
        def process_broadcast_element(self, value, ctx):
            state = ctx.get_broadcast_state(STATE)
            if state.contains(value[0]):
                state.remove(value[0])
            else:
                state.put(value[0], value[1])
            return []

    return keyed(env).connect(rules(env)).process(Function())


@job(order="any", modes=STREAMING, parallel=False)
def what_contexts_say(env):
    class Function(KeyedBroadcastProcessFunction):
        def process_element(self, value, ctx):
            yield "element", ctx.get_current_key(), ctx.timestamp(), ctx.current_watermark()
            ctx.timer_service().register_event_time_timer(value[1] + 100)

        def process_broadcast_element(self, value, ctx):
            yield "rule", value, ctx.timestamp(), ctx.current_watermark()

        def on_timer(self, timestamp, ctx):
            yield "timer", ctx.get_current_key(), timestamp, ctx.time_domain()

    return keyed(env).connect(rules(env)).process(Function())


@job(order="any", parallel=False)
def what_contexts_say_without_keys(env):
    class Function(BroadcastProcessFunction):
        def process_element(self, value, ctx):
            yield "element", value, ctx.timestamp(), ctx.current_watermark()
            yield ctx.current_processing_time() > 10**12

        def process_broadcast_element(self, value, ctx):
            yield "rule", value, ctx.timestamp(), ctx.current_watermark()

    return events(env, ELEMENTS, PAIR).connect(rules(env)).process(Function())


@job(order="any")
def keyed_state_beside_broadcast_state(env):
    class Function(KeyedBroadcastProcessFunction):
        def open(self, context):
            self.sum = context.get_state(ValueStateDescriptor("sum", Types.LONG()))

        def process_element(self, value, ctx):
            self.sum.update((self.sum.value() or 0) + value[1])
            yield value[0], self.sum.value()

        def process_broadcast_element(self, value, ctx):
            return []

        def on_timer(self, timestamp, ctx):
            return []

    return keyed(env).connect(rules(env)).process(Function())


@job(order="any", modes=STREAMING)
def sides_of_broadcast_functions(env):
    tag = OutputTag("seen", Types.STRING())

    class Function(AtTheEnd):
        def process_element(self, value, ctx):
            yield tag, f"{value[0]}{value[1]}"
            yield from super().process_element(value, ctx)

        def on_timer(self, timestamp, ctx):
            yield tag, f"timer {timestamp}"
            yield from super().on_timer(timestamp, ctx)

    main = keyed(env).connect(rules(env)).process(Function())
    return [main, main.get_side_output(tag)]


@job(order="any")
def broadcast_without_a_state(env):
    """Every instance gets every record; at a parallelism of one, that is once."""
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = env.from_collection([1, 2], Types.INT()).broadcast().map(lambda v: v, Types.INT())
    env.set_parallelism(parallelism)
    return stream


@job(modes=BATCH)
def rules_come_first_in_batch_mode(env):
    class Function(BroadcastProcessFunction):
        def process_element(self, value, ctx):
            yield value, sorted(ctx.get_broadcast_state(STATE).items())

        def process_broadcast_element(self, value, ctx):
            ctx.get_broadcast_state(STATE).put(value[0], value[1])
            yield value

    return events(env, ELEMENTS, PAIR).connect(rules(env)).process(Function())


@job()
def wrong_functions(env):
    class Plain(BroadcastProcessFunction):
        def process_element(self, value, ctx):
            return []

        def process_broadcast_element(self, value, ctx):
            return []

    told = []
    for build in (
        lambda: keyed(env).connect(rules(env)).process(Plain()),
        lambda: events(env, ELEMENTS, PAIR).connect(rules(env)).process(AtTheEnd()),
    ):
        try:
            build()
            told.append("no error")
        except TypeError as error:
            told.append(str(error))
    return told
