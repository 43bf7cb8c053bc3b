"""Hypothesis strategies: types, and values as a reader would make them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from martlet.common.time import Instant
from martlet.common.types import Row, RowKind

UTC = dt.UTC
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DAY = dt.timedelta(days=1)


def ints(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(
        lambda n: Decimal((n < 0, tuple(map(int, str(abs(n)))), -scale))
    )


def cut(unit: int) -> Any:
    """Drops microseconds below the unit, as the type's precision does."""
    return lambda d: d.replace(microsecond=d.microsecond // unit * unit, fold=0)


def near(d: dt.datetime) -> bool:
    return 1678 <= d.year <= 2261


def instants() -> st.SearchStrategy[Instant]:
    return st.builds(Instant, ints(64), st.integers(0, 999_999_999))


PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "BOOLEAN": st.booleans(),
    "TINYINT": ints(8),
    "SMALLINT": ints(16),
    "INT": ints(32),
    "BIGINT": ints(64),
    "FLOAT": st.floats(width=32, allow_nan=False),
    "DOUBLE": st.floats(allow_nan=False),
    "DECIMAL(10, 3)": decimals(10, 3),
    "DECIMAL(38, 38)": decimals(38, 38),
    "DECIMAL(38, 0)": decimals(38, 0),
    "BIG_INTEGER": st.integers(),
    "BIG_DECIMAL": st.decimals(allow_nan=False, allow_infinity=False, places=7),
    "CHAR(3)": TEXT,
    "STRING": TEXT,
    "BINARY(3)": st.binary(max_size=12),
    "BYTES": st.binary(max_size=12),
    "RAW('a', 'b')": st.binary(max_size=12),
    "PICKLED": st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.binary(),
        lambda v: st.lists(v) | st.tuples(v, v) | st.dictionaries(TEXT, v),
        max_leaves=5,
    ).filter(lambda v: v is not None),  # which is the column's null
    "DATE": st.dates(),
    "TIME(0)": st.times().map(cut(1000)),
    "TIMESTAMP(3)": st.datetimes().map(cut(1000)),
    "TIMESTAMP(6)": st.datetimes().map(cut(1)),
    "TIMESTAMP(9)": st.datetimes().map(cut(1)).filter(near),
    "TIMESTAMP_LTZ(3)": st.datetimes(timezones=st.just(UTC)).map(cut(1000)),
    "TIMESTAMP_LTZ(6)": st.datetimes(timezones=st.just(UTC)).map(cut(1)),
    "INSTANT": instants(),
    "INTERVAL YEAR TO MONTH": ints(32),
    "INTERVAL DAY TO SECOND": st.timedeltas(-(10**6) * DAY, 10**6 * DAY).map(
        lambda d: d - d % dt.timedelta(milliseconds=1)
    ),
    "NULL": st.none(),
}

HASHABLE = ["BOOLEAN", "INT", "BIGINT", "STRING", "DATE", "DECIMAL(10, 3)", "BYTES"]


def row(names: list[str]) -> Any:
    def make(values: tuple[Any, ...]) -> Row:
        made = Row(*values)
        made._fields = names
        made._row_kind = RowKind.INSERT
        return made

    return make


Typed = tuple[str, st.SearchStrategy[Any]]


@st.composite
def types(draw: st.DrawFn, depth: int = 3) -> Typed:
    """A type's text, and the strategy of its values."""
    nested = ["ARRAY", "LIST", "MAP", "MULTISET", "ROW", "TUPLE"] if depth else []
    kind = draw(st.sampled_from([*PLAIN, *nested * 4]))
    values: st.SearchStrategy[Any]
    if kind in PLAIN:
        text, values = kind, PLAIN[kind]
    elif kind in ("ARRAY", "LIST"):
        child, elements = draw(types(depth - 1))
        text, values = f"{kind}<{child}>", st.lists(elements, max_size=4)
    elif kind in ("MAP", "MULTISET"):
        key = draw(st.sampled_from(HASHABLE))
        if kind == "MAP":
            child, elements = draw(types(depth - 1))
            text = f"MAP<{key}, {child}>"
        else:
            text, elements = f"MULTISET<{key}>", st.integers(1, 9)
        values = st.dictionaries(PLAIN[key], elements, max_size=4)
    else:
        children = draw(st.lists(types(depth - 1), max_size=4))
        inner = st.tuples(*[v for _, v in children])
        if kind == "TUPLE":
            text, values = f"TUPLE<{', '.join(t for t, _ in children)}>", inner
        else:
            names = [f"a b`{i}" for i in range(len(children))]
            fields = [f"`{n.replace('`', '``')}` {t}" for n, (t, _) in zip(names, children)]
            text, values = f"ROW<{', '.join(fields)}>", inner.map(row(names))
    if kind != "NULL":
        if draw(st.booleans()):
            text += " NOT NULL"
        else:
            values = st.none() | values
    return text, values


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A type and the values of a column of it."""
    text, values = draw(types())
    return text, draw(st.lists(values, max_size=20))
