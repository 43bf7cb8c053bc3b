"""CSV files, read and written."""

import glob
import gzip
import os
import tempfile
from decimal import Decimal

from pyflink.common import Row, Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import BucketAssigner, FileSink, FileSource
from pyflink.datastream.formats.csv import CsvBulkWriters, CsvReaderFormat, CsvSchema
from pyflink.table.types import DataTypes

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
directory = tempfile.mkdtemp()


def people():
    return (
        CsvSchema.builder()
        .add_number_column("id", number_type=DataTypes.INT())
        .add_string_column("name")
        .add_boolean_column("here")
        .add_array_column("tags", "#", element_type=DataTypes.STRING())
        .add_number_column("height", number_type=DataTypes.DOUBLE())
    )


def read(name, schema, text, opener=open):
    path = os.path.join(directory, name)
    with opener(path, "wb") as file:
        file.write(text.encode())
    source = FileSource.for_record_stream_format(CsvReaderFormat.for_schema(schema), path).build()
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "csv")
    print(name, flush=True)
    stream.map(lambda row: f"  {row!r}", output_type=Types.STRING()).print()
    try:
        env.execute()
    except Exception:
        print("  fails", flush=True)


def written(name, schema, info, rows):
    target = os.path.join(directory, name)
    sink = (
        FileSink.for_bulk_format(target, CsvBulkWriters.for_schema(schema))
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .build()
    )
    # A map, for PyFlink's sinks of rows cannot follow a collection directly.
    env.from_collection(rows, type_info=info).map(lambda r: r, output_type=info).sink_to(sink)
    env.execute()
    print(name, flush=True)
    for path in glob.glob(os.path.join(target, "*")):
        with open(path, newline="") as file:
            print(f"  {file.read()!r}", flush=True)


two = '1,Ann,true,a#b,1.5\n2,"Bo, b",false,,2\n'
read("plain.csv", people().build(), two)
read("end.csv", people().build(), two.rstrip("\n"))
read("windows.csv", people().build(), two.replace("\n", "\r\n"))
read("mac.csv", people().build(), two.replace("\n", "\r"))
read("packed.csv.gz", people().build(), two, gzip.open)
read("empty.csv", people().build(), "")
read("quoted.csv", people().build(), '"1","multi\nline ""x""",true,"a#b","1.5"\n')
read("blank.csv", people().build(), two + "\n" + two)
read("short.csv", people().build(), "1,Ann,true,a\n")
read("wide.csv", people().build(), "1,Ann,true,a,1.5,\n")
read("wider.csv", people().build(), "1,Ann,true,a,1.5,x\n")
read("number.csv", people().build(), "x,Ann,true,a,1.5\n")
read("spaces.csv", people().build(), " 1 , Ann , true , a # b , 1.5 \n")
read("header.csv", people().set_use_header().build(), "a,b,c,d,e\n" + two)
strict = people().set_use_header().set_strict_headers().build()
read("strict.csv", strict, "id,name,here,tags,height\n" + two)
read("padded.csv", strict, "id, name ,here,tags,height\n" + two)
read("not-strict.csv", strict, "id,name,here,tag,height\n" + two)
read("only-header.csv", strict, "id,name,here,tags,height\n")
read("skip.csv", people().set_skip_first_data_row().build(), two)
both = people().set_use_header().set_skip_first_data_row().build()
read("header-and-skip.csv", both, "a,b,c,d,e\n" + two)
read("comments.csv", people().set_allow_comments().build(), "#x\n" + two + "#y\n")
read("null.csv", people().set_null_value("-").build(), "1,-,true,a#-,-\n-,x,-,-,1\n")
other = people().set_column_separator("|").set_quote_char("'").set_escape_char("\\").build()
read("dialect.csv", other, "1|'a|b'|true|x|1\n2|c\\|d|false|y|2\n")
read("no-quotes.csv", people().disable_quote_char().build(), '1,"Ann",true,a,1.5\n')
kinds = (
    CsvSchema.builder()
    .add_number_column("y", DataTypes.TINYINT())
    .add_number_column("s", DataTypes.SMALLINT())
    .add_number_column("l")
    .add_number_column("f", DataTypes.FLOAT())
    .add_number_column("d", DataTypes.DECIMAL(6, 2))
    .add_array_column("n", element_type=DataTypes.INT())
    .build()
)
read("kinds.csv", kinds, "1,2,3,0.5,1.005,1;2\n-1,-2,-3,1e3,123456,\n5,6,7,8,12345678.9,3\n")
print(kinds, len(kinds))
print(people().set_use_header().set_any_property_name("x").build())
print(CsvSchema.builder().add_columns_from(kinds).clear_columns().add_string_column("z").build())

info = Types.ROW_NAMED(
    ["id", "name", "here", "tags", "height"],
    [
        Types.INT(), Types.STRING(), Types.BOOLEAN(), Types.OBJECT_ARRAY(Types.STRING()),
        Types.DOUBLE(),
    ],
)  # fmt: skip
rows = [
    Row(1, "Ann", True, ["a", "b"], 1.5),
    Row(2, 'B "o", b', False, [], 1e7),
    Row(3, "ünï", None, ["x y"], None),
    Row(4, None, True, None, -0.0),
]
written("written.csv", people().build(), info, rows)
written("with-header.csv", people().set_use_header().build(), info, rows[:2])
dialect = people().set_column_separator("|").set_line_separator("\r\n").set_null_value("-")
written("in-dialect.csv", dialect.build(), info, rows)
written("nothing.csv", people().set_use_header().build(), info, [])
numbers = Types.ROW_NAMED(
    ["y", "s", "l", "f", "d", "n"],
    [
        Types.BYTE(), Types.SHORT(), Types.LONG(), Types.FLOAT(), Types.BIG_DEC(),
        Types.OBJECT_ARRAY(Types.INT()),
    ],
)  # fmt: skip
decimals = ["1.5", "1.505", "1.10", "100", "12345678.9", "-0.004", "1E+2"]
written("numbers.csv", kinds, numbers, [Row(1, 2, 3, 0.1, Decimal(d), [1, 2]) for d in decimals])
