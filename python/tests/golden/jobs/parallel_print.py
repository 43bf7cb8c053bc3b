# order: any
"""The prefixes of lines that several instances print."""

from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(3)

numbers = env.from_collection(list(range(9)), type_info=Types.INT())
numbers.partition_custom(lambda k, n: k % n, lambda v: v).print()
env.execute()
numbers = env.from_collection(list(range(9)), type_info=Types.INT())
numbers.partition_custom(lambda k, n: (k + 1) % n, lambda v: v).print("out")
env.execute()
numbers = env.from_collection(list(range(3)), type_info=Types.INT())
numbers.partition_custom(lambda k, n: k % n, lambda v: v).print("one").set_parallelism(1)
env.execute()
# Which instance gets a key depends on the key's hash alone.
env.from_collection(list(range(20)), type_info=Types.INT()).key_by(
    lambda v: v, key_type=Types.INT()
).map(lambda v: f"int {v}").print()
env.from_collection(list(range(-3, 3)), type_info=Types.LONG()).key_by(
    lambda v: v, key_type=Types.LONG()
).map(lambda v: f"long {v}").print()
env.from_collection(["a", "b", "hello", "", "é"], type_info=Types.STRING()).key_by(
    lambda v: v, key_type=Types.STRING()
).map(lambda v: f"string {v}").print()
env.from_collection([("a", 1), ("b", 2), ("c", 3), ("a", 4)]).key_by(lambda v: v[0]).map(
    lambda v: f"untyped {v}"
).print()
env.execute()
