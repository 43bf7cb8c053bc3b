"""P11: what a second worker brings to a function that computes."""

from engines import martlet
from measures import Effort, Figure, median, rate, spread

ROWS = 400_000


def scaling(effort: Effort) -> list[Figure]:
    rows = effort.rows(ROWS)
    engine = martlet()
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(effort.pairs):
        for parallelism, found in rates.items():
            found.append(engine.rows_per_second("compute", rows, parallelism=parallelism))
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    raw = f"{rate(median(rates[2]))}, one worker {rate(median(rates[1]))} ({spread(ratios)})"
    return [Figure("P11", "two workers, 20 µs of Python a row", raw, median(ratios), 1.5, 1.9)]
