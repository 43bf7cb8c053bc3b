"""How each type prints, at a parallelism of 1."""

import datetime
import decimal

from pyflink.common import Instant, Row, Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)

CASES = [
    ("STRING", Types.STRING(), ["plain", "", "with, comma", "ünïcödé ✓ 😀", " spaces "]),
    ("BOOLEAN", Types.BOOLEAN(), [True, False]),
    ("BYTE", Types.BYTE(), [0, 127, -128]),
    ("SHORT", Types.SHORT(), [0, 32767, -32768]),
    ("INT", Types.INT(), [0, 2147483647, -2147483648]),
    ("LONG", Types.LONG(), [0, 9223372036854775807, -9223372036854775808]),
    (
        "FLOAT",
        Types.FLOAT(),
        [0.0, 1.5, -0.25, 3.4e38, 1e-10, 1234567.0, 12345678.0, 0.001, 0.0001],
    ),
    (
        "DOUBLE",
        Types.DOUBLE(),
        [0.0, 1.5, 0.1, 1e7, 9999999.0, 1.0e-3, 9.99e-4, 1e100, 123456789.125, -2.5e-8],
    ),
    ("DOUBLE special", Types.DOUBLE(), [float("nan"), float("inf"), float("-inf"), -0.0]),
    (
        "BIG_DEC",
        Types.BIG_DEC(),
        [decimal.Decimal("1.50"), decimal.Decimal("-0.001")],
    ),
    ("SQL_DATE", Types.SQL_DATE(), [datetime.date(2024, 2, 29), datetime.date(1969, 12, 31)]),
    ("SQL_TIME", Types.SQL_TIME(), [datetime.time(0, 0), datetime.time(23, 59, 58, 123000)]),
    (
        "SQL_TIMESTAMP",
        Types.SQL_TIMESTAMP(),
        [
            datetime.datetime(2024, 2, 29, 12, 30, 15),
            datetime.datetime(2024, 2, 29, 12, 30, 15, 123000),
            datetime.datetime(1970, 1, 1),
        ],
    ),
    ("TUPLE", Types.TUPLE([Types.STRING(), Types.INT()]), [("a", 1), ("b", -2)]),
    (
        "TUPLE nested",
        Types.TUPLE([Types.LONG(), Types.TUPLE([Types.DOUBLE(), Types.BOOLEAN()])]),
        [(1, (1.0, True)), (2, (0.5, False))],
    ),
    ("ROW", Types.ROW([Types.STRING(), Types.INT()]), [("a", 1), Row("b", 2)]),
    (
        "ROW_NAMED",
        Types.ROW_NAMED(["name", "amount"], [Types.STRING(), Types.DOUBLE()]),
        [Row(name="a", amount=1.0), Row(amount=2.0, name="b"), ("c", 2.5)],
    ),
    ("ROW with null", Types.ROW([Types.STRING(), Types.INT()]), [(None, 1), ("b", None)]),
    (
        "ROW nested",
        Types.ROW([Types.INT(), Types.ROW([Types.STRING(), Types.BOOLEAN()])]),
        [(1, ("x", True)), (2, Row("y", False))],
    ),
    (
        "ROW of TUPLE",
        Types.ROW([Types.TUPLE([Types.STRING(), Types.INT()]), Types.FLOAT()]),
        [(("x", 1), 1.5)],
    ),
]

for name, type_info, values in CASES:
    print(f"-- {name}", flush=True)
    env.from_collection(values, type_info=type_info).print()
    env.execute()
    print(f"-- {name}, mapped", flush=True)
    env.from_collection(values, type_info=type_info).map(lambda v: v, output_type=type_info).print()
    env.execute()

print("-- INSTANT, mapped", flush=True)
instants = [Instant(0, 0), Instant(1709209815, 123000000)]
env.from_collection(instants, type_info=Types.INSTANT()).map(
    lambda v: v, output_type=Types.INSTANT()
).print()
env.execute()
