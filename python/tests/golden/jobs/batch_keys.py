"""The order in which batch mode gives the results of keys of each type."""

from pyflink.common import Row, Types
from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
env.set_runtime_mode(RuntimeExecutionMode.BATCH)


def show(name, values, key, key_type):
    print(f"-- {name}", flush=True)
    env.from_collection(values).key_by(key, key_type=key_type).reduce(lambda a, b: a).print()
    env.execute()


numbers = [3, -1, 0, 300, 70000, -70000, 2, 127, 128, 255, 256, 3, -1]
words = ["b", "a", "aa", "", "ab", "B", "é", "zz", "long word that goes on", "b"]
show("untyped numbers", numbers, lambda v: v, None)
show("untyped words", words, lambda v: v, None)
show("LONG", numbers, lambda v: v, Types.LONG())
show("INT", numbers, lambda v: v, Types.INT())
show("STRING", words, lambda v: v, Types.STRING())
show("DOUBLE", [1.5, -1.5, 0.0, 1e10, -1e10, 0.25], lambda v: v, Types.DOUBLE())
show("BOOLEAN", [True, False, True], lambda v: v, Types.BOOLEAN())
pair = Types.TUPLE([Types.STRING(), Types.INT()])
show("TUPLE", [("b", 1), ("a", 2), ("a", 1), ("b", -1)], lambda v: v, pair)
row = Types.ROW([Types.STRING(), Types.INT()])
show("ROW", [("b", 1), ("a", 2), ("a", 1)], lambda v: Row(*v), row)
show("untyped tuples", [("b", 1), ("a", 2), ("a", 1), ("b", -1)], lambda v: v, None)
