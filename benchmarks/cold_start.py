"""P5: a word count of a small text, the whole process, nothing running before it."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines import ROOT
from measures import Effort, Figure, median

TEXT = "the martlet is the bird that never lands\n" * 100


def cold_start(effort: Effort) -> list[Figure]:
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "small.txt")
        text.write_text(TEXT)
        command = [sys.executable, ROOT / "examples/word_count.py", "--input", text]
        for _ in range(2 * effort.pairs + 1):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
    raw = f"{min(seconds):.2f}…{max(seconds):.2f} s in {len(seconds)} runs"
    return [Figure("P5", "word count, cold", raw, median(seconds), 1.0, 0.4, " s", more=False)]
