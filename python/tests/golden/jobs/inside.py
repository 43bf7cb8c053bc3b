"""What a function is given, by type: typed values become Python's again between operators."""

import datetime
import decimal

from pyflink.common import Row, Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)

CASES = [
    ("untyped", None, [1, ("a", 1), Row(a=1), Row(1)]),
    ("STRING", Types.STRING(), ["a"]),
    ("INT", Types.INT(), [1]),
    ("DOUBLE", Types.DOUBLE(), [1.5]),
    ("FLOAT", Types.FLOAT(), [0.1]),
    ("BIG_DEC", Types.BIG_DEC(), [decimal.Decimal("1.50")]),
    ("SQL_DATE", Types.SQL_DATE(), [datetime.date(2024, 2, 29)]),
    ("SQL_TIME", Types.SQL_TIME(), [datetime.time(1, 2, 3, 4000)]),
    ("SQL_TIMESTAMP", Types.SQL_TIMESTAMP(), [datetime.datetime(2024, 2, 29, 1, 2, 3, 4000)]),
    ("TUPLE", Types.TUPLE([Types.INT(), Types.STRING()]), [(1, "a"), [2, "b"]]),
    ("ROW", Types.ROW([Types.INT(), Types.STRING()]), [(1, "a"), Row(2, None)]),
    (
        "ROW_NAMED",
        Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.STRING()]),
        [(1, "a"), {"x": 2, "y": "b"}, Row(y="c", x=3), {"x": 4}],
    ),
    (
        "nested",
        Types.TUPLE([Types.INT(), Types.ROW([Types.TUPLE([Types.STRING()]), Types.LONG()])]),
        [(1, (("x",), 2))],
    ),
    ("MAP", Types.MAP(Types.STRING(), Types.LONG()), [{"a": 1}]),
    ("BASIC_ARRAY", Types.BASIC_ARRAY(Types.STRING()), [["a", "b"]]),
    ("PRIMITIVE_ARRAY", Types.PRIMITIVE_ARRAY(Types.INT()), [[1, 2]]),
    ("OBJECT_ARRAY", Types.OBJECT_ARRAY(Types.TUPLE([Types.INT()])), [[(1,), (2,)]]),
]

for name, type_info, values in CASES:
    print(f"-- {name}", flush=True)
    stream = env.from_collection(values, type_info=type_info)
    stream.map(lambda v: f"{type(v).__name__} {v!r}").print()
    env.execute()


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


print("-- an object as a row", flush=True)
point_type = Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.INT()])
env.from_collection([Point(1, 2)], type_info=point_type).map(lambda v: repr(v)).print()
env.execute()

print("-- numbers and more as text", flush=True)
env.from_collection(["a", 1, 1.5, True, 1e10, {"k": 1}], type_info=Types.STRING()).map(
    lambda v: repr(v)
).print()
env.execute()

print("-- text as bytes", flush=True)
env.from_collection(["a", "é"], type_info=Types.PRIMITIVE_ARRAY(Types.BYTE())).map(
    lambda v: repr(bytes(v))
).print()
env.execute()

print("-- a row that gets its names on its way", flush=True)
named = Types.ROW_NAMED(["n", "s"], [Types.INT(), Types.STRING()])
env.from_collection([1, 2]).map(lambda v: Row(v, str(v)), output_type=named).rebalance().map(
    lambda r: f"{r!r} {r.n} {r['s']} {r[0]}"
).print()
env.execute()
