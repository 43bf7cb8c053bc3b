"""Values of every type in state, and keys of many types.

What was put in comes out as PyFlink's coders give it back: a tuple for TUPLE, a Row for ROW and so
on.

Left out: numbers beyond 64 bits in BIG_INT, which PyFlink 2.3 cannot write; and microseconds in
SQL_TIMESTAMP, which are lost once the value has left PyFlink's cache.
"""

import datetime
import decimal

from kit import job
from pyflink.common import Instant, Row, Types
from pyflink.datastream.functions import KeyedProcessFunction
from pyflink.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)


def plain(value):
    """The value, with rows that have no names as tuples.

    In PyFlink, the names of such rows are "f0" and so on once they have been written and read, but
    its worker may hand out the very row that was put in.
    """
    if isinstance(value, Row) and getattr(value, "_fields", ["f0"])[0] == "f0":
        return ("Row", *map(plain, value))
    if isinstance(value, (list, tuple)) and not isinstance(value, Row):
        return type(value)(map(plain, value))
    return value


def remember(type_info, values):
    """A job that puts the values in value, list and map state, and takes them out again."""

    class Remember(KeyedProcessFunction):
        def open(self, context):
            self.value = context.get_state(ValueStateDescriptor("value", type_info()))
            self.list = context.get_list_state(ListStateDescriptor("list", type_info()))
            self.map = context.get_map_state(MapStateDescriptor("map", Types.INT(), type_info()))

        def process_element(self, i, ctx):
            before = self.value.value()
            self.value.update(values[i])
            self.list.add(values[i])
            self.map.put(i, values[i])
            items = [(k, self.map.get(k)) for k in sorted(self.map.keys())]
            yield repr(plain((before, list(self.list), items)))

    def build(env):
        # Two keys, so that what is remembered has been written out in between.
        order = [i for i in range(len(values)) for _ in (0, 1)]
        pairs = [(n % 2, i) for n, i in enumerate(order)]
        return (
            env.from_collection(pairs, Types.TUPLE([Types.INT(), Types.INT()]))
            .key_by(lambda v: v[0], Types.INT())
            .map(lambda v: v, Types.TUPLE([Types.INT(), Types.INT()]))
            .key_by(lambda v: v[0], Types.INT())
            .process(Second(Remember()), Types.STRING())
        )

    class Second(KeyedProcessFunction):
        def __init__(self, function):
            self.function = function

        def open(self, context):
            self.function.open(context)

        def process_element(self, value, ctx):
            for found in self.function.process_element(value[1], ctx):
                yield f"{value[0]} {found}"

    return build


VALUES = {
    "string": (lambda: Types.STRING(), ["", "a", "ä€😀", "two\nlines"]),
    "byte": (lambda: Types.BYTE(), [0, 127, -128]),
    "boolean": (lambda: Types.BOOLEAN(), [True, False]),
    "short": (lambda: Types.SHORT(), [0, 32767, -32768]),
    "int": (lambda: Types.INT(), [0, 2**31 - 1, -(2**31)]),
    "long": (lambda: Types.LONG(), [0, 2**63 - 1, -(2**63)]),
    "float": (lambda: Types.FLOAT(), [0.0, 1.5, -0.25, float("inf")]),
    "double": (lambda: Types.DOUBLE(), [0.0, 0.1, -1e300, float("nan"), float("-inf")]),
    "char": (lambda: Types.CHAR(), ["a", "ä"]),
    "big_int": (lambda: Types.BIG_INT(), [0, 2**63 - 1, -(2**40)]),
    "big_dec": (lambda: Types.BIG_DEC(), [decimal.Decimal("1.50"), decimal.Decimal("-1E+3")]),
    "sql_date": (
        lambda: Types.SQL_DATE(),
        [datetime.date(2024, 2, 29), datetime.date(1969, 12, 31), datetime.date(1970, 1, 1)],
    ),
    "sql_time": (
        lambda: Types.SQL_TIME(),
        [datetime.time(0, 0), datetime.time(23, 59, 59), datetime.time(12, 34, 56, 789000)],
    ),
    "sql_timestamp": (
        lambda: Types.SQL_TIMESTAMP(),
        [
            datetime.datetime(1970, 1, 1),
            datetime.datetime(2024, 2, 29, 12, 30, 1, 123000),
            datetime.datetime(1999, 12, 31, 23, 59, 59, 999000),
        ],
    ),
    "instant": (
        lambda: Types.INSTANT(),
        [Instant.of_epoch_milli(0), Instant.of_epoch_milli(1_700_000_000_123)],
    ),
    "pickled": (
        lambda: Types.PICKLED_BYTE_ARRAY(),
        [None, 1, "s", [1, [2]], {"k": (1, 2)}, {3}, b"bytes", 1.5, 10**40, range(3)],
    ),
    "row": (
        lambda: Types.ROW([Types.INT(), Types.STRING()]),
        [Row(1, "a"), Row(-1, ""), Row(2, None)],
    ),
    "row_named": (
        lambda: Types.ROW_NAMED(["id", "name"], [Types.INT(), Types.STRING()]),
        [Row(id=1, name="a"), Row(id=2, name=None)],
    ),
    "row_of_one": (lambda: Types.ROW([Types.LONG()]), [Row(5), Row(None)]),
    "row_of_many": (
        lambda: Types.ROW([Types.INT()] * 20),
        [Row(*range(20)), Row(*[i if i % 3 else None for i in range(20)])],
    ),
    "tuple": (
        lambda: Types.TUPLE([Types.STRING(), Types.DOUBLE()]),
        [("a", 1.5), ("", -0.5)],
    ),
    "tuple_nested": (
        lambda: Types.TUPLE([Types.INT(), Types.TUPLE([Types.STRING(), Types.BOOLEAN()])]),
        [(1, ("a", True)), (2, ("b", False))],
    ),
    "row_nested": (
        lambda: Types.ROW([Types.INT(), Types.ROW_NAMED(["x"], [Types.LIST(Types.STRING())])]),
        [Row(1, Row(x=["a", "b"])), Row(2, Row(x=[])), Row(3, None)],
    ),
    "map": (
        lambda: Types.MAP(Types.STRING(), Types.INT()),
        [{}, {"a": 1}],
    ),
    "map_nested": (
        lambda: Types.MAP(Types.INT(), Types.LIST(Types.STRING())),
        [{1: ["a", "b"]}, {2: []}],
    ),
    "list": (lambda: Types.LIST(Types.INT()), [[], [1], [3, 2, 1]]),
    "list_of_rows": (
        lambda: Types.LIST(Types.ROW([Types.INT(), Types.STRING()])),
        [[Row(1, "a"), Row(2, "b")], []],
    ),
    "basic_array": (lambda: Types.BASIC_ARRAY(Types.STRING()), [["a", "b"], []]),
    "basic_array_of_ints": (lambda: Types.BASIC_ARRAY(Types.INT()), [[1, 2], [3]]),
    "object_array": (
        lambda: Types.OBJECT_ARRAY(Types.TUPLE([Types.INT(), Types.STRING()])),
        [[(1, "a")], []],
    ),
    "primitive_array": (lambda: Types.PRIMITIVE_ARRAY(Types.INT()), [[1, 2, 3], []]),
    "primitive_array_of_doubles": (
        lambda: Types.PRIMITIVE_ARRAY(Types.DOUBLE()),
        [[1.5, -2.0], []],
    ),
    "primitive_array_of_bytes": (lambda: Types.PRIMITIVE_ARRAY(Types.BYTE()), [b"abc", b""]),
    "tuple_of_everything": (
        lambda: Types.TUPLE(
            [
                Types.BIG_DEC(), Types.SQL_DATE(), Types.LIST(Types.LONG()),
                Types.MAP(Types.STRING(), Types.DOUBLE()), Types.PICKLED_BYTE_ARRAY(),
            ]
        ),
        [(decimal.Decimal("3.14"), datetime.date(2020, 1, 2), [1, 2], {"k": 0.5}, {"any": 1})],
    ),
}  # fmt: skip

for _name, (_type, _values) in VALUES.items():
    _build = remember(_type, _values)
    _build.__name__ = f"state_of_{_name}"
    job()(_build)


def count_by(type_info, keys):
    """A job that counts the keys, in order of their first appearance or of the sort."""

    class Count(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_state(ValueStateDescriptor("n", Types.INT()))

        def process_element(self, value, ctx):
            self.state.update((self.state.value() or 0) + 1)
            yield f"{value} {ctx.get_current_key()!r} {self.state.value()}"

    def build(env):
        positions = [i for _ in (0, 1) for i in range(len(keys))]
        return (
            env.from_collection(positions, Types.INT())
            .key_by(lambda i: keys[i], type_info)
            .process(Count(), Types.STRING())
        )

    return build


KEYS = {
    "string": (Types.STRING(), ["b", "", "a", "ä", "aa", "B"]),
    "int": (Types.INT(), [3, -1, 0, 200]),
    "long": (Types.LONG(), [2**40, -1, 0, 5]),
    "boolean": (Types.BOOLEAN(), [True, False]),
    "double": (Types.DOUBLE(), [0.5, -0.5, 1e10]),
    "big_dec": (Types.BIG_DEC(), [decimal.Decimal("1.5"), decimal.Decimal("-2")]),
    "sql_date": (Types.SQL_DATE(), [datetime.date(2024, 1, 1), datetime.date(1969, 1, 1)]),
    "tuple": (
        Types.TUPLE([Types.STRING(), Types.INT()]),
        [("a", 1), ("b", 1), ("a", 2)],
    ),
    "row": (Types.ROW([Types.STRING(), Types.INT()]), [Row("a", 1), Row("b", 1), Row("a", 2)]),
    "pickled": (None, ["a", "b", "c"]),
    "pickled_tuple": (None, [(1, "a"), (2, "b"), (1, "c")]),
    "pickled_int": (None, [7, 8, 9]),
}

# The order of the keys in batch mode is that of their serialized form: kept apart in batch_keys.
for _name, (_type, _keys) in KEYS.items():
    _build = count_by(_type, _keys)
    _build.__name__ = f"key_of_{_name}"
    job(order="any")(_build)


@job()
def map_keys_of_many_types(env):
    keys = {
        "s": (Types.STRING(), ["b", "", "a"]),
        "l": (Types.LONG(), [-1, 2**40]),
        "t": (Types.TUPLE([Types.INT(), Types.STRING()]), [(1, "a"), (1, "b")]),
        "d": (Types.SQL_DATE(), [datetime.date(2024, 1, 1), datetime.date(2023, 1, 1)]),
        "p": (Types.PICKLED_BYTE_ARRAY(), ["x", "y"]),
    }

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.maps = {
                name: context.get_map_state(MapStateDescriptor(name, type_info, Types.INT()))
                for name, (type_info, _) in keys.items()
            }

        def process_element(self, value, ctx):
            for name, (_, some) in keys.items():
                state = self.maps[name]
                for i, key in enumerate(some):
                    state.put(key, (state.get(key) or 0) + value + i)
                yield name, value, sorted(state.items())

    return (
        env.from_collection([1, 10], Types.INT())
        .key_by(lambda v: 0, Types.INT())
        .process(Function())
    )


@job()
def reducing_rows(env):
    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_reducing_state(
                ReducingStateDescriptor(
                    "sum",
                    lambda a, b: Row(a[0], a[1] + b[1]),
                    Types.ROW_NAMED(["k", "n"], [Types.STRING(), Types.INT()]),
                )
            )

        def process_element(self, value, ctx):
            self.state.add(value)
            yield self.state.get()

    rows = Types.ROW_NAMED(["k", "n"], [Types.STRING(), Types.INT()])
    return (
        env.from_collection([Row("a", 1), Row("b", 2), Row("a", 3), Row("a", 5)], rows)
        .key_by(lambda v: v.k, Types.STRING())
        .process(Function(), rows)
    )


@job()
def aggregating_into_a_map(env):
    from pyflink.datastream.functions import AggregateFunction

    class Histogram(AggregateFunction):
        def create_accumulator(self):
            return {}

        def add(self, value, accumulator):
            accumulator[value] = accumulator.get(value, 0) + 1
            return accumulator

        def get_result(self, accumulator):
            return sorted(accumulator.items())

        def merge(self, a, b):
            return {k: a.get(k, 0) + b.get(k, 0) for k in a | b}

    class Function(KeyedProcessFunction):
        def open(self, context):
            self.state = context.get_aggregating_state(
                AggregatingStateDescriptor(
                    "histogram", Histogram(), Types.MAP(Types.STRING(), Types.INT())
                )
            )

        def process_element(self, value, ctx):
            for character in value:
                self.state.add(character)
            yield self.state.get()

    return (
        env.from_collection(["ab", "a", "b"], Types.STRING())
        .key_by(lambda v: len(v) > 0, Types.BOOLEAN())
        .process(Function())
    )
