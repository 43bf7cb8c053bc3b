"""P12 and P13: state larger than the memory it may take, and one large map."""

import subprocess

from engines import HERE, martlet
from measures import Effort, Figure, median, spread

#: What RocksDB may take, and how much state there is: ten times as much.
MEMORY_MB = 16
VALUE_BYTES = 1000
KEYS = 160_000
ENTRIES = 1_000_000


def output(*arguments: object) -> dict[str, float]:
    command = [*martlet().launcher, str(HERE / "state_jobs.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    # Functions print in the worker, the job in the client.
    lines = (line.split() for line in done.stdout.splitlines())
    return {words[0]: float(words[1]) for words in lines if len(words) == 2}


def beyond_memory(effort: Effort) -> list[Figure]:
    return [
        against_heap(effort, "skewed", "RocksDB beyond memory ÷ heap, skewed"),
        against_heap(effort, "uniform", "RocksDB beyond memory ÷ heap, uniform"),
    ]


def against_heap(effort: Effort, job: str, what: str) -> Figure:
    keys = effort.rows(KEYS)
    rows = 5 * keys
    # Never more than is there: a small effort has little state, and gets little memory.
    memory = max(int(MEMORY_MB * effort.scale), 1)
    rocks = ["state.backend.type=rocksdb"]
    rocks.append(f"state.backend.rocksdb.memory.fixed-per-slot={memory} mb")
    heap_seconds, rocks_seconds = [], []
    for _ in range(effort.pairs):
        heap_seconds.append(output(job, rows, keys, VALUE_BYTES)["SECONDS"])
        rocks_seconds.append(output(job, rows, keys, VALUE_BYTES, *rocks)["SECONDS"])
    ratios = [r / h for r, h in zip(rocks_seconds, heap_seconds, strict=True)]
    raw = (
        f"({spread(ratios)}) {keys * VALUE_BYTES / 1e6:.0f} MB of values within {memory} MB, "
        f"{rows} accesses: {median(rocks_seconds):.1f} s, "
        f"in memory {median(heap_seconds):.1f} s"
    )
    return Figure("P12", what, raw, median(ratios), 6, 3, " ×", more=False)


def large_map(effort: Effort) -> list[Figure]:
    accesses = effort.rows(1_000_000)
    few, many = [], []
    for _ in range(effort.pairs):
        few.append(output("map", accesses, 1000)["ACCESS"] / accesses * 1e9)
        many.append(output("map", accesses, effort.rows(ENTRIES))["ACCESS"] / accesses * 1e9)
    ratios = [m / f for m, f in zip(many, few, strict=True)]
    raw = (
        f"({spread(ratios)}) {median(many):.0f} ns to read and set an entry, "
        f"{median(few):.0f} ns with 1 000 entries"
    )
    what = f"MapState of {effort.rows(ENTRIES)} entries"
    return [Figure("P13", what, raw, median(ratios), 2, 1.3, " ×", more=False)]
