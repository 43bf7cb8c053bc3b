"""Row schemas write the bytes that Flink's write, and read what Flink's read."""

from __future__ import annotations

import datetime
import importlib.util
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Row, Types
from martlet.common.typeinfo import BasicTypeInfo, RowTypeInfo, TypeInformation
from martlet.datastream.formats import csv as csv_formats
from martlet.datastream.formats import json as json_formats
from martlet.datastream.formats.errors import MalformedRecordError
from martlet.datastream.formats.java_text import (
    double_text,
    float_text,
    time_text,
    timestamp_text,
)
from martlet.datastream.formats.json_schema import type_of_schema
from martlet.util.exceptions import ValidationError

_spec = importlib.util.spec_from_file_location(
    "format_cases", Path(__file__).parent / "format_cases.py"
)
assert _spec is not None and _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = cases
_spec.loader.exec_module(cases)


class Api:
    Types = Types
    Row = Row
    JsonRowSerializationSchema = json_formats.JsonRowSerializationSchema
    JsonRowDeserializationSchema = json_formats.JsonRowDeserializationSchema
    CsvRowSerializationSchema = csv_formats.CsvRowSerializationSchema
    CsvRowDeserializationSchema = csv_formats.CsvRowDeserializationSchema


EXPECTED = json.loads(cases.EXPECTED.read_text())
SERIALIZING = cases.serializing(Api)
DESERIALIZING = cases.deserializing(Api)


def java_text(value: Any, info: TypeInformation) -> str:
    """What ``toString`` gives in Java."""
    if value is None:
        return "null"
    if isinstance(info, RowTypeInfo):
        assert isinstance(value, Row)
        assert value._fields == info.get_field_names()
        parts = zip(value, info.get_field_types(), strict=True)
        return f"+I[{', '.join(java_text(v, t) for v, t in parts)}]"
    if isinstance(value, bytes):
        return str([byte - 256 if byte > 127 else byte for byte in value])
    if isinstance(value, list):
        element = getattr(info, "_element_type", None)
        assert element is not None
        return f"[{', '.join(java_text(v, element) for v in value)}]"
    if isinstance(value, dict):
        text = ", ".join(f"{k}={'null' if v is None else v}" for k, v in value.items())
        return f"{{{text}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        is_float = isinstance(info, BasicTypeInfo) and info == Types.FLOAT()
        return float_text(value) if is_float else double_text(value)
    if isinstance(value, datetime.datetime):
        return timestamp_text(value)
    if isinstance(value, datetime.time):
        return time_text(value)
    return str(value)


@pytest.mark.parametrize("name", SERIALIZING)
def test_bytes_of_records(name: str) -> None:
    schema, _, records = SERIALIZING[name]
    encode = pickle.loads(pickle.dumps(schema))._encoder()  # it travels to a worker
    for record, expected in zip(records, EXPECTED["serialized"][name], strict=True):
        if "text" in expected:
            assert encode([record]) == [expected["text"].encode()]
    kept = [r for r, e in zip(records, EXPECTED["serialized"][name], strict=True) if "text" in e]
    assert kept
    assert len(encode(kept)) == len(kept)


@pytest.mark.parametrize("name", DESERIALIZING)
def test_records_of_bytes(name: str) -> None:
    schema, info, messages = DESERIALIZING[name]
    assert schema._produced_type() == info
    decode = pickle.loads(pickle.dumps(schema))._decoder()
    for message, expected in zip(messages, EXPECTED["deserialized"][name], strict=True):
        if "error" in expected:
            with pytest.raises(MalformedRecordError, match="Failed to deserialize"):
                decode([message])
            continue
        # Python's timestamps have no nanoseconds.
        row = expected["row"] and expected["row"].replace(":03.123456789", ":03.123456")
        found = decode([message])[0]
        assert (None if found is None else java_text(found, info)) == row, message
    assert decode([None]) == [None]


@pytest.mark.parametrize("name", cases.JSON_SCHEMAS)
def test_json_schema(name: str) -> None:
    found = type_of_schema(cases.JSON_SCHEMAS[name])
    text = repr(found).replace("RowTypeInfo(", "Row(").replace("DateTypeInfo", "Date")
    text = text.replace("TimeTypeInfo", "Time").replace("TimestampTypeInfo", "Timestamp")
    text = text.replace("PrimitiveArrayTypeInfo<Byte>", "byte[]")
    assert text == EXPECTED["schemas"][name]


@pytest.mark.parametrize("name", cases.BAD_JSON_SCHEMAS)
def test_bad_json_schema(name: str) -> None:
    assert EXPECTED["schemas"][name] == {"error": True}
    with pytest.raises(ValidationError):
        type_of_schema(cases.BAD_JSON_SCHEMAS[name])


def test_errors_name_record_and_field() -> None:
    info = Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.STRING()])
    reader = Api.JsonRowDeserializationSchema.builder().type_info(info).build()._decoder()
    with pytest.raises(MalformedRecordError, match=r"JSON '{\"a\":\"x\"}': field 'a': 'x' is no"):
        reader([b'{"a":1}', b'{"a":"x"}'])
    writer = Api.JsonRowSerializationSchema.builder().with_type_info(info).build()._encoder()
    with pytest.raises(MalformedRecordError, match="matches the input: 2 fields expected, got 1"):
        writer([Row(1)])
    csv = Api.CsvRowDeserializationSchema.Builder(info).build()._decoder()
    with pytest.raises(MalformedRecordError, match="CSV row 'x,y': field 'a': 'x' is no whole"):
        csv([b"x,y"])


def test_what_builders_refuse() -> None:
    with pytest.raises(TypeError, match=r"Typeinfo should be set\."):
        Api.JsonRowSerializationSchema.builder().build()
    with pytest.raises(TypeError, match="Only row types"):
        Api.JsonRowSerializationSchema.builder().with_type_info(Types.INT()).build()
    with pytest.raises(TypeError, match="JSON cannot hold values of type PickledByteArray"):
        info = Types.ROW([Types.PICKLED_BYTE_ARRAY()])
        Api.JsonRowSerializationSchema.builder().with_type_info(info).build()
    with pytest.raises(TypeError, match=r"Unsupported type information.*for field 'f0'"):
        Api.CsvRowSerializationSchema.Builder(Types.ROW([Types.LIST(Types.INT())]))
    with pytest.raises(TypeError, match="second level nesting of fields 'f0'"):
        nested = Types.OBJECT_ARRAY(Types.ROW([Types.INT()]))
        Api.CsvRowDeserializationSchema.Builder(Types.ROW([nested]))
    builder = Api.CsvRowSerializationSchema.Builder(Types.ROW([Types.INT()]))
    with pytest.raises(ValueError, match="single character"):
        builder.set_field_delimiter("||")
    with pytest.raises(ValueError, match="Unsupported new line delimiter"):
        builder.set_line_delimiter("|")
