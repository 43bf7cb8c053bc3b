"""Writes what PyFlink's row schemas make of the cases into ``expected/formats.json``.

    VENV/bin/python regenerate_formats.py

The interpreter must have apache-flink 2.3.0, and Java must be on the PATH.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from types import SimpleNamespace
from typing import Any

import format_cases
from pyflink.common import Row, Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.formats import csv as csv_module
from pyflink.datastream.formats import json as json_module
from pyflink.java_gateway import get_gateway
from pyflink.serializers import PickleSerializer

API = SimpleNamespace(
    Types=Types,
    Row=Row,
    JsonRowSerializationSchema=json_module.JsonRowSerializationSchema,
    JsonRowDeserializationSchema=json_module.JsonRowDeserializationSchema,
    CsvRowSerializationSchema=csv_module.CsvRowSerializationSchema,
    CsvRowDeserializationSchema=csv_module.CsvRowDeserializationSchema,
)


def java_records(rows: list[Any], info: Any, environment: Any) -> Any:
    """The records as ``from_collection`` makes them in the JVM."""
    jvm = get_gateway().jvm
    utils = jvm.org.apache.flink.streaming.api.utils.PythonTypeUtils
    config = environment._j_stream_execution_environment.getConfig()
    for row in rows:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            environment.serializer.serialize([info.to_internal_type(row)], file)
        try:
            objects = jvm.PythonBridgeUtils.readPythonObjects(file.name)
            source = utils.getCollectionInputFormat(objects, info.get_java_type_info(), config)
            source.open(jvm.org.apache.flink.core.io.GenericInputSplit(0, 1))
            yield source.nextRecord(None)
        except Exception as error:  # PyFlink has no such value
            print("not a record:", row, str(error).splitlines()[1][:150], file=sys.stderr)
            yield None


def serialized(schema: Any, info: Any, rows: list[Any], environment: Any) -> list[Any]:
    java = schema._j_serialization_schema
    java.open(None)
    found: list[Any] = []
    for record in java_records(rows, info, environment):
        if record is None:
            found.append({"no-record": True})
            continue
        try:
            found.append({"text": bytes(java.serialize(record)).decode()})
        except Exception:
            found.append({"error": True})
    return found


def deserialized(schema: Any, messages: list[bytes]) -> list[Any]:
    java = schema._j_deserialization_schema
    java.open(None)
    found: list[Any] = []
    for message in messages:
        try:
            row = java.deserialize(message)
        except Exception:
            found.append({"error": True})
            continue
        found.append({"row": None if row is None else row.toString()})
    return found


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in {**format_cases.JSON_SCHEMAS, **format_cases.BAD_JSON_SCHEMAS}.items():
        jvm = get_gateway().jvm
        try:
            converter = jvm.org.apache.flink.formats.json.JsonRowSchemaConverter
            found[name] = converter.convert(text).toString()
        except Exception:
            found[name] = {"error": True}
    return found


def main() -> None:
    os.environ["TZ"] = "UTC"  # of this process, and of the JVM that it is about to start
    time.tzset()
    environment = StreamExecutionEnvironment.get_execution_environment()
    environment.serializer = getattr(environment, "serializer", PickleSerializer())
    expected: dict[str, Any] = {"serialized": {}, "deserialized": {}, "schemas": {}}
    for name, (schema, info, rows) in format_cases.serializing(API).items():
        expected["serialized"][name] = serialized(schema, info, rows, environment)
    for name, (schema, _, messages) in format_cases.deserializing(API).items():
        expected["deserialized"][name] = deserialized(schema, messages)
    expected["schemas"] = schemas()
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    format_cases.EXPECTED.write_text(text + "\n")


if __name__ == "__main__":
    main()
