"""Pickles of plain values, which the extension writes and reads itself."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet._native import decode, encode

SCALARS = (
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda v: (
        st.lists(v | st.none(), max_size=5)
        | st.lists(v | st.none(), max_size=5).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), v, max_size=5)
    ),
    max_leaves=10,
)


def pickled(value: Any) -> bytes:
    """The bytes that stand for a value in a PICKLED column."""
    body = encode([value], "PICKLED")
    offset, length = struct.unpack_from("<II", body, 8 + 2 * 8)
    return body[offset : offset + length]


@given(VALUES)
def test_what_is_written_is_a_pickle(value: Any) -> None:
    assert repr(pickle.loads(pickled(value))) == repr(value)
    assert repr(decode(encode([value], "PICKLED"), "PICKLED")) == repr([value])


@given(VALUES, st.integers(0, 5))
def test_what_pickle_wrote_is_read(value: Any, protocol: int) -> None:
    body = encode([pickle.dumps(value, protocol)], "BYTES")
    assert repr(decode(body, "PICKLED")) == repr([value])


@pytest.mark.parametrize(
    "value",
    [0, 255, 256, 65535, 65536, -1, -128, -129, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1,
     -(2**63), 2**63, 10**40, "x" * 255, "x" * 256, b"x" * 256, (1,) * 70, [None] * 70, "\ud800",
     list(range(1000)), ((((((((((1,),),),),),),),),),), float("inf")],
)  # fmt: skip
def test_widths_and_limits(value: Any) -> None:
    assert pickle.loads(pickled(value)) == value
    for protocol in range(6):
        assert decode(encode([pickle.dumps(value, protocol)], "BYTES"), "PICKLED") == [value]


def test_objects_that_are_shared_stay_so() -> None:
    shared = [1]
    ((first, second),) = decode(encode([(shared, shared)], "PICKLED"), "PICKLED")
    assert first is second
    loop: list[Any] = []
    loop.append(loop)
    (back,) = decode(encode([loop], "PICKLED"), "PICKLED")
    assert back[0] is back


@given(st.binary(max_size=40))
def test_noise_is_an_error(noise: bytes) -> None:
    if b"c" in noise or b"\x93" in noise or b"i" in noise:
        return  # it could name a function
    try:
        expected: Any = [pickle.loads(noise)]
    except Exception:
        expected = None
    try:
        found: Any = decode(encode([noise], "BYTES"), "PICKLED")
    except Exception:
        found = None
    # pickle ignores what stands after the end.
    assert found is None or repr(found) == repr(expected)
