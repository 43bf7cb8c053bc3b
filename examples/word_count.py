"""Count the words of a text, and show the most frequent.

    python examples/word_count.py --input TEXT [--top 20] [--parallelism 1]

The job is a streaming one: each word makes a new count of that word, and the script follows the
counts as they come.
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from martlet.common import Types, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import FileSource, StreamFormat

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def words(line: str) -> list[str]:
    return WORD.findall(line.lower())


def with_one(word: str) -> tuple[str, int]:
    return word, 1


def word_of(counted: tuple[str, int]) -> str:
    return counted[0]


def add(a: tuple[str, int], b: tuple[str, int]) -> tuple[str, int]:
    return a[0], a[1] + b[1]


def count_words(path: Path, parallelism: int) -> Iterator[tuple[str, int]]:
    """Run the job; each result is a word and how often it has been seen so far."""
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
    with counts.execute_and_collect("word count") as results:
        yield from results


class Progress:
    """One line that is rewritten on a terminal, and now and then a line elsewhere."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.interval = 0.1 if self.terminal else 2.0
        self.start = time.monotonic()
        self.due = self.start + self.interval

    def show(self, seen: int, different: int) -> None:
        now = time.monotonic()
        if now < self.due:
            return
        self.due = now + self.interval
        line = f"{seen:,} words, {different:,} different, {now - self.start:.1f} s"
        print(f"\r\x1b[K{line}" if self.terminal else line, end="" if self.terminal else "\n")
        sys.stdout.flush()

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
    progress = Progress()
    for seen, (word, count) in enumerate(count_words(args.input, args.parallelism), start=1):
        counts[word] = count
        if not seen % 1000:
            progress.show(seen, len(counts))
    seconds = progress.done()

    if counts:
        print_table(counts, seen, args.top)
        print()
    print(f"{seen:,} words, {len(counts):,} different, in {seconds:.2f} s")


if __name__ == "__main__":
    main()
