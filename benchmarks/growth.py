"""P10: what a row costs when there is a hundred times as much of something."""

from engines import martlet
from measures import Effort, Figure, median

SEVERAL = 100


def keys(effort: Effort) -> Figure:
    engine, rows = martlet(), effort.rows(10_000_000)
    few, many = [], []
    for _ in range(effort.pairs):
        few.append(1e9 / engine.rows_per_second("keyed", rows, 1000))
        many.append(1e9 / engine.rows_per_second("keyed", rows, 1000 * SEVERAL))
    return figure(f"{SEVERAL} × the keys", median(few), median(many))


def rows(effort: Effort) -> Figure:
    engine, rows = martlet(), effort.rows(1_000_000)
    little, much = [], []
    for _ in range(effort.pairs):
        # Neither starting nor stopping is a row's cost.
        base = engine.seconds("map", 1)
        little.append((engine.seconds("map", rows) - base) / rows * 1e9)
        much.append((engine.seconds("map", rows * SEVERAL) - base) / (rows * SEVERAL) * 1e9)
    return figure(f"{SEVERAL} × the rows", max(median(little), 1e-9), median(much))


def figure(what: str, before: float, after: float) -> Figure:
    raw = f"{before:.0f} ns a row, then {after:.0f} ns"
    return Figure("P10", f"cost of a row at {what}", raw, after / before, 2, 1.3, " ×", more=False)


def growth(effort: Effort) -> list[Figure]:
    return [keys(effort), rows(effort)]
