"""Avro: messages of rows, and files of records."""

from __future__ import annotations

import datetime
import io
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from martlet.common import Row, Types
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import BucketAssigner, FileSink
from martlet.datastream.formats.avro import (
    AvroBulkWriters,
    AvroInputFormat,
    AvroRowDeserializationSchema,
    AvroRowSerializationSchema,
    AvroSchema,
    GenericRecordAvroTypeInfo,
)
from martlet.datastream.formats.errors import MalformedRecordError
from martlet.testing import collect
from martlet.util.exceptions import JobExecutionError, NotSupportedError, ValidationError

fastavro = pytest.importorskip("fastavro")

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Event",
        "namespace": "test",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "other", "type": ["null", "Kind"]},
            {"name": "when", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
            {
                "name": "price",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2},
            },
            {"name": "raw", "type": {"type": "fixed", "name": "Two", "size": 2}},
            {
                "name": "points",
                "type": {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "Point",
                        "fields": [{"name": "x", "type": "double"}],
                    },
                },
            },
            {"name": "tags", "type": {"type": "map", "values": ["null", "string"]}},
            {"name": "any", "type": ["null", "int", "string"]},
        ],
    }
)
NAMES = ["id", "kind", "other", "when", "day", "price", "raw", "points", "tags", "any"]
POINT = Types.ROW_NAMED(["x"], [Types.DOUBLE()])
MOMENT = datetime.datetime(2024, 2, 29, 1, 2, 3, 4000)
FIELDS: list[Any] = [
    1, "A", "B", MOMENT, MOMENT.date(), Decimal("1.50"), b"\x01\xff",
    [Row("x")(1.5), Row("x")(-2.0)], {"k": "v", "n": None}, "x",
]  # fmt: skip
EMPTY: list[Any] = [-1, "B", None, MOMENT, None, Decimal("0.00"), b"ab", [], {}, None]


def test_messages_of_rows() -> None:
    writer = pickle.loads(pickle.dumps(AvroRowSerializationSchema(avro_schema_string=SCHEMA)))
    reader = pickle.loads(pickle.dumps(AvroRowDeserializationSchema(avro_schema_string=SCHEMA)))
    assert reader._produced_type() == Types.ROW_NAMED(
        NAMES,
        [
            Types.LONG(), Types.STRING(), Types.STRING(), Types.SQL_TIMESTAMP(), Types.SQL_DATE(),
            Types.BIG_DEC(), Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.OBJECT_ARRAY(POINT),
            Types.MAP(Types.STRING(), Types.STRING()), Types.PICKLED_BYTE_ARRAY(),
        ],
    )  # fmt: skip
    rows = [Row(*FIELDS), Row(*NAMES)(*EMPTY)]
    messages = writer._encoder()(rows)
    # Avro's encoding, by hand: zigzag numbers, lengths in front, blocks of arrays and maps.
    assert messages[1] == bytes.fromhex("01 02 00") + _long(
        int(MOMENT.replace(tzinfo=datetime.UTC).timestamp() * 1000)
    ) + bytes.fromhex("00 02 00 61 62 00 00 00")
    assert reader._decoder()([*messages, None]) == [
        Row(*NAMES)(*FIELDS), Row(*NAMES)(*EMPTY), None,
    ]  # fmt: skip


def _long(value: int) -> bytes:
    rest = value << 1
    out = bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])


def test_what_messages_refuse() -> None:
    with pytest.raises(TypeError, match="record_class or avro_schema_string should be specified"):
        AvroRowSerializationSchema()
    with pytest.raises(NotSupportedError, match=r"record_class='a\.B'"):
        AvroRowDeserializationSchema(record_class="a.B")
    with pytest.raises(ValidationError, match="no record's"):
        AvroRowSerializationSchema(avro_schema_string='"string"')
    with pytest.raises(ValidationError, match="no Avro schema"):
        AvroRowSerializationSchema(avro_schema_string='{"type": "nothing"}')
    recursive = {"type": "record", "name": "L", "fields": [{"name": "n", "type": ["null", "L"]}]}
    with pytest.raises(ValidationError, match="'L' contains itself"):
        AvroRowDeserializationSchema(avro_schema_string=json.dumps(recursive))
    with pytest.raises(MalformedRecordError, match="Failed to serialize row"):
        AvroRowSerializationSchema(avro_schema_string=SCHEMA)._encoder()([Row(1)])
    with pytest.raises(MalformedRecordError, match="Avro record of 1 bytes"):
        AvroRowDeserializationSchema(avro_schema_string=SCHEMA)._decoder()([b"\x02"])


NUMBERS = AvroSchema.parse_string(
    '{"type": "record", "name": "N", "fields": [{"name": "n", "type": "int"},'
    ' {"name": "list", "type": {"type": "array", "items": "string"}}]}'
)


def test_schemas(tmp_path: Path) -> None:
    path = tmp_path / "n.avsc"
    path.write_text(str(NUMBERS))
    info = GenericRecordAvroTypeInfo(AvroSchema.parse_file(str(path)))
    assert info == GenericRecordAvroTypeInfo(NUMBERS)
    assert info != GenericRecordAvroTypeInfo(AvroSchema.parse_string('"int"'))
    with pytest.raises(ValidationError, match="no Avro schema"):
        AvroSchema.parse_string("{")


def sink(directory: Path) -> FileSink:
    return (
        FileSink.for_bulk_format(str(directory), AvroBulkWriters.for_generic_record(NUMBERS))
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .build()
    )


def test_files_of_records(env: StreamExecutionEnvironment, tmp_path: Path) -> None:
    records = [{"n": n, "list": [str(n)] * (n % 3)} for n in range(20_000)]
    info = GenericRecordAvroTypeInfo(NUMBERS)
    env.from_collection(records).map(lambda r: r, output_type=info).sink_to(sink(tmp_path))
    env.execute()
    (path,) = tmp_path.iterdir()
    with path.open("rb") as file:  # what others make of it
        assert list(fastavro.reader(file)) == records
    stream = env.create_input(AvroInputFormat(str(path), NUMBERS))
    assert stream.get_type() == info
    assert collect(stream) == records


def test_records_are_read_as_another_schema(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    path = tmp_path / "n.avro"
    with path.open("wb") as file:
        fastavro.writer(file, json.loads(str(NUMBERS)), [{"n": 1, "list": []}], codec="deflate")
    wider = AvroSchema.parse_string(
        '{"type": "record", "name": "N", "fields": [{"name": "n", "type": "long"},'
        ' {"name": "more", "type": "string", "default": "none"}]}'
    )
    assert collect(env.create_input(AvroInputFormat(str(path), wider))) == [
        {"n": 1, "more": "none"}
    ]


def test_values_of_logical_types_are_what_is_stored(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    path = tmp_path / "event.avro"
    record = {**dict(zip(NAMES, FIELDS, strict=True)), "points": [{"x": 1.5}]}
    record["when"] = MOMENT.replace(tzinfo=datetime.UTC)
    with path.open("wb") as file:
        fastavro.writer(file, json.loads(SCHEMA), [record])
    (found,) = collect(env.create_input(AvroInputFormat(str(path), AvroSchema(SCHEMA))))
    assert found == {**record, "when": 1709168523004, "day": 19782, "price": b"\0\x96"}


def test_failures_name_their_file_or_record(
    env: StreamExecutionEnvironment, tmp_path: Path
) -> None:
    env.from_collection([{"n": "x", "list": []}]).sink_to(sink(tmp_path))
    with pytest.raises(JobExecutionError, match="Could not encode the record .*'n': 'x'"):
        env.execute()
    path = tmp_path / "none.avro"
    path.write_bytes(b"nonsense")
    with pytest.raises(JobExecutionError, match=r"none\.avro, record 1"):
        collect(env.create_input(AvroInputFormat(str(path), NUMBERS)))


def test_an_empty_file_has_a_header_alone() -> None:
    factory = AvroBulkWriters.for_generic_record(NUMBERS)
    header = factory._header()  # type: ignore[attr-defined]
    assert list(fastavro.reader(io.BytesIO(header))) == []
