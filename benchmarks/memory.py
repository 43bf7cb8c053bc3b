"""P8: the memory of all processes while the words of a large text are counted."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines import ROOT
from measures import Effort, Figure

TEXT_BYTES = 100_000_000
INTERVAL = 0.02


def processes(root: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                # The name, in parentheses, may hold anything.
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def memory(pid: int) -> tuple[int, int]:
    """Bytes of a process: its share of what it maps (PSS), and all it maps (RSS)."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    size = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return size.get("Pss", 0) * 1024, size.get("Rss", 0) * 1024


def write_text(path: Path, size: int) -> None:
    """Repeat a real text until there is enough of it."""
    text = (ROOT / ".cache/text.txt").read_bytes()
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(text[: size - file.tell()])


def peak_memory(effort: Effort) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "large.txt")
        size = effort.rows(TEXT_BYTES)
        write_text(text, size)
        start = time.perf_counter()
        job = subprocess.Popen(
            [sys.executable, ROOT / "examples/word_count.py", "--input", text],
            stdout=subprocess.DEVNULL,
        )
        shared = whole = count = 0
        while job.poll() is None:
            running = processes(job.pid)
            sizes = [memory(pid) for pid in running]
            shared = max(shared, sum(pss for pss, _ in sizes))
            whole = max(whole, sum(rss for _, rss in sizes))
            count = max(count, len(running))
            time.sleep(INTERVAL)
        seconds = time.perf_counter() - start
    if job.returncode:
        raise RuntimeError(f"the word count ended with {job.returncode}")
    raw = (
        f"PSS; RSS {whole / 1e6:.0f} MB; {count} processes; "
        f"{size / 1e6:.0f} MB of text in {seconds:.1f} s"
    )
    return [Figure("P8", "peak memory", raw, shared / 1e6, 250, 120, " MB", more=False)]
