"""Numbers and times as Java writes and reads them, which is how Flink's text formats have them."""

from __future__ import annotations

import datetime
import decimal
import re
import struct
from collections.abc import Callable
from typing import Any

from martlet.datastream.rows import _java_double

__all__ = [
    "boolean_of",
    "checked_integer",
    "date_of",
    "decimal_of",
    "double_of",
    "double_text",
    "float_of",
    "float_text",
    "integer_of",
    "stripped",
    "time_of",
    "time_text",
    "timestamp_of",
    "timestamp_text",
    "unknown",
]

_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_INTEGER = re.compile(r"[+-]?\d+")
_FLOATING = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?)"
)
_HEX_FLOATING = re.compile(
    r"([+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?"
)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d+):(\d+):(\d+)")
_TIMESTAMP = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}) (\d+:\d+:\d+)(?:\.(\d{1,9}))?")


def double_text(value: float) -> str:
    """``Double.toString``."""
    # Where Java has no exponent, Python has none either, and the same digits.
    if 1e-3 <= value < 1e7 or -1e7 < value <= -1e-3:
        return repr(value)
    return _java_double(value)


def float_text(value: float) -> str:
    """``Float.toString``: the shortest digits that give this number of 32 bits."""
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if single != single or single in (float("inf"), float("-inf")):
        return double_text(single)
    for digits in range(6, 9):
        short = float(f"{single:.{digits}g}")
        if struct.unpack("f", struct.pack("f", short))[0] == single:
            return double_text(short)
    return double_text(float(f"{single:.9g}"))


def time_text(value: datetime.time) -> str:
    """``java.sql.Time.toString``: to the second."""
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}"


def timestamp_text(value: datetime.datetime) -> str:
    """``java.sql.Timestamp.toString``: with at least one digit of the second's fraction."""
    fraction = f"{value.microsecond:06}".rstrip("0") or "0"
    return f"{value:%Y-%m-%d %H:%M:%S}.{fraction}".rjust(len(fraction) + 20, "0")


def boolean_of(text: str) -> bool:
    """``Boolean.valueOf``: whatever is not "true" is false."""
    return text.strip().lower() == "true"


def integer_of(bits: int) -> Callable[[str], int]:
    """A reader of whole numbers as ``Integer.parseInt`` and its like; 0 bits for any size."""
    if not bits:
        return _integer

    limit = 1 << bits - 1

    def parse(text: str) -> int:
        # The way of nearly all texts first.
        value = int(text) if text.isdecimal() else _integer(text)
        return value if -limit <= value < limit else checked_integer(value, bits)

    return parse


def _integer(text: str) -> int:
    text = text.strip()
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def checked_integer(value: int, bits: int) -> int:
    """The number, if so many bits hold it."""
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"{value} does not fit in {bits} bits")
    return value


def double_of(text: str) -> float:
    """``Double.parseDouble``."""
    if text.replace(".", "", 1).isdecimal() and text.isascii():  # the way of nearly all texts
        return float(text)
    text = text.strip()
    if _FLOATING.fullmatch(text):
        return float(text.rstrip("fFdD") if text[-1:] in "fFdD" else text)
    hexadecimal = _HEX_FLOATING.fullmatch(text)
    if hexadecimal:
        return float.fromhex(hexadecimal[1])
    raise ValueError(f"{text!r} is no number")


def float_of(text: str) -> float:
    """``Float.parseFloat``: rounded to 32 bits."""
    value = double_of(text)
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def decimal_of(text: str) -> decimal.Decimal:
    """``new BigDecimal``: no infinities, no underscores."""
    text = text.strip()
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is no decimal number")
    return decimal.Decimal(text)


def stripped(value: decimal.Decimal) -> decimal.Decimal:
    """``BigDecimal.stripTrailingZeros``."""
    return value.normalize(_EXACT)


def date_of(text: str) -> datetime.date:
    """``java.sql.Date.valueOf``: a day that its month does not have is one of the next month."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date: yyyy-[m]m-[d]d")
    year, month, day = map(int, match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(f"{text!r} is no date: there is no such month or day")
    return datetime.date(year, month, 1) + datetime.timedelta(days=day - 1)


def time_of(text: str) -> datetime.time:
    """``java.sql.Time.valueOf``: what is beyond the day wraps around."""
    return (datetime.datetime(1970, 1, 1) + _duration(text, _TIME)).time()


def _duration(text: str, pattern: re.Pattern[str]) -> datetime.timedelta:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time: hh:mm:ss")
    hours, minutes, seconds = map(int, match.groups())
    return datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)


def timestamp_of(text: str) -> datetime.datetime:
    """``java.sql.Timestamp.valueOf``; what is finer than a microsecond is cut off."""
    match = _TIMESTAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no timestamp: yyyy-[m]m-[d]d hh:mm:ss[.f…]")
    day = datetime.datetime.combine(date_of(match[1]), datetime.time())
    micros = int(((match[3] or "0") + "000000")[:6])
    return day + _duration(match[2], _TIME) + datetime.timedelta(microseconds=micros)


def unknown(type_info: Any, what: str) -> Exception:
    """The error for a type that a format does not have."""
    return TypeError(f"{what} cannot hold values of type {type_info!r}")
