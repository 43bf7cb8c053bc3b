"""How values without a declared type print: by str()."""

import datetime
import decimal

from pyflink.common import Row
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)

values = [
    1, -2.5, 1e100, True, "text", ("a", 1), ("a",), [1, "b", None], {"k": [1, 2]}, {3},
    Row("x", 1), Row(name="x", n=1), (Row(1), [Row(a=2)]),
    datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.time(1, 2),
    datetime.timedelta(hours=1), decimal.Decimal("1.50"), 2**80, 1 + 2j, float("nan"),
]  # fmt: skip
env.from_collection(values).print()
env.execute()

print("-- mapped", flush=True)
env.from_collection([1, 2]).map(lambda v: (v, str(v), [v])).print()
env.execute()

print("-- with an identifier", flush=True)
env.from_collection(["a", "b"]).print("out")
env.execute()
