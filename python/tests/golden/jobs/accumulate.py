"""reduce, sum, min, max, min_by, max_by over tuples, rows, lists and numbers."""

import sys

from pyflink.common import Row, Types
from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
if sys.argv[1:] == ["batch"]:
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)

tuples = [("a", 3, 1.0), ("b", 5, 2.0), ("a", 1, 3.0), ("b", 7, 0.5), ("a", 1, 9.0), ("c", 2, 2.0)]
triple = Types.TUPLE([Types.STRING(), Types.INT(), Types.DOUBLE()])
named = Types.ROW_NAMED(["k", "n", "x"], [Types.STRING(), Types.INT(), Types.DOUBLE()])


def show(name, stream):
    print(f"-- {name}", flush=True)
    stream.print()
    env.execute()


for kind, type_info, position in (("untyped", None, 1), ("tuples", triple, 1), ("rows", named, 1)):

    def keyed(type_info=type_info):
        return env.from_collection(tuples, type_info=type_info).key_by(lambda t: t[0])

    show(f"{kind}: sum", keyed().sum(position))
    show(f"{kind}: min", keyed().min(position))
    show(f"{kind}: max", keyed().max(position))
    show(f"{kind}: min_by", keyed().min_by(position))
    show(f"{kind}: max_by", keyed().max_by(position))
    show(f"{kind}: min_by the last", keyed().min_by(-1))

for name in ("sum", "min", "max", "min_by", "max_by"):
    stream = env.from_collection(tuples, type_info=named).key_by(
        lambda row: row.k, key_type=Types.STRING()
    )
    show(f"by name: {name}", getattr(stream, name)("n"))

lists = [["a", 3], ["a", 4], ["b", 1], ["a", -1]]
show("lists: sum", env.from_collection(lists).key_by(lambda v: v[0]).sum(1))
show("lists: min", env.from_collection(lists).key_by(lambda v: v[0]).min(1))
untyped_rows = [Row(k="a", n=1), Row(k="a", n=5), Row(k="b", n=2)]
show("untyped rows: sum", env.from_collection(untyped_rows).key_by(lambda v: v["k"]).sum("n"))

numbers = [1, 12, 3, 24, 5]
for name in ("sum", "min", "max", "min_by", "max_by"):
    stream = env.from_collection(numbers, type_info=Types.INT()).key_by(lambda v: v % 2)
    show(f"numbers: {name}", getattr(stream, name)())

words = ["to", "be", "or", "not", "to", "be", "that", "is", "the", "question"]
pair = Types.TUPLE([Types.STRING(), Types.INT()])
show(
    "reduce",
    env.from_collection(words)
    .map(lambda w: (w, 1), output_type=pair)
    .key_by(lambda p: p[0])
    .reduce(lambda a, b: (a[0], a[1] + b[1])),
)
show("keyed, then printed", env.from_collection(words).key_by(len))
show("keyed, then mapped", env.from_collection(words).key_by(len).map(lambda w: w.upper()))
show("keyed, then filtered", env.from_collection(words).key_by(len).filter(lambda w: "t" in w))
show("keyed, flat-mapped", env.from_collection(["ab", "c"]).key_by(len).flat_map(lambda w: list(w)))
show(
    "keyed twice", env.from_collection(tuples).key_by(lambda t: t[0]).key_by(lambda t: t[1]).sum(2)
)
