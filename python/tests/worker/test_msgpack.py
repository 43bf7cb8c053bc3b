"""The MessagePack subset."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet.worker.msgpack
from martlet.worker.msgpack import pack, unpack

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(max_size=300),
    lambda v: (
        st.lists(v, max_size=20)
        | st.dictionaries(st.text("ab", max_size=3) | st.integers(0, 9), v)
    ),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    assert unpack(pack(value)) == value


@pytest.mark.parametrize("size", [0, 15, 16, 31, 32, 255, 256, 65535, 65536])
def test_every_width_of_length(size: int) -> None:
    for value in ("x" * size, b"x" * size, [None] * size, dict.fromkeys(range(size))):
        assert unpack(pack(value)) == value


@given(VALUES, st.data())
def test_what_is_cut_short_is_refused(value: Any, data: st.DataObject) -> None:
    packed = pack(value)
    with pytest.raises(ValueError):
        unpack(packed[: data.draw(st.integers(0, len(packed) - 1))])
    with pytest.raises(ValueError):
        unpack(packed + b"\0")


@given(st.binary(max_size=50))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    try:
        unpack(noise)
    except ValueError:
        pass


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(ValueError):
        unpack(b"\x91" * 100_000)


def test_what_has_no_form() -> None:
    for value in (object(), 1 << 64, -(1 << 63) - 1):
        with pytest.raises((TypeError, ValueError)):
            pack(value)


def test_examples() -> None:
    assert doctest.testmod(martlet.worker.msgpack).failed == 0
