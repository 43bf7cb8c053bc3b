"""P7: the time from a row's entering to its result's leaving, at half of the maximum rate."""

import subprocess
import sys

from engines import HERE
from measures import Effort, Figure, median, rate

UNLIMITED = 1_000_000_000
ROWS = 5_000_000
#: Long enough for the start, when rows wait for workers to come up, to be a part of it and no more.
SECONDS = 20


def run(rows_per_second: int, rows: int, kind: list[str]) -> tuple[float, list[float]]:
    """Seconds of the job, and the quantiles of its latencies in milliseconds."""
    command = [sys.executable, HERE / "latency_job.py", str(rows_per_second), str(rows), *kind]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the latency job failed ({done.returncode}):\n{done.stderr[-2000:]}")
    said = {words[0]: words[1:] for words in map(str.split, done.stdout.splitlines()) if words}
    return float(said["SECONDS"][0]), [float(value) / 1e6 for value in said["NANOSECONDS"]]


def maximum_rate(rows: int, kind: list[str]) -> float:
    base, _ = run(UNLIMITED, rows // 10, kind)
    whole, _ = run(UNLIMITED, rows, kind)
    return (rows - rows // 10) / max(whole - base, 1e-9)


def figure(what: str, kind: list[str], effort: Effort) -> Figure:
    maximum = median([maximum_rate(effort.rows(ROWS), kind) for _ in range(effort.pairs)])
    half = min(max(int(maximum / 2), 1), UNLIMITED)
    runs = [run(half, effort.rows(half * SECONDS), kind)[1] for _ in range(effort.pairs)]
    middle, high, highest = (median(values) for values in zip(*runs, strict=True))
    raw = f"at {rate(half)}; median {middle:.2f} ms, p99.9 {highest:.2f} ms"
    return Figure("P7", what, raw, high, 20, 5, " ms", more=False)


def latency(effort: Effort) -> list[Figure]:
    return [
        figure("latency, p99", [], effort),
        figure("latency of keyed state, p99", ["keyed"], effort),
    ]
