"""Count the words of a text, and show the most frequent.

    python examples/word_count.py --input TEXT [--top 20] [--parallelism 1]

The job is a streaming one: each word makes a new count of that word, and the script follows the
counts as they come.
"""

import argparse
import re
import sys
import time
from pathlib import Path

from martlet.common import JobClient, Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat
from martlet.datastream.data_stream import CloseableIterator

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def words(line: str) -> list[str]:
    return WORD.findall(line.lower())


def with_one(word: str) -> tuple[str, int]:
    return word, 1


def word_of(counted: tuple[str, int]) -> str:
    return counted[0]


def add(a: tuple[str, int], b: tuple[str, int]) -> tuple[str, int]:
    return a[0], a[1] + b[1]


def count_words(path: Path, parallelism: int) -> CloseableIterator:
    """Start the job; each result is a word and how often it has been seen so far."""
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(parallelism)
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(path)).build()
    counts = (
        env.from_source(source, WatermarkStrategy.no_watermarks(), "text")
        .flat_map(words, output_type=Types.STRING())
        .map(with_one, output_type=Types.TUPLE([Types.STRING(), Types.LONG()]))
        .key_by(word_of, key_type=Types.STRING())
        .reduce(add)
    )
    return counts.execute_and_collect("word count")


class Progress:
    """One line that is rewritten on a terminal, and a line every second elsewhere."""

    def __init__(self, job: JobClient | None) -> None:
        self.job = job
        self.terminal = sys.stdout.isatty()
        self.interval = 0.1 if self.terminal else 1.0
        self.start = time.monotonic()
        self.due = self.start + self.interval

    def show(self, seen: int, different: int) -> None:
        now = time.monotonic()
        if now < self.due:
            return
        self.due = now + self.interval
        seconds = now - self.start
        line = (
            f"{self.share_read()}{seen:,} words, {different:,} different, "
            f"{seen / seconds:,.0f} words/s, {seconds:.1f} s"
        )
        if self.terminal:
            print(f"\r\x1b[K{line}", end="", flush=True)
        else:
            print(line, flush=True)

    def share_read(self) -> str:
        """How much of the input the source has read: it is some batches ahead of the counts."""
        metrics = self.job.get_metrics().result() if self.job else {}
        total = metrics.get("source.bytes-total")
        return f"{metrics['source.bytes-read'] / total:4.0%} read: " if total else ""

    def done(self) -> float:
        if self.terminal:
            print("\r\x1b[K", end="")
        return time.monotonic() - self.start


def print_table(counts: dict[str, int], seen: int, top: int) -> None:
    rows = [
        (str(rank), word, f"{count:,}", f"{count / seen:.2%}")
        for rank, (word, count) in enumerate(
            sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top], start=1
        )
    ]
    header = ("#", "word", "count", "share")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, tuple("─" * width for width in widths), *rows]:
        rank, word, count, share = (
            cell.ljust(width) if i == 1 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print(f"{rank}  {word}  {count}  {share}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the words of a text.")
    parser.add_argument(
        "--input", type=Path, required=True, help="a text file, or a folder of them"
    )
    parser.add_argument("--top", type=int, default=20, help="how many words to show")
    parser.add_argument(
        "--parallelism", type=int, default=1, help="parallel instances of each step"
    )
    args = parser.parse_args()
    if not args.input.exists():
        parser.error(f"there is no file {args.input}")

    counts: dict[str, int] = {}
    seen = 0
    with count_words(args.input, args.parallelism) as results:
        # PyFlink's results do not tell what job they come from.
        client = getattr(results, "get_job_client", lambda: None)()
        progress = Progress(client)
        for seen, (word, count) in enumerate(results, start=1):
            counts[word] = count
            if not seen % 1000:
                progress.show(seen, len(counts))
    seconds = progress.done()

    if counts:
        print_table(counts, seen, args.top)
        print()
    rate = seen / seconds
    print(f"{seen:,} words, {len(counts):,} different, in {seconds:.2f} s: {rate:,.0f} words/s")


if __name__ == "__main__":
    main()
