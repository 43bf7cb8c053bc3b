"""P1 and P2: the rate of Python functions in a job, of that in a plain loop."""

from engines import Engine, bare_rows_per_second, martlet, peers
from measures import Effort, Figure, median, rate, spread

ROWS = {"map": 20_000_000, "tuple": 10_000_000, "keyed": 10_000_000, "state": 10_000_000}
TITLES = {
    "map": "map and filter over longs",
    "tuple": "tuples in and out",
    "keyed": "key_by and reduce",
    "state": "ValueState",
}


def compare(engine: Engine, job: str, keys: int, effort: Effort) -> tuple[list[float], list[float]]:
    """Rates of the engine and of the loop, measured in turn."""
    rows = effort.rows(ROWS[job])
    rates, loops = [], []
    for _ in range(effort.pairs):
        rates.append(engine.rows_per_second(job, rows, keys))
        loops.append(bare_rows_per_second(job, max(rows // 4, 1), keys))
    return rates, loops


def figure(number: str, job: str, keys: int, bar: float, goal: float, effort: Effort) -> Figure:
    rates, loops = compare(martlet(), job, keys, effort)
    ratios = [a / b for a, b in zip(rates, loops, strict=True)]
    title = TITLES[job] if job in ("map", "tuple") else f"{TITLES[job]}, {keys:,} keys"
    result = Figure(
        number,
        title,
        f"{rate(median(rates))}, bare loop {rate(median(loops))} ({spread(ratios)})",
        median(ratios),
        bar,
        goal,
    )
    for peer in peers():
        if job in peer.knows:
            theirs, _ = compare(peer, job, keys, Effort(effort.scale, 1))
            times = median(rates) / median(theirs)
            result.notes.append(f"{peer.name}: {rate(median(theirs))}; Martlet is {times:.1f} ×")
    return result


def stateless(effort: Effort) -> list[Figure]:
    # Short runs, and most at the mercy of what else the machine does: more of them.
    effort = Effort(effort.scale, 2 * effort.pairs + 1)
    return [figure("P1", job, 1000, 0.7, 1.2, effort) for job in ("map", "tuple")]


def keyed(effort: Effort) -> list[Figure]:
    jobs = ["keyed", *(["state"] if has_keyed_state() else [])]
    return [figure("P2", job, keys, 0.3, 0.8, effort) for job in jobs for keys in (1000, 1_000_000)]


def has_keyed_state() -> bool:
    try:
        from martlet.datastream.functions import KeyedProcessFunction  # noqa: F401
        from martlet.datastream.state import ValueStateDescriptor  # noqa: F401
    except ImportError:
        return False
    return True
