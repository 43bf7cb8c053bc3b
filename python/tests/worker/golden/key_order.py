"""Prints the order in which Flink's batch mode gives the results of keys of each type.

    PATH=VENV/bin:$PATH VENV/bin/python key_order.py > key_order.txt

VENV has apache-flink 2.3.0. ``test_key_order.py`` holds the worker to what is printed.
"""

import datetime as dt
import decimal

EPOCH = dt.date(1970, 1, 1)
DAYS = [-719000, -300, -1, 0, 1, 2, 127, 128, 300, 20000]
NUMBERS = [3, -1, 0, 300, 70000, -70000, 2, 127, 128, -128, -129, 255, 256]
WORDS = ["b", "a", "aa", "", "ab", "B", "é", "ÿ", "Ā", "€", "😀", "zz"]
WORDS += ["x" * 126, "x" * 127, "x" * 200]
ODD = [None, 1.5, (1, "a"), ("a",), [1], [0], {"a": 1}, True]
DECIMALS = [decimal.Decimal(text) for text in ("0", "1", "1.5", "-1.5", "10", "2.25")]
TIMES = [dt.time(0), dt.time(0, 0, 1), dt.time(12, 30), dt.time(23, 59, 59, 999000)]

#: name → (the type in Martlet's text form, the keys in the order in which they arrive)
CASES = {
    "untyped": ("PICKLED", [*NUMBERS, *WORDS, *ODD]),
    "LONG": ("BIGINT", [*NUMBERS, 1 << 40, -(1 << 40), (1 << 63) - 1, -(1 << 63)]),
    "INT": ("INT", NUMBERS),
    "SHORT": ("SMALLINT", [3, -1, 0, 300, -300, 127, 128, 255, 256]),
    "BYTE": ("TINYINT", [3, -1, 0, 127, -128]),
    "BOOLEAN": ("BOOLEAN", [True, False]),
    "DOUBLE": ("DOUBLE", [1.5, -1.5, 0.0, -0.0, 1e10, -1e10, 0.25, 1e-300]),
    "FLOAT": ("FLOAT", [1.5, -1.5, 0.0, 0.25]),
    "STRING": ("STRING", WORDS),
    "BIG_DEC": ("BIG_DECIMAL", DECIMALS),
    "SQL_DATE": ("DATE", [EPOCH + dt.timedelta(d) for d in DAYS]),
    "SQL_TIME": ("TIME(0)", TIMES),
    "SQL_TIMESTAMP": (
        "TIMESTAMP(6)",
        [dt.datetime(1970, 1, 1) + dt.timedelta(d, 0, 1000 * d) for d in DAYS if d >= 0],
    ),
    "TUPLE": ("TUPLE<STRING, INT>", [("b", 1), ("a", 2), ("a", 1), ("b", -1), ("", 300), ("é", 0)]),
    "ROW": ("ROW<f0 STRING, f1 INT>", [("b", 1), ("a", 2), ("a", None), (None, 1), (None, None)]),
}  # fmt: skip


def flink_type(name):
    from pyflink.common import Types

    if name == "untyped":
        return None
    pair = [Types.STRING(), Types.INT()]
    return getattr(Types, name)(*([pair] if name in ("TUPLE", "ROW") else []))


def main():
    from pyflink.common import Row, Types
    from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment

    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    for name, (_, keys) in CASES.items():
        print(f"-- {name}", flush=True)
        values = [Row(*k) for k in keys] if name == "ROW" else keys
        stream = env.from_collection(list(range(len(values))), type_info=Types.INT())
        stream = stream.key_by(lambda i, keys=values: keys[i], key_type=flink_type(name))
        stream.reduce(lambda a, b: a).print()
        try:
            env.execute()
        except Exception as error:
            print("fails:", str(error).splitlines()[0][:80], flush=True)


if __name__ == "__main__":
    main()
