#!/usr/bin/env python3
"""Measure Martlet against the bars of docs/performance.md, and print a table.

    make bench                          everything
    make bench ARGS='P1 P5'             these
    make bench ARGS='--quick'           small inputs, one repetition: does it run?

Every claim is a ratio of two things measured in turn in this run; figures are medians. A measure
that falls short is printed as it is, and makes no error.
"""

import argparse
import json
import os
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from cold_start import cold_start
from engines import peers
from functions import keyed, stateless
from gateway import gateway
from growth import growth
from installed_size import installed_size
from latency import latency
from measures import Effort, Figure, Measure
from memory import peak_memory
from scaling import scaling
from state import beyond_memory, large_map
from windows import windows

MEASURES: dict[str, Measure] = {
    "P1": stateless,
    "P2": keyed,
    "P5": cold_start,
    "P6": gateway,
    "P7": latency,
    "P8": peak_memory,
    "P9": installed_size,
    "P10": growth,
    "P11": scaling,
    "P12": beyond_memory,
    "P13": large_map,
    "P14": windows,
}
WIDTHS = (4, 36, 9, 9, 9, 12)


def line(*cells: str) -> str:
    padded = [
        cell.ljust(width) if i in (0, 1, 5) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, WIDTHS, strict=False))
    ]
    return "  ".join([*padded, *cells[len(WIDTHS) :]])


def show(figure: Figure) -> None:
    limits = figure.limit(figure.bar), figure.limit(figure.goal)
    value = figure.show(figure.value)
    print(line(figure.number, figure.what, value, *limits, figure.verdict, figure.raw))
    for note in figure.notes:
        print(line("", f"  {note}"))
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measures", nargs="*", metavar="P", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="small inputs, one repetition")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    args = parser.parse_args()
    unknown = [name for name in args.measures if name not in MEASURES]
    if unknown:
        parser.error(f"there is no measure {unknown[0]}: {', '.join(MEASURES)}")

    # What a job imports is compiled once, as it is for users.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    effort = Effort(0.02, 1) if args.quick else Effort()
    print("peers:", ", ".join(peer.name for peer in peers()) or "none found", end="\n\n")
    print(line("#", "measure", "measured", "bar", "goal", "verdict", "figures"))
    figures: list[Figure] = []
    failed = False
    start = time.monotonic()
    for name in args.measures or MEASURES:
        try:
            for figure in MEASURES[name](effort):
                figures.append(figure)
                show(figure)
        except Exception:
            failed = True
            print(line(name, "could not be measured"))
            traceback.print_exc()
    verdicts = [figure.verdict for figure in figures]
    print(
        f"\n{verdicts.count('goal')} at the goal, {verdicts.count('passes')} past the bar, "
        f"{verdicts.count('falls short')} short of it, in {time.monotonic() - start:.0f} s"
    )
    if args.json:
        args.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
