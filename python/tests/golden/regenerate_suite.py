"""Writes what the suite's jobs print under PyFlink into ``suite/expected/``.

    python regenerate_suite.py --pyflink VENV/bin/python [subject…]

The interpreter must have apache-flink 2.3.0, and Java must be on the PATH. Jobs that fail without
having declared it are told of, and left out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from suite_cases import EXPECTED, SUBJECTS, parse, run, text


def merge(subject: str, streaming: dict[str, list[str]], batch: dict[str, list[str]]) -> None:
    """Writes a subject's two files."""
    for mode, jobs in (("streaming", streaming), ("batch", batch)):
        for name in [name for name, body in jobs.items() if body and body[0].startswith("?? ")]:
            print(f"{subject} {mode} {name}: {jobs.pop(name)[0]:.300}", file=sys.stderr)
    differing = {name: body for name, body in batch.items() if streaming.get(name) != body}
    differing |= {name: ["-- not in batch"] for name in streaming if name not in batch}
    EXPECTED.mkdir(exist_ok=True)
    (EXPECTED / f"{subject}.streaming.txt").write_text(text(streaming))
    path = EXPECTED / f"{subject}.batch.txt"
    path.write_text(text(differing)) if differing else path.unlink(missing_ok=True)
    print(subject, len(streaming), len(batch), "differing", len(differing), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyflink", type=Path, required=True, metavar="INTERPRETER")
    parser.add_argument("--together", default="40", help="so many jobs in one environment")
    parser.add_argument("--output", type=Path, help="a folder of output that is there already")
    parser.add_argument("subjects", nargs="*", help="all, if none is given")
    options = parser.parse_args()
    interpreter = options.pyflink.absolute()
    # PyFlink's worker is whatever `python` the PATH has.
    os.environ["PATH"] = f"{interpreter.parent}{os.pathsep}{os.environ['PATH']}"
    for subject in options.subjects or SUBJECTS:
        modes = []
        for mode in ("streaming", "batch"):
            if options.output:
                path = options.output / f"out.{subject}.{mode}"
                modes.append(parse(path.read_text().splitlines()))
            else:
                modes.append(
                    run(
                        f"{interpreter} -u", subject, "--mode", mode,
                        "--together", options.together, patience=900,
                    )
                )  # fmt: skip
        merge(subject, *modes)


if __name__ == "__main__":
    main()
