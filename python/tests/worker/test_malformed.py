"""Bodies that are not what the protocol allows: an error, never a crash."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values import columns

from martlet._native import DecodeError, Stage, decode, encode

STRINGS = encode(["ab", None, "cde"], "STRING")


def patched(body: bytes, at: int, form: str, value: int) -> bytes:
    out = bytearray(body)
    struct.pack_into(form, out, at, value)
    return bytes(out)


def entry(body: bytes, index: int) -> tuple[int, int]:
    offset, length = struct.unpack_from("<II", body, 8 + 8 * index)
    return offset, length


OFFSETS = entry(STRINGS, 1)[0]
DATA = entry(STRINGS, 2)[0]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "too short for its header"),
        (STRINGS[:7], "too short for its header"),
        (STRINGS[:30], "too short for a table"),
        (patched(STRINGS, 4, "<I", 2), "the body has only 2 buffers"),
        (patched(STRINGS, 4, "<I", 4), "4 buffers, its types have 3"),
        (patched(STRINGS, 4, "<I", 0xFFFFFFFF), "too short for a table"),
        (patched(STRINGS, 0, "<I", 4), "buffer 1 has 16 bytes, where 20 are needed"),
        (patched(STRINGS, 0, "<I", 0xFFFFFFFF), "rows cannot be in a body"),
        (patched(STRINGS, 16, "<I", 65), "not aligned"),
        (patched(STRINGS, 16, "<I", 0), "overlaps what is before it"),
        (patched(STRINGS, 24, "<I", 64), "overlaps what is before it"),
        (patched(STRINGS, 16, "<I", 0xFFFFFFC0), "reaches beyond the body"),
        (patched(STRINGS, 20, "<I", 0), "buffer 1 is empty"),
        (patched(STRINGS, 28, "<I", 0xFFFFFFFF), "reaches beyond the body"),
        (patched(STRINGS, OFFSETS, "<i", 1), "the first offset is not 0"),
        (patched(STRINGS, OFFSETS + 4, "<i", 4), "the offsets decrease"),
        (patched(STRINGS, OFFSETS + 4, "<i", -1), "the offsets decrease"),
        (patched(STRINGS, OFFSETS + 12, "<i", 100), "where 100 are needed"),
        (patched(STRINGS, DATA, "<B", 0xFF), "invalid start byte"),
        (encode([(1,)], "TUPLE<INT>"), "the body has only 3 buffers"),
    ],
)  # fmt: skip
def test_broken_bodies(body: bytes, complaint: str) -> None:
    type_text = "TUPLE<INT, INT>" if complaint.endswith("3 buffers") else "STRING"
    with pytest.raises(ValueError) as caught:
        decode(body, type_text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("type_text", ["NULL", "TUPLE<>", "ARRAY<NULL>"])
def test_columns_without_buffers_cannot_claim_any_number_of_rows(type_text: str) -> None:
    if type_text == "ARRAY<NULL>":
        body = encode([[None]], type_text)
        body = patched(body, entry(body, 1)[0] + 4, "<i", 2**31 - 1)
    else:
        body = patched(encode([], type_text), 0, "<I", 2**32 - 1)
    with pytest.raises(DecodeError, match="rows cannot be in a body"):
        decode(body, type_text)


def test_values_outside_of_what_python_can_express() -> None:
    for type_text, form, value in [
        ("DATE", "<i", 2**31 - 1),
        ("TIME(0)", "<i", 86_400_000),
        ("TIMESTAMP(3)", "<q", 2**63 - 1),
        ("INTERVAL DAY TO SECOND", "<q", 2**63 - 1),
    ]:
        body = encode([None], type_text.replace("DATE", "DATE"))
        body = patched(body, entry(body, 0)[0], "<B", 1)
        body = patched(body, entry(body, 1)[0], form, value)
        with pytest.raises(OverflowError):
            decode(body, type_text)


def survives(body: bytes, type_text: str) -> None:
    """Decodes and runs the body: whatever it is, there is an answer or an exception."""
    try:
        decode(body, type_text)
    except (ValueError, OverflowError, ArithmeticError, TypeError, EOFError, KeyError):
        pass
    except Exception:
        if "PICKLED" not in type_text:  # unpickling damaged bytes may raise anything
            raise
    stage = Stage(type_text, type_text, [("map", lambda v: v)])
    try:
        stage.process(body)
    except Exception:
        assert stage.failure is not None


@given(columns(), st.data())
def test_mutated_bodies(column: tuple[str, list[Any]], data: st.DataObject) -> None:
    text, values = column
    if "PICKLED" in text or "BIG_" in text:
        return  # bytes that are executed, or numbers of any size
    body = bytearray(encode(values, text))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] = data.draw(st.integers(0, 255))
    survives(bytes(body[: data.draw(st.integers(0, len(body)))]), text)
    survives(bytes(body), text)


@given(st.binary(max_size=300), columns())
def test_noise(noise: bytes, column: tuple[str, list[Any]]) -> None:
    survives(noise, column[0])


@pytest.mark.parametrize("seed", range(20))
def test_seeded_damage_to_a_table_of_buffers(seed: int) -> None:
    chance = random.Random(seed)
    text = "TUPLE<STRING, LIST<BIGINT>, MAP<STRING, BOOLEAN>, ROW<a INT, b DOUBLE>>"
    values = [
        ("x" * i, list(range(i)), {str(i): True}, (i, i / 2)) if i % 5 else None for i in range(50)
    ]
    body = encode(values, text)
    words = [0, 1, 63, 64, 128, 2**31 - 1, 2**31, 2**32 - 1, len(body), len(body) + 64]
    for _ in range(500):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(0, min(len(body) - 4, 600))
            struct.pack_into("<I", damaged, at, chance.choice(words))
        survives(bytes(damaged), text)
