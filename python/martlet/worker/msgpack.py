"""The part of MessagePack that the worker channel uses: no extensions, no timestamps."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

__all__ = ["pack", "unpack"]


def pack(value: Any) -> bytes:
    """``value`` as MessagePack: None, bool, int (64 bits), float, str, bytes, list, tuple, dict.

    >>> pack({"a": [1, -1, None, True, 1.5, b"x"]}).hex()
    '81a1619601ffc0c3cb3ff8000000000000c40178'
    """
    out = bytearray()
    _pack(value, out)
    return bytes(out)


def _head(out: bytearray, n: int, fix: tuple[int, int] | None, codes: tuple[int, ...]) -> None:
    """The length of a str, bytes, list or dict: in the first byte, or after one of ``codes``."""
    if fix is not None and n < fix[1]:
        out.append(fix[0] | n)
        return
    for code, form, limit in zip(codes, (">B", ">H", ">I")[-len(codes) :], _LIMITS[-len(codes) :]):
        if n < limit:
            out.append(code)
            out += struct.pack(form, n)
            return
    raise ValueError(f"too long for MessagePack: {n}")


_LIMITS = (1 << 8, 1 << 16, 1 << 32)


def _pack_int(value: int, out: bytearray) -> None:
    if -32 <= value < 128:
        out += struct.pack("b" if value < 0 else "B", value)
    elif -(1 << 63) <= value < 1 << 63:
        out += struct.pack(">Bq", 0xD3, value)
    elif 0 < value < 1 << 64:
        out += struct.pack(">BQ", 0xCF, value)
    else:
        raise ValueError("ints of MessagePack have 64 bits")


def _pack(value: Any, out: bytearray) -> None:
    if value is None:
        out.append(0xC0)
    elif value is True or value is False:
        out.append(0xC3 if value else 0xC2)
    elif isinstance(value, int):
        _pack_int(value, out)
    elif isinstance(value, float):
        out += struct.pack(">Bd", 0xCB, value)
    elif isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
        _head(out, len(data), (0xA0, 32), (0xD9, 0xDA, 0xDB))
        out += data
    elif isinstance(value, (bytes, bytearray)):
        _head(out, len(value), None, (0xC4, 0xC5, 0xC6))
        out += value
    elif isinstance(value, (list, tuple)):
        _head(out, len(value), (0x90, 16), (0xDC, 0xDD))
        for element in value:
            _pack(element, out)
    elif isinstance(value, dict):
        _head(out, len(value), (0x80, 16), (0xDE, 0xDF))
        for key, element in value.items():
            _pack(key, out)
            _pack(element, out)
    else:
        raise TypeError(f"MessagePack has no {type(value).__name__}")


def unpack(data: bytes) -> Any:
    """The one value in ``data``; :class:`ValueError` if it is cut short or has something after."""
    reader = _Reader(data)
    try:
        value = reader.value()
    except (struct.error, IndexError, RecursionError) as error:
        raise ValueError(f"not a MessagePack value: {error}") from None
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes after the MessagePack value")
    return value


class _Reader:
    """Reads values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, form: str) -> Any:
        value = struct.unpack_from(form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def bytes(self, n: int) -> bytes:
        if n > len(self.data) - self.at:
            raise ValueError("the MessagePack value is cut short")
        self.at += n
        return self.data[self.at - n : self.at]

    def str(self, n: int) -> str:
        return self.bytes(n).decode()

    def list(self, n: int) -> list[Any]:
        return [self.value() for _ in range(self.sane(n))]

    def dict(self, n: int) -> dict[Any, Any]:
        out = {}
        for _ in range(self.sane(n)):
            key = self.value()
            if isinstance(key, (list, dict)):
                raise ValueError("a key of a MessagePack map is a list or a map")
            out[key] = self.value()
        return out

    def sane(self, n: int) -> int:
        """A count that the rest of the data could hold."""
        if n > len(self.data) - self.at:
            raise ValueError("the MessagePack value is cut short")
        return n

    def value(self) -> Any:
        code = self.number(">B")
        if code < 0x80:
            return code
        if code >= 0xE0:
            return code - 0x100
        if code < 0x90:
            return self.dict(code & 15)
        if code < 0xA0:
            return self.list(code & 15)
        if code < 0xC0:
            return self.str(code & 31)
        read = _CODES.get(code)
        if read is None:
            raise ValueError(f"no MessagePack value starts with 0x{code:02x} here")
        return read(self)


_CODES: dict[int, Callable[[_Reader], Any]] = {
    0xC0: lambda r: None,
    0xC2: lambda r: False,
    0xC3: lambda r: True,
    0xC4: lambda r: r.bytes(r.number(">B")),
    0xC5: lambda r: r.bytes(r.number(">H")),
    0xC6: lambda r: r.bytes(r.number(">I")),
    0xCA: lambda r: r.number(">f"),
    0xCB: lambda r: r.number(">d"),
    0xCC: lambda r: r.number(">B"),
    0xCD: lambda r: r.number(">H"),
    0xCE: lambda r: r.number(">I"),
    0xCF: lambda r: r.number(">Q"),
    0xD0: lambda r: r.number(">b"),
    0xD1: lambda r: r.number(">h"),
    0xD2: lambda r: r.number(">i"),
    0xD3: lambda r: r.number(">q"),
    0xD9: lambda r: r.str(r.number(">B")),
    0xDA: lambda r: r.str(r.number(">H")),
    0xDB: lambda r: r.str(r.number(">I")),
    0xDC: lambda r: r.list(r.number(">H")),
    0xDD: lambda r: r.list(r.number(">I")),
    0xDE: lambda r: r.dict(r.number(">H")),
    0xDF: lambda r: r.dict(r.number(">I")),
}
