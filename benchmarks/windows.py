"""P14: what a row costs in sliding windows of 60 panes, of what it does in tumbling ones."""

import sys
from pathlib import Path

from engines import run_job
from measures import Effort, Figure, median, rate, spread

JOBS = Path(__file__).with_name("window_jobs.py")
ROWS = 1_200_000
KEYS = {"100 keys": 100, "10,000 keys": 10_000}
"""A pane has 100 rows of each key, or one: then a window fires for each row."""


def seconds(windows: str, work: str, rows: int, keys: int) -> float:
    command = [sys.executable, "-m", "martlet.compat", str(JOBS), windows, work, str(rows)]
    return run_job(command, {"KEYS": str(keys)})


def seconds_per_row(windows: str, work: str, rows: int, keys: int) -> float:
    """Of a job that runs: neither starting it nor firing what is left at its end counts."""
    base = seconds(windows, work, rows // 2, keys)
    return max(seconds(windows, work, rows, keys) - base, 1e-9) / (rows - rows // 2)


def figure(work: str, title: str, keys: int, effort: Effort) -> Figure:
    rows = effort.rows(ROWS)
    tumbling, sliding = [], []
    for _ in range(effort.pairs):
        tumbling.append(seconds_per_row("tumbling", work, rows, keys))
        sliding.append(seconds_per_row("sliding", work, rows, keys))
    ratios = [a / b for a, b in zip(sliding, tumbling, strict=True)]
    raw = f"{rate(1 / median(sliding))}, tumbling {rate(1 / median(tumbling))} ({spread(ratios)})"
    what = f"60 panes, {work}, {title}"
    return Figure("P14", what, raw, median(ratios), 2, 1.3, " ×", more=False)


def windows(effort: Effort) -> list[Figure]:
    works = ("reduce", "aggregate", "process")
    return [figure(work, *keys, effort) for work in works for keys in KEYS.items()]
