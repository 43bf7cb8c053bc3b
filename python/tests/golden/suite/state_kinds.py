"""Each kind of keyed state, with each of its methods.

Left out: ``MapState.put_all``, which fails in PyFlink 2.3 (it iterates over the dictionary as if
it were its items).

What a MapState's iteration yields is sorted here: PyFlink's order is that of a hash map.
"""

from kit import job
from pyflink.common import Types
from pyflink.datastream.functions import (
    AggregateFunction,
    KeyedProcessFunction,
    ReduceFunction,
    RuntimeContext,
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


@job()
def value_counts(env):
    class Count(KeyedProcessFunction):
        def open(self, context: RuntimeContext):
            self.state = context.get_state(ValueStateDescriptor("count", Types.INT()))

        def process_element(self, value, ctx):
            count = (self.state.value() or 0) + 1
            self.state.update(count)
            yield value[0], count

    return keyed(env).process(Count(), PAIR)


@job()
def value_is_none_at_first(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("last", Types.INT()))

        def process_element(self, value, ctx):
            before = self.state.value()
            self.state.update(value[1])
            yield value[0], before, self.state.value()

    return keyed(env).process(Function())


@job()
def value_cleared(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("last", Types.INT()))

        def process_element(self, value, ctx):
            if value[1] % 2 == 0:
                self.state.clear()
            else:
                self.state.update(value[1])
            yield value[0], value[1], self.state.value()

    return keyed(env, [("a", 1), ("a", 3), ("a", 2), ("b", 5), ("a", 2), ("b", 5)]).process(
        Function()
    )


@job()
def value_cleared_then_updated(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("last", Types.INT()))

        def process_element(self, value, ctx):
            before = self.state.value()
            self.state.clear()
            cleared = self.state.value()
            self.state.update(value[1] * 10)
            yield value[0], before, cleared, self.state.value()

    return keyed(env).process(Function())


@job()
def value_updated_twice(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("v", Types.INT()))

        def process_element(self, value, ctx):
            self.state.update(-1)
            self.state.update(value[1])
            yield self.state.value()

    return keyed(env).process(Function(), Types.INT())


@job()
def value_of_falsy_values(env):
    """0, the empty string and False are values, not the absence of one."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.i = context.get_state(ValueStateDescriptor("i", Types.INT()))
            self.s = context.get_state(ValueStateDescriptor("s", Types.STRING()))
            self.b = context.get_state(ValueStateDescriptor("b", Types.BOOLEAN()))

        def process_element(self, value, ctx):
            yield value[0], self.i.value(), self.s.value(), self.b.value()
            self.i.update(0)
            self.s.update("")
            self.b.update(False)

    return keyed(env).process(Function())


@job()
def list_appends(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            self.state.add(value[1])
            yield value[0], list(self.state.get())

    return keyed(env).process(Function())


@job()
def list_of_nothing(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            yield value[0], list(self.state.get()), list(self.state)

    return keyed(env).process(Function())


@job()
def list_add_all_and_update(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            self.state.add_all([value[1], -value[1]])
            added = list(self.state.get())
            self.state.update([value[1] * 7, value[1] * 8])
            self.state.add(9)
            yield value[0], added, list(self.state.get())

    return keyed(env).process(Function())


@job()
def list_cleared(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            self.state.add(value[1])
            found = list(self.state)
            if len(found) == 2:
                self.state.clear()
                yield value[0], found, list(self.state)

    return keyed(env).process(Function())


@job()
def list_updated_with_nothing(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            self.state.add(value[1])
            if value[1] == 3:
                self.state.update([])
            yield value[0], list(self.state)

    return keyed(env).process(Function())


@job()
def list_iterated_twice(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_list_state(ListStateDescriptor("seen", Types.INT()))

        def process_element(self, value, ctx):
            self.state.add(value[1])
            yield sum(self.state), max(self.state), len(list(self.state.get()))

    return keyed(env).process(Function())


@job()
def map_every_method(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.STRING(), Types.INT()))

        def process_element(self, value, ctx):
            m = self.state
            yield value, "empty", m.is_empty()
            m.put("x", value[1])
            m.put("y", value[1] + 1)
            m.put("z", value[1] + 2)
            yield value, "get", m.get("x"), m.get("y"), m.get("absent")
            yield value, "contains", m.contains("x"), m.contains("absent")
            yield value, "items", sorted(m.items())
            yield value, "keys", sorted(m.keys())
            yield value, "values", sorted(m.values())
            m.remove("y")
            m.remove("absent")
            yield value, "removed", sorted(m.items()), m.contains("y"), m.is_empty()

    return keyed(env).process(Function())


@job()
def map_operators(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.STRING(), Types.INT()))

        def process_element(self, value, ctx):
            m = self.state
            m["x"] = value[1]
            m["y"] = (m["y"] or 0) + value[1]
            del m["x"]
            yield value[0], m["y"], "x" in m, "y" in m, sorted(m)

    return keyed(env).process(Function())


@job()
def map_counts_words(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(
                MapStateDescriptor("words", Types.STRING(), Types.INT())
            )

        def process_element(self, value, ctx):
            for word in value[1].split():
                self.state.put(word, (self.state.get(word) or 0) + 1)
            yield value[0], sorted(self.state.items())

    return (
        env.from_collection(
            [("x", "a b a"), ("y", "c"), ("x", "b b"), ("y", "a c"), ("x", "")],
            Types.TUPLE([Types.STRING(), Types.STRING()]),
        )
        .key_by(lambda v: v[0], Types.STRING())
        .process(Function())
    )


@job()
def map_cleared(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.INT(), Types.INT()))

        def process_element(self, value, ctx):
            self.state.put(value[1], value[1])
            before = sorted(self.state.keys())
            if value[1] % 3 == 0:
                self.state.clear()
            yield value[0], before, self.state.is_empty(), list(self.state.keys())

    return keyed(env).process(Function())


@job()
def map_put_after_clear(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.INT(), Types.INT()))

        def process_element(self, value, ctx):
            m = self.state
            m.put(1, 1)
            m.clear()
            m.put(2, value[1])
            yield value[0], sorted(m.items()), m.get(1), m.contains(1)

    return keyed(env).process(Function())


@job()
def map_remove_then_put(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.INT(), Types.INT()))

        def process_element(self, value, ctx):
            m = self.state
            if m.contains(0):
                m.remove(0)
                gone = m.get(0)
                m.put(0, value[1])
                yield value[0], gone, m.get(0), len(list(m.items()))
            else:
                m.put(0, -value[1])
                yield value[0], m.get(0), len(list(m.keys()))

    return keyed(env).process(Function())


@job()
def map_removal_after_a_copy(env):
    """Removes entries while walking over a copy of the keys."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.INT(), Types.INT()))

        def process_element(self, value, ctx):
            for i in range(5):
                self.state.put(value[1] + i, i)
            for key in list(self.state.keys()):
                if key % 2 == 0:
                    self.state.remove(key)
            yield value[0], sorted(self.state.items())

    return keyed(env).process(Function())


@job()
def map_with_many_entries(env):
    """More than PyFlink's worker caches (1000)."""

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(MapStateDescriptor("m", Types.INT(), Types.INT()))

        def process_element(self, value, ctx):
            for i in range(2500):
                self.state.put(value * 2500 + i, i)
            for i in range(0, 2500, 2):
                self.state.remove(value * 2500 + i)
            yield value, len(list(self.state.keys())), sum(self.state.values())

    return (
        env.from_collection([0, 1, 2], Types.INT())
        .key_by(lambda v: 0, Types.INT())
        .process(Function())
    )


@job()
def map_of_none_values(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_map_state(
                MapStateDescriptor("m", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
            )

        def process_element(self, value, ctx):
            self.state.put("none", None)
            self.state.put("some", value[1])
            yield self.state.get("none"), self.state.get("some")
            yield sorted((k, repr(v)) for k, v in self.state.items())

    return keyed(env, [("a", 1), ("a", 2)]).process(Function())


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
def reducing_sums(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_reducing_state(
                ReducingStateDescriptor("sum", Add(), Types.INT())
            )

        def process_element(self, value, ctx):
            before = self.state.get()
            self.state.add(value[1])
            yield value[0], before, self.state.get()

    return keyed(env).process(Function())


@job()
def reducing_with_a_lambda(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_reducing_state(
                ReducingStateDescriptor("longest", lambda a, b: max(a, b, key=len), Types.STRING())
            )

        def process_element(self, value, ctx):
            self.state.add(value)
            yield value[0], self.state.get()

    return (
        env.from_collection(["ab", "a", "abc", "b", "bc", "abd"], Types.STRING())
        .key_by(lambda v: v[0], Types.STRING())
        .process(Function())
    )


@job()
def reducing_cleared(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_reducing_state(
                ReducingStateDescriptor("sum", Add(), Types.INT())
            )

        def process_element(self, value, ctx):
            self.state.add(value[1])
            total = self.state.get()
            if total >= 30:
                self.state.clear()
            yield value[0], total, self.state.get()

    return keyed(env).process(Function())


@job()
def aggregating_averages(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_aggregating_state(
                AggregatingStateDescriptor(
                    "average", Average(), Types.TUPLE([Types.INT(), Types.INT()])
                )
            )

        def process_element(self, value, ctx):
            before = self.state.get()
            self.state.add(value[1])
            yield value[0], before, self.state.get()

    return keyed(env).process(Function())


@job()
def aggregating_cleared(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_aggregating_state(
                AggregatingStateDescriptor("average", Average(), Types.PICKLED_BYTE_ARRAY())
            )

        def process_element(self, value, ctx):
            self.state.add(value[1])
            average = self.state.get()
            if value[1] == 3:
                self.state.clear()
            yield value[0], average, self.state.get()

    return keyed(env).process(Function())


@job()
def aggregating_mutable_accumulator(env):
    class Collect(AggregateFunction):
        def create_accumulator(self):
            return []

        def add(self, value, accumulator):
            accumulator.append(value)
            return accumulator

        def get_result(self, accumulator):
            return ",".join(map(str, accumulator))

        def merge(self, a, b):
            return a + b

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_aggregating_state(
                AggregatingStateDescriptor("all", Collect(), Types.LIST(Types.INT()))
            )

        def process_element(self, value, ctx):
            self.state.add(value[1])
            yield value[0], self.state.get()

    return keyed(env).process(Function())
