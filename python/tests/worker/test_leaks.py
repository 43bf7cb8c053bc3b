"""What is used again and again must not grow, whether it goes well or not."""

from __future__ import annotations

import datetime as dt
import gc
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from martlet._native import EncodeError, Stage, Type, decode, encode, flink_key
from martlet.common.time import Instant
from martlet.common.types import Row

NOW = dt.datetime(2024, 5, 6, 7, 8, 9)
COLUMNS: dict[str, list[Any]] = {
    "BOOLEAN": [True, None],
    "BIGINT": [1 << 40, None, 5],
    "DOUBLE": [1.5, 2],
    "DECIMAL(10, 2)": [Decimal("1.25")],
    "BIG_INTEGER": [1 << 100],
    "BIG_DECIMAL": [Decimal("1.25")],
    "STRING": ["a", "é", "x" * 100],
    "BYTES": [b"a", bytearray(b"b"), [1]],
    "PICKLED": [1, (1, "a"), [1, {"a": [b"x"]}], Row(1), 1 << 90],
    "DATE": [NOW.date()],
    "TIME(0)": [NOW.time()],
    "TIMESTAMP_LTZ(3)": [NOW.replace(tzinfo=dt.UTC)],
    "INTERVAL DAY TO SECOND": [dt.timedelta(1)],
    "INSTANT": [Instant(1, 2)],
    "MAP<STRING, LIST<BIGINT>>": [{"a": [1 << 40]}, None],
    "TUPLE<BIGINT, STRING>": [(1 << 40, "abc"), None, [1, "b"], Row(1, "c")],
    "ROW<a BIGINT, b ROW<c STRING>>": [(1 << 40, ("abc",)), {"a": 1, "b": None}, Row(b=None, a=1)],
}


def steady(action: Callable[[], Any]) -> None:
    """Fails if a hundred more rounds always leave more objects than a few.

    Caches and free lists of the interpreter fill up at times of their own.
    """
    grown = []
    for _ in range(4):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(100):
            action()
        gc.collect()
        grown.append(sys.getallocatedblocks() - before)
    assert min(grown) < 50, grown


@pytest.mark.parametrize("type_text", COLUMNS)
def test_encode_and_decode(type_text: str) -> None:
    steady(lambda: decode(encode(COLUMNS[type_text], type_text), type_text))
    steady(
        lambda: flink_key(
            type_text, decode(encode(COLUMNS[type_text][:1], type_text), type_text)[0]
        )
    )


@pytest.mark.parametrize("type_text", COLUMNS)
def test_misfits_and_damage(type_text: str) -> None:
    body = encode(COLUMNS[type_text] * 3, type_text)

    def fail() -> None:
        for wrong in (object(), [object()], (1, object()), {"a": object()}):
            with pytest.raises((EncodeError, StopIteration)):
                encode([*COLUMNS[type_text], wrong], type_text)
                raise StopIteration  # PICKLED takes some of them
        for end in (0, 10, len(body) // 2, len(body) - 1):
            with pytest.raises(ValueError):
                decode(body[:end], type_text)

    steady(fail)


def failing(x: int) -> int:
    if x == 7:
        raise ValueError("seven")
    return x


@pytest.mark.parametrize("mode", ["streaming", "batch"])
def test_stages(mode: str) -> None:
    bodies = [encode(list(range(i, i + 20)), "BIGINT") for i in (10, 0, 30)]

    def run() -> None:
        steps = [
            ("flat_map", lambda x: [x, x << 40], "BIGINT"),
            ("map", failing, "BIGINT"),
            ("map", lambda x: Row(x, str(x)), "ROW<a BIGINT, b STRING>"),
            ("key_by", lambda r: [r[0] % 3], "PICKLED"),
            ("reduce", lambda a, b: Row(a[0] + b[0], "c")),
            ("key_by", lambda r: r[1], "STRING"),
            ("map", lambda r: r),
        ]
        stage = Stage("BIGINT", "ROW<a BIGINT, b STRING>", steps, mode=mode, batch_rows=7)
        stage.process(bodies[0])
        with pytest.raises(ValueError, match="seven"):
            stage.process(bodies[1])
        stage.process(bodies[2])
        stage.finish()
        stage.finish()

    steady(run)


def test_types_that_cannot_be_parsed() -> None:
    def parse() -> None:
        for text in ("ROW<a INT, b DECIMAL(99)>", "MAP<STRING, ARRAY<", "RAW('a', 'b", "ROW<`a"):
            with pytest.raises(ValueError):
                Type(text)

    steady(parse)
