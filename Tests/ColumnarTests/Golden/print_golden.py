"""What PyFlink's print sink shows for a value of each type, for TextTests: see generate.sh."""

import datetime
import decimal

from pyflink.common import Row, Types
from pyflink.common.time import Instant
from pyflink.datastream import StreamExecutionEnvironment

D = decimal.Decimal
ROW = Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.STRING()])

CASES = [
    ("boolean", Types.BOOLEAN(), True),
    ("byte", Types.BYTE(), -3),
    ("short", Types.SHORT(), -300),
    ("int", Types.INT(), -123456),
    ("long", Types.LONG(), -1234567890123),
    ("float", Types.FLOAT(), 1.1),
    ("float big", Types.FLOAT(), 12345678.0),
    ("double", Types.DOUBLE(), 0.1),
    ("double small", Types.DOUBLE(), 0.00012),
    ("double big", Types.DOUBLE(), 1e7),
    ("double whole", Types.DOUBLE(), 100.0),
    ("double nan", Types.DOUBLE(), float("nan")),
    ("double inf", Types.DOUBLE(), float("-inf")),
    ("char", Types.CHAR(), "x"),
    ("string", Types.STRING(), "héllo, wörld"),
    ("big integer", Types.BIG_INT(), -123456789012345678901234567890),
    ("big decimal", Types.BIG_DEC(), D("-1234567890.0123456789")),
    ("big decimal tiny", Types.BIG_DEC(), D("0.000000001")),
    ("bytes", Types.PRIMITIVE_ARRAY(Types.BYTE()), b"\x01\xfe"),
    ("date", Types.SQL_DATE(), datetime.date(2020, 1, 2)),
    ("date old", Types.SQL_DATE(), datetime.date(1, 2, 3)),
    ("time", Types.SQL_TIME(), datetime.time(1, 2, 3, 456000)),
    ("timestamp", Types.SQL_TIMESTAMP(), datetime.datetime(2020, 1, 2)),
    ("timestamp us", Types.SQL_TIMESTAMP(), datetime.datetime(2020, 1, 2, 3, 4, 5, 123456)),
    ("timestamp ms", Types.SQL_TIMESTAMP(), datetime.datetime(2020, 1, 2, 3, 4, 5, 120000)),
    ("instant", Types.INSTANT(), Instant(1577934245, 120000000)),
    ("instant s", Types.INSTANT(), Instant(1577934245, 0)),
    ("instant ns", Types.INSTANT(), Instant(-1577934245, 1)),
    ("basic array", Types.BASIC_ARRAY(Types.STRING()), ["a", "b"]),
    ("primitive array", Types.PRIMITIVE_ARRAY(Types.INT()), [1, 2]),
    ("object array", Types.OBJECT_ARRAY(ROW), [Row(1, "a")]),
    ("list", Types.LIST(Types.STRING()), ["a", "b"]),
    ("list empty", Types.LIST(Types.STRING()), []),
    ("map", Types.MAP(Types.STRING(), Types.LONG()), {"k": 5}),
    ("row", ROW, Row(1, "a")),
    ("row null", ROW, Row(None, None)),
    ("row of row", Types.ROW([ROW, Types.DOUBLE()]), Row(Row(1, "a"), 2.5)),
    ("row of bytes", Types.ROW([Types.PRIMITIVE_ARRAY(Types.BYTE())]), Row(b"\x01\xfe")),
    ("row of array", Types.ROW([Types.BASIC_ARRAY(Types.INT())]), Row([1, 2])),
    ("row of map", Types.ROW([Types.MAP(Types.STRING(), Types.LONG())]), Row({"k": 5})),
    ("row of list", Types.ROW([Types.LIST(Types.INT())]), Row([1, 2])),
    ("row of dates", Types.ROW([Types.SQL_DATE(), Types.SQL_TIME(), Types.SQL_TIMESTAMP()]),
     Row(datetime.date(2020, 1, 2), datetime.time(1, 2, 3),
         datetime.datetime(2020, 1, 2, 3, 4, 5))),
    ("row of decimal", Types.ROW([Types.BIG_DEC()]), Row(D("1.50"))),
    ("tuple", Types.TUPLE([Types.INT(), Types.STRING()]), (1, "a")),
    ("tuple of tuple", Types.TUPLE([Types.TUPLE([Types.DOUBLE()]), Types.BOOLEAN()]),
     ((1.5,), False)),
    ("tuple of list", Types.TUPLE([Types.LIST(Types.INT()), Types.MAP(Types.INT(), Types.INT())]),
     ([1, 2], {3: 4})),
]


def main() -> None:
    for name, type_info, value in CASES:
        try:
            env = StreamExecutionEnvironment.get_execution_environment()
            env.set_parallelism(1)
            env.from_collection([value], type_info=type_info).print(name)
            env.execute()
        except Exception as error:  # what Flink cannot do is part of the record
            print(f"{name}> ERROR {str(error).strip().splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    main()
