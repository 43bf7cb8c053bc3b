"""The text of CSV: records to fields and back, as the Jackson library of Flink has it."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["CsvDialect", "field_quoter", "one_record", "records"]

_QUOTED_FROM = 24
"""Longer fields are quoted without a look at them."""
_LINE_END = re.compile("[\\r\\n]")
_ESCAPED = {"0": "\0", "n": "\n", "r": "\r", "t": "\t"}


@dataclasses.dataclass(frozen=True)
class CsvDialect:
    """Which characters mean what."""

    separator: str = ","
    quote: str | None = '"'
    escape: str | None = None
    line_end: str = "\n"
    null: str | None = None
    comments: bool = False


def field_quoter(dialect: CsvDialect) -> Callable[[str], str]:
    """What puts a text between quotes where Jackson would, which is more often than it must."""
    quote, escape = dialect.quote, dialect.escape
    if quote is None:
        return lambda text: text
    # All characters up to the last one that means something count as unsafe.
    last = max(dialect.separator, quote, *(dialect.line_end or "\0"))
    unsafe = re.compile(f"[\\0-{re.escape(last)}{re.escape(escape or chr(92))}]")
    doubled = re.compile(f"[{re.escape(quote)}{re.escape(escape or quote)}]")

    def double(match: re.Match[str]) -> str:
        # A quote is doubled even where there is a character to escape it with.
        return match[0] * 2

    def quoted(text: str) -> str:
        units = len(text) + sum(c > "\uffff" for c in text) if len(text) > 12 else 0
        if units > _QUOTED_FROM or unsafe.search(text):
            return f"{quote}{doubled.sub(double, text)}{quote}"
        return text

    return quoted


def one_record(text: str, dialect: CsvDialect) -> list[str] | None:
    """The fields of the first record; None if there is none."""
    if (
        text
        and (dialect.quote is None or dialect.quote not in text)
        and dialect.escape is None
        and not dialect.comments
    ):
        line = _LINE_END.split(text, 1)[0]
        return line.split(dialect.separator)
    return next(records(io.StringIO(text, newline=""), dialect), None)


def records(lines: Iterable[str], dialect: CsvDialect) -> Iterator[list[str]]:
    """The fields of each record.

    :param lines: lines with their ends, as of a file opened with ``newline=""``
    :raises ValueError: if a quote is not closed, or closed within a field
    """
    # The parser of Python's library is the fast one. What it does not know (escapes, blanks
    # behind a quote) is left to ours, record by record.
    source = iter(lines)
    if dialect.escape is not None:
        while (record := _slow_record(source, dialect, "")) is not None:
            yield record
        return
    pending: list[str] = []

    def feed() -> Iterator[str]:
        for line in source:
            if dialect.comments and not pending and line.startswith("#"):
                continue
            pending.append(line)
            yield line

    while True:
        reader = csv.reader(
            feed(),
            delimiter=dialect.separator,
            quotechar=dialect.quote,
            quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
            strict=True,
        )
        try:
            for fields in reader:
                pending.clear()
                yield fields or [""]
            return
        except csv.Error:
            text = "".join(pending)
            pending.clear()
        record = _slow_record(source, dialect, text)
        if record is None:
            return
        yield record


def _slow_record(source: Iterator[str], dialect: CsvDialect, text: str) -> list[str] | None:
    """The next record of ``text`` and the lines that follow it."""
    while not text or (dialect.comments and text.startswith("#")):
        line = next(source, None)
        if line is None:
            return None
        text = line
    fields: list[str] = []
    at = 0
    while True:
        if dialect.quote is not None and text[at : at + 1] == dialect.quote:
            value, at, text = _quoted(text, at + 1, dialect, source)
        else:
            value, at, text = _plain(text, at, dialect, source)
        fields.append(value)
        if text[at : at + 1] != dialect.separator:
            return fields
        at += 1


def _plain(text: str, at: int, dialect: CsvDialect, source: Iterator[str]) -> tuple[str, int, str]:
    value: list[str] = []
    while at < len(text) and text[at] not in (dialect.separator, "\n", "\r"):
        if text[at] == dialect.escape:
            character, at, text = _unescaped(text, at + 1, source)
            value.append(character)
        else:
            value.append(text[at])
            at += 1
    return "".join(value), at, text


def _quoted(text: str, at: int, dialect: CsvDialect, source: Iterator[str]) -> tuple[str, int, str]:
    value: list[str] = []
    while True:
        if at >= len(text):
            line = next(source, None)
            if line is None:
                raise ValueError(f"Missing closing quote for value: {''.join(value)[:80]!r}")
            text += line
        if text[at] == dialect.quote:
            if text[at + 1 : at + 2] != dialect.quote:
                return "".join(value), _behind_quote(text, at + 1, dialect), text
            value.append(text[at])
            at += 2
        elif text[at] == dialect.escape:
            character, at, text = _unescaped(text, at + 1, source)
            value.append(character)
        else:
            value.append(text[at])
            at += 1


def _behind_quote(text: str, at: int, dialect: CsvDialect) -> int:
    """Blanks may follow a closing quote, and nothing else but the end of the field."""
    while text[at : at + 1] in (" ", "\t") and text[at] != dialect.separator:
        at += 1
    if at < len(text) and text[at] not in (dialect.separator, "\n", "\r"):
        raise ValueError(
            f"Unexpected character {text[at]!r}: expected the column separator "
            f"{dialect.separator!r} behind a closing quote"
        )
    return at


def _unescaped(text: str, at: int, source: Iterator[str]) -> tuple[str, int, str]:
    if at >= len(text):
        line = next(source, None)
        if line is None:
            raise ValueError("Unexpected end of input behind an escape character")
        text += line
    return _ESCAPED.get(text[at], text[at]), at + 1, text


def joined(fields: Sequence[str], dialect: CsvDialect) -> str:
    """The fields, which are quoted already, as a record with its end."""
    return dialect.separator.join(fields) + dialect.line_end
