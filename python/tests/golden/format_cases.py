"""What the row schemas are tried with, under PyFlink and here: schemas, records, messages.

The module knows neither package: what it needs of one is handed to it, so that both run the same.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).resolve().parent / "expected" / "formats.json"

DATE = datetime.date(2024, 2, 29)
OLD_DATE = datetime.date(1883, 5, 1)
TIME = datetime.time(7, 8, 9)
TIME_OF_MILLIS = datetime.time(23, 59, 59, 120000)
STAMPS = [
    datetime.datetime(2024, 2, 29, 1, 2, 3),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 400000),
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999000),
    datetime.datetime(2024, 2, 29, 1, 2, 0),
]
FLOATS = [
    0.0, -0.0, 1.0, 1.5, 0.1, 1e7, 1.2345678e7, 1e-3, 9.99e-4, 1e21, 1e300, -2.5e-8, 100.0,
    123456.7, float("nan"), float("inf"), float("-inf"),
]  # fmt: skip
TEXTS = [
    "x" * 24, "x" * 25, "\b\f", "😀" * 12, "😀" * 13, "ä" * 25,
    "", "plain", "ä€😀", 'say "hi"', "back\\slash", "a/b", "tab\tnew\nline\rend\x00\x1f\x7f",
    "a,b", "a;b", " lead", "trail ", "'single'", "#hash", "\u2028", "null",
]  # fmt: skip
DECIMALS = [
    Decimal("1"), Decimal("1.10"), Decimal("-0.001"), Decimal("1E+3"), Decimal("1E-10"),
    Decimal("123456789012345678901234567890.123"), Decimal("0.00"), Decimal("1E+20"),
]  # fmt: skip


def serializing(api: Any) -> dict[str, tuple[Any, Any, list[Any]]]:
    """Name → schema, type of the records, records."""
    types, row = api.Types, api.Row
    scalar_types = [
        types.BOOLEAN(), types.BYTE(), types.SHORT(), types.INT(), types.LONG(), types.STRING(),
        types.BIG_INT(),
    ]  # fmt: skip
    scalars = types.ROW_NAMED(["b", "y", "s", "i", "l", "t", "n"], scalar_types)
    scalar_rows = [
        row(True, 1, 2, 3, 4, "x", 10**30),
        row(False, -128, -32768, -(2**31), -(2**63), "", -(10**30)),
        row(*[None] * 7),
    ]
    floats = types.ROW_NAMED(["d", "f"], [types.DOUBLE(), types.FLOAT()])
    float_rows = [row(x, x) for x in FLOATS]
    texts = types.ROW_NAMED(["t", "u"], [types.STRING(), types.STRING()])
    text_rows = [row(t, "z") for t in TEXTS] + [row("z", t) for t in TEXTS] + [row(None, None)]
    decimals = types.ROW_NAMED(["n"], [types.BIG_DEC()])
    decimal_rows = [row(d) for d in DECIMALS]
    times = types.ROW_NAMED(
        ["d", "t", "s"], [types.SQL_DATE(), types.SQL_TIME(), types.SQL_TIMESTAMP()]
    )
    time_rows = [row(DATE, TIME, s) for s in STAMPS]
    time_rows += [row(OLD_DATE, datetime.time(0, 0), STAMPS[0]), row(None, None, None)]
    time_rows += [row(DATE, TIME_OF_MILLIS, STAMPS[0])]
    inner = types.ROW_NAMED(["a", "b"], [types.INT(), types.STRING()])
    nested = types.ROW_NAMED(
        ["r", "arr", "objs", "raw", "end"],
        [
            inner,
            types.BASIC_ARRAY(types.INT()),
            types.OBJECT_ARRAY(types.STRING()),
            types.PRIMITIVE_ARRAY(types.BYTE()),
            types.STRING(),
        ],
    )
    nested_rows = [
        row(row(1, "x"), [1, 2, 3], ["p", "q;r"], b"\x00\xffabc", "end"),
        row(row(None, None), [], [], b"", "end"),
        row(row(2, "a,b"), [1, None], [None, "x"], b"a", ""),
        row(row(3, "+"), [4], ["a b"], b"\xfb\xef\xbe" * 9, "end"),
        row(row(3, "+"), [4], ["a\\b"], b"\xfb\xef\xbe", "end"),
        row(None, None, None, None, None),
    ]
    mixed = types.ROW_NAMED(
        ["r", "f"],
        [
            types.ROW_NAMED(
                ["b", "d", "n", "s", "x"],
                [
                    types.BOOLEAN(), types.DOUBLE(), types.BIG_DEC(), types.SQL_TIMESTAMP(),
                    types.SQL_DATE(),
                ],
            ),
            types.OBJECT_ARRAY(types.DOUBLE()),
        ],
    )  # fmt: skip
    mixed_rows = [
        row(row(True, 1e7, Decimal("1.10"), STAMPS[1], DATE), [1.0, 2.5e-8]),
        row(row(None, None, None, None, None), []),
    ]
    unnamed = types.ROW([types.INT(), types.STRING()])
    rows_of_rows = types.ROW_NAMED(
        ["rs", "m"],
        [types.OBJECT_ARRAY(inner), types.MAP(types.STRING(), types.LONG())],
    )
    cases: dict[str, tuple[Any, Any, list[Any]]] = {}

    def json(name: str, info: Any, rows: list[Any]) -> None:
        schema = api.JsonRowSerializationSchema.builder().with_type_info(info).build()
        cases[f"json-{name}"] = (schema, info, rows)

    def csv(name: str, info: Any, rows: list[Any], **settings: Any) -> None:
        builder = api.CsvRowSerializationSchema.Builder(info)
        for setting, value in settings.items():
            method = getattr(builder, setting)
            builder = method() if value is None else method(value)
        cases[f"csv-{name}"] = (builder.build(), info, rows)

    json("scalars", scalars, scalar_rows)
    json("floats", floats, float_rows)
    json("texts", texts, text_rows)
    json("decimals", decimals, decimal_rows)
    json("times", times, time_rows)
    json("nested", nested, nested_rows)
    json("mixed", mixed, mixed_rows)
    json("unnamed", unnamed, [row(1, "x")])
    json("maps", rows_of_rows, [row([row(1, "x"), None], {"k": 1}), row([], {}), row(None, None)])
    json("primitive", types.ROW_NAMED(["p"], [types.PRIMITIVE_ARRAY(types.LONG())]), [row([1, 2])])
    csv("scalars", scalars, scalar_rows)
    csv("floats", floats, float_rows)
    csv("texts", texts, text_rows)
    csv("decimals", decimals, decimal_rows)
    csv("times", times, time_rows)
    csv("nested", nested, nested_rows)
    csv("mixed", mixed, mixed_rows)
    csv("escape-other", texts, [row(t, "^") for t in [*TEXTS, "x^y", 'x^"y', "a^b,"]],
        set_escape_character="^")  # fmt: skip
    csv("caret", texts, [row("x^y", "|+-."), row("a|b", "0-9")])
    csv("pipe", texts, [row(t, "a|b") for t in [*TEXTS, "x^y", "~", "AZaz09"]],
        set_field_delimiter="|")  # fmt: skip
    csv("unnamed", unnamed, [row(1, "x")])
    csv("one", types.ROW_NAMED(["t"], [types.STRING()]), [row(t) for t in [*TEXTS, None]])
    csv("semicolon", texts, text_rows, set_field_delimiter=";")
    csv("tab", texts, text_rows, set_field_delimiter="\t")
    csv("line", texts, text_rows, set_line_delimiter="\r\n")
    csv("no-line", texts, text_rows, set_line_delimiter="")
    csv("array", nested, nested_rows, set_array_element_delimiter=":")
    csv("array-long", nested, nested_rows, set_array_element_delimiter="::")
    csv("no-quote", texts, text_rows, disable_quote_character=None)
    csv("quote", texts, text_rows, set_quote_character="'")
    csv("escape", texts, text_rows, set_escape_character="\\")
    csv("escape-no-quote", texts, text_rows, disable_quote_character=None,
        set_escape_character="\\")  # fmt: skip
    csv("null", texts, text_rows, set_null_literal="null")
    csv("null-nested", nested, nested_rows, set_null_literal="n/a")
    long_text = [row("x" * 30, "y z" * 10), row("x" * 30 + ",", "y")]
    csv("long", texts, long_text)
    return cases


JSON_SCALARS = [
    '{"b":true,"y":1,"s":2,"i":3,"l":4,"t":"x","n":10000000000000000000000000000000}',
    '{"b":"true","y":"1","s":" 2 ","i":"3","l":"4","t":5,"n":"6"}',
    '{"b":null,"y":null,"s":null,"i":null,"l":null,"t":null,"n":null}',
    "{}",
    '{"b":"yes","t":true}',
    '{"b":1,"t":1.0}',
    '{"i":2147483648}',
    '{"i":1.5}',
    '{"i":1.0}',
    '{"l":9223372036854775808}',
    '{"l":1e3}',
    '{"y":128}',
    '{"y":1.0}',
    '{"t":{"a": [1, 2.50, "x"]}}',
    '{"t":[1, {"b":null}]}',
    '{"t":1e5}',
    '{"t":0.1}',
    '{"t":123456789012345678901234567890}',
    '{"t":1,"t":"twice"}',
    '{"extra":1,"t":"x"}',
    '{"n":1.5}',
    '{"i":true}',
    '{"i":""}',
    '{"i":"+5"}',
    '{"i":"1_000"}',
    '{"l":"0x10"}',
    '{"i":"٣"}',
    '{"i":[]}',
    "[]",
    "null",
    "1",
    "",
    " ",
    "{",
    "nonsense",
    "{'t':'x'}",
    '{"t":"x"} trailing',
    '{"t":"x",}',
    '{"t":NaN}',
    '{"t":"\\u00e4\\n\\/"}',
    '{"T":"x"}',
    '  {"t" : "x" }\n',
    "// comment\n{}",
    '{"t":01}',
    '{"t":"a\nb"}',
]
JSON_FLOATS = [
    '{"d":1,"f":1}',
    '{"d":1.5,"f":1.5}',
    '{"d":"2.5","f":" 2.5 "}',
    '{"d":0.1,"f":0.1}',
    '{"d":1e400,"f":1e40}',
    '{"d":"NaN","f":"NaN"}',
    '{"d":"Infinity","f":"-Infinity"}',
    '{"d":"1d","f":"1f"}',
    '{"d":"inf"}',
    '{"d":"nan"}',
    '{"d":"1_0"}',
    '{"d":"0x1p3"}',
    '{"d":true}',
    '{"d":""}',
]
JSON_DECIMALS = [
    '{"n":1}', '{"n":1.10}', '{"n":"1.10"}', '{"n":1e3}', '{"n":123456789012345678.123456789}',
    '{"n":0.1}', '{"n":"x"}', '{"n":1e-10}', '{"n":" 5 "}', '{"n":"1_0"}', '{"n":"NaN"}',
    '{"n":100000000000000000000}', '{"n":1.0}',
]  # fmt: skip
JSON_TIMES = [
    '{"d":"2024-02-29","t":"07:08:09Z","s":"2024-02-29T01:02:03Z"}',
    '{"d":"2024-02-29","t":"07:08:09","s":"2024-02-29T01:02:03"}',
    '{"s":"2024-02-29T01:02:03.4Z"}',
    '{"s":"2024-02-29T01:02:03.123456789Z"}',
    '{"s":"2024-02-29T01:02Z"}',
    '{"s":"2024-02-29T01:02"}',
    '{"s":"2024-02-29 01:02:03"}',
    '{"s":"2024-02-29T01:02:03+01:00"}',
    '{"s":"2024-02-29T01:02:03+00:00"}',
    '{"s":"2024-02-29T01:02:03.Z"}',
    '{"s":"2024-02-29t01:02:03z"}',
    '{"s":"2024-02-29T24:00:00Z"}',
    '{"s":"1969-12-31T23:59:59.999Z"}',
    '{"s":"2024-2-29T01:02:03Z"}',
    '{"s":"12024-02-29T01:02:03Z"}',
    '{"s":" 2024-02-29T01:02:03Z"}',
    '{"s":"2024-02-29T01:02:03.1234567890Z"}',
    '{"s":"2024-02-29T1:02:03Z"}',
    '{"t":"24:00:00Z"}',
    '{"t":"07:08:09z"}',
    '{"t":"07:08:09.Z"}',
    '{"t":"07:08Z"}',
    '{"t":"07:08"}',
    '{"t":"07:08:09.5Z"}',
    '{"t":"07:08:09.0Z"}',
    '{"t":"7:08:09Z"}',
    '{"t":"07:08:60Z"}',
    '{"d":"2023-02-29"}',
    '{"d":"2024-2-9"}',
    '{"d":"20240229"}',
    '{"d":19000}',
]
JSON_NESTED = [
    '{"r":{"a":1,"b":"x"},"arr":[1,2],"objs":["p","q"],"raw":"AP8=","m":{"k":1}}',
    '{"r":{},"arr":[],"objs":[],"raw":"","m":{}}',
    '{"r":null,"arr":null,"objs":null,"raw":null,"m":null}',
    '{"r":{"a":null},"arr":[null,3],"objs":[null,5],"m":{"k":null}}',
    '{"r":5}',
    '{"r":[]}',
    '{"arr":5}',
    '{"arr":["7","x"]}',
    '{"raw":"%%"}',
    '{"raw":5}',
    '{"m":5}',
    '{"m":[1]}',
    '{"arr":{}}',
]
CSV_SCALARS = [
    "true,1,2,3,4,x,1000000000000000000000",
    "TRUE, 1 , 2 , 3 , 4 , x , 5 ",
    "no,-1,-2,-3,-4,,-5",
    ",,,,,,",
    "true,1,2,3,4,x",
    "true,1,2,3,4,x,5,6",
    "true,128,2,3,4,x,5",
    "true,1,2,3.5,4,x,5",
    '"true","1","2","3","4","x","5"',
    "true,1,2,3,4,x,5\n",
    "true,1,2,3,4,x,5\r\n",
    "true,1,2,3,4,x,5\nfalse,6,7,8,9,y,10\n",
    "",
    "\n",
    " ",
    "#true,1,2,3,4,x,5",
    "true,1,2,+3,4,x,5",
]
CSV_TEXTS = [
    "a,b",
    '"a,b",c',
    '"say ""hi""",z',
    'a"b,c',
    '"open,c',
    '"a"b,c',
    ' "a",b',
    "a , b ",
    ",",
    '"",""',
    "null,x",
    '"null",x',
    "a\\,b,c",
    "a\\nb,c",
    '"multi\nline",x',
    "'a,b',c",
    "ä€😀,x",
    "#c,d",
    "n/a,x",
    '"a\\"b",c',
    "a\\0b\\tc\\rd\\xe\\\\f,c",
    '"q" ,c',
    '"q"x,c',
    "a,",
    "a,b\rc,d",
    "\na,b",
    "a\\",
    "a,b,",
    "a,b, ",
    "a,b,,",
]
CSV_TIMES = [
    "2024-02-29,07:08:09,2024-02-29 01:02:03",
    "2024-2-9,7:8:9,2024-02-29 01:02:03.4",
    "2024-02-29,07:08:09,2024-02-29 01:02:03.123456789",
    "2024-02-29,07:08,2024-02-29 01:02:03",
    "2024-02-29,07:08:09,2024-02-29T01:02:03",
    "2024-02-29,07:08:09,2024-02-29",
    "2023-02-29,07:08:09,2024-02-29 01:02:03",
    "2024-02-30,07:08:09,2024-02-29 01:02:03",
    "2024-13-01,07:08:09,2024-02-29 01:02:03",
    " 2024-02-29,07:08:09,2024-02-29 01:02:03 ",
    "2024-02-29,24:00:00,2024-02-29 01:02:03",
    "2024-02-29,25:61:61,2024-02-29 25:61:61",
    "2024-02-32,07:08:09,2024-02-29 01:02:03",
    "2024-02-29,07:08:09,2024-02-30 01:02:03",
    "24-02-29,07:08:09,2024-02-29 01:02:03",
    "2024-02-29,7:8:9,2024-2-9 1:2:3",
    "2024-02-29,07:08:09,2024-02-29 01:02:03.1234567890",
    "2024-02-29,07:08:09,2024-02-29 01:02:03.",
    "2024-02-29,07:08:09,2024-02-29 01:02",
    ",,",
]
CSV_NESTED = [
    "1;x,1;2;3,p;q,AP8=,end",
    ",,,,",
    "1,1,p,,end",
    "1;x;y,1,p,,end",
    '"1;x","1;2","p,q;r",YQ==,end',
    "1; x ,1; 2 , p ; q ,YQ==,end",
    ";,;,;,,",
    "1;x,1;;3,p;;q,YQ==,end",
    "1;x,a,p,YQ==,end",
    "1;x,1,p,%%,end",
    "1;x, ,  ,YQ==,end",
    " ,1,p,YQ==,end",
]
JSON_SCHEMAS = {
    "flat": """{"type":"object","properties":{"i":{"type":"integer"},"n":{"type":"number"},
        "t":{"type":"string"},"b":{"type":"boolean"},"z":{"type":"null"}}}""",
    "formats": """{"type":"object","properties":{
        "d":{"type":"string","format":"date"},"t":{"type":"string","format":"time"},
        "s":{"type":"string","format":"date-time"},"e":{"type":"string","format":"email"}}}""",
    "nested": """{"type":"object","definitions":{"p":{"type":"object","properties":{
        "x":{"type":"number"}}}},"properties":{"o":{"type":"object","properties":{
        "a":{"type":"string"}}},"r":{"$ref":"#/definitions/p"},
        "l":{"type":"array","items":{"type":"string"}},
        "ol":{"type":"array","items":{"type":"object","properties":{"q":{"type":"boolean"}}}},
        "u":{"type":["string","null"]},"one":{"oneOf":[{"type":"null"},{"type":"number"}]}}}""",
    "base64": """{"type":"object","properties":{
        "raw":{"type":"string","contentEncoding":"base64"}}}""",
    "comments": """{/* c */ type: 'object', properties: {a: {type: 'string'}}}""",
}
BAD_JSON_SCHEMAS = {
    "no-json": "{",
    "no-type": "{}",
    "union": '{"type":"object","properties":{"a":{"type":["string","number"]}}}',
    "any-of": '{"type":"object","properties":{"a":{"anyOf":[{"type":"string"}]}}}',
    "unknown": '{"type":"object","properties":{"a":{"type":"date"}}}',
    "items": '{"type":"array"}',
    "reference": '{"type":"object","properties":{"a":{"$ref":"#/nowhere"}}}',
    "far-reference": '{"type":"object","properties":{"a":{"$ref":"http://x/y"}}}',
    "additional": '{"type":"object","properties":{},"additionalProperties":true}',
    "encoding": '{"type":"string","contentEncoding":"hex"}',
}


def deserializing(api: Any) -> dict[str, tuple[Any, Any, list[bytes]]]:
    """Name → schema, type of the records, messages."""
    types = api.Types
    scalars = types.ROW_NAMED(
        ["b", "y", "s", "i", "l", "t", "n"],
        [
            types.BOOLEAN(), types.BYTE(), types.SHORT(), types.INT(), types.LONG(),
            types.STRING(), types.BIG_INT(),
        ],
    )  # fmt: skip
    floats = types.ROW_NAMED(["d", "f"], [types.DOUBLE(), types.FLOAT()])
    decimals = types.ROW_NAMED(["n"], [types.BIG_DEC()])
    times = types.ROW_NAMED(
        ["d", "t", "s"], [types.SQL_DATE(), types.SQL_TIME(), types.SQL_TIMESTAMP()]
    )
    inner = types.ROW_NAMED(["a", "b"], [types.INT(), types.STRING()])
    json_nested = types.ROW_NAMED(
        ["r", "arr", "objs", "raw", "m"],
        [
            inner,
            types.BASIC_ARRAY(types.INT()),
            types.OBJECT_ARRAY(types.STRING()),
            types.PRIMITIVE_ARRAY(types.BYTE()),
            types.MAP(types.STRING(), types.LONG()),
        ],
    )
    csv_nested = types.ROW_NAMED(
        ["r", "arr", "objs", "raw", "end"],
        [
            inner,
            types.BASIC_ARRAY(types.INT()),
            types.OBJECT_ARRAY(types.STRING()),
            types.PRIMITIVE_ARRAY(types.BYTE()),
            types.STRING(),
        ],
    )
    texts = types.ROW_NAMED(["t", "u"], [types.STRING(), types.STRING()])
    cases: dict[str, tuple[Any, Any, list[bytes]]] = {}

    def json(name: str, info: Any, messages: list[str], *flags: str) -> None:
        builder = api.JsonRowDeserializationSchema.builder().type_info(info)
        for flag in flags:
            builder = getattr(builder, flag)()
        cases[f"json-{name}"] = (builder.build(), info, [m.encode() for m in messages])

    def csv(name: str, info: Any, messages: list[str], **settings: Any) -> None:
        builder = api.CsvRowDeserializationSchema.Builder(info)
        for setting, value in settings.items():
            builder = getattr(builder, setting)(value)
        cases[f"csv-{name}"] = (builder.build(), info, [m.encode() for m in messages])

    json("scalars", scalars, JSON_SCALARS)
    json("scalars-ignore", scalars, JSON_SCALARS, "ignore_parse_errors")
    json("missing", inner, ['{"a":1,"b":"x"}', '{"a":1}', "{}"], "fail_on_missing_field")
    json("floats", floats, JSON_FLOATS)
    json("decimals", decimals, JSON_DECIMALS)
    json("times", times, JSON_TIMES)
    json("nested", json_nested, JSON_NESTED)
    json("nested-ignore", json_nested, JSON_NESTED, "ignore_parse_errors")
    csv("scalars", scalars, CSV_SCALARS)
    csv("scalars-ignore", scalars, CSV_SCALARS, set_ignore_parse_errors=True)
    csv("comments", scalars, CSV_SCALARS, set_allow_comments=True)
    csv("texts", texts, CSV_TEXTS)
    csv("null", texts, CSV_TEXTS, set_null_literal="null")
    csv("escape", texts, CSV_TEXTS, set_escape_character="\\")
    csv("quote", texts, CSV_TEXTS, set_quote_character="'")
    csv("semicolon", texts, [m.replace(",", ";") for m in CSV_TEXTS], set_field_delimiter=";")
    csv("times", times, CSV_TIMES)
    csv("nested", csv_nested, CSV_NESTED)
    csv("nested-ignore", csv_nested, CSV_NESTED, set_ignore_parse_errors=True)
    csv("nested-null", csv_nested, CSV_NESTED, set_null_literal="")
    csv("array", csv_nested, [m.replace(";", "::") for m in CSV_NESTED],
        set_array_element_delimiter="::")  # fmt: skip
    csv("floats", floats, ["1,1", "1.5,0.1", " NaN ,Infinity", "1d,1f", "inf,1", "1e400,1e40"])
    csv("decimals", decimals, ["1", "1.10", " 1E+3 ", "x", "1e400"])
    return cases
