"""What execute_and_collect brings back, by type."""

import datetime
import decimal

from pyflink.common import Row, Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)

CASES = [
    ("untyped", None, [1, "a", (1, [2]), Row(a=1), {"k": b"v"}]),
    ("STRING", Types.STRING(), ["a", "é"]),
    ("BOOLEAN", Types.BOOLEAN(), [True, False]),
    ("INT", Types.INT(), [1, -1]),
    ("LONG", Types.LONG(), [2**40]),
    ("DOUBLE", Types.DOUBLE(), [0.1]),
    ("FLOAT", Types.FLOAT(), [0.5]),
    ("BIG_DEC", Types.BIG_DEC(), [decimal.Decimal("1.50")]),
    ("SQL_DATE", Types.SQL_DATE(), [datetime.date(2024, 2, 29)]),
    ("SQL_TIME", Types.SQL_TIME(), [datetime.time(1, 2, 3)]),
    ("TUPLE", Types.TUPLE([Types.INT(), Types.STRING()]), [(1, "a"), (2, "b")]),
    ("ROW", Types.ROW([Types.INT(), Types.STRING()]), [(1, "a"), Row(2, None)]),
    ("ROW_NAMED", Types.ROW_NAMED(["x", "y"], [Types.INT(), Types.STRING()]), [(1, "a")]),
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
    stream = env.from_collection(values, type_info=type_info)
    stream = stream.map(lambda v: v, output_type=type_info)
    with stream.execute_and_collect() as rows:
        print(name, list(rows), flush=True)

print("limit", env.from_collection(list(range(10))).execute_and_collect(limit=3), flush=True)
print("limit", env.from_collection(list(range(2))).execute_and_collect(limit=3), flush=True)
print("named", list(env.from_collection([1]).execute_and_collect("a job")), flush=True)
iterator = env.from_collection([1, 2]).execute_and_collect()
print(next(iterator), iterator.next(), list(iterator), flush=True)
iterator.close()
