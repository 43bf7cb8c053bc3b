"""The order of keys in batch mode, held to what PyFlink 2.3.0 prints (golden/key_order.py)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from martlet._native import Stage, decode, encode
from martlet.common.types import Row

GOLDEN = Path(__file__).parent / "golden"


def cases() -> dict[str, tuple[str, list[Any]]]:
    spec = importlib.util.spec_from_file_location("key_order", GOLDEN / "key_order.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, tuple[str, list[Any]]] = module.CASES
    return found


CASES = cases()


def printed() -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for line in (GOLDEN / "key_order.txt").read_text().splitlines():
        if line.startswith("-- "):
            current = out.setdefault(line[3:], [])
        else:
            current.append(int(line))
    return out


EXPECTED = printed()


@pytest.mark.parametrize("name", CASES)
def test_order(name: str) -> None:
    type_text, keys = CASES[name]
    if name == "ROW":
        keys = [Row(*k) for k in keys]
    steps = [("key_by", lambda i: keys[i], type_text), ("reduce", lambda a, b: a)]
    stage = Stage("INT", "INT", steps, mode="batch")
    stage.process(encode(list(range(len(keys))), "INT"))
    results = [v for _, body in stage.finish() for v in decode(body, "INT")]
    assert results == EXPECTED[name]
