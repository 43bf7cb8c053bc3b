"""Writes what the jobs print under PyFlink into ``expected/``.

    python regenerate.py --pyflink VENV/bin/python [case…]

The interpreter must have apache-flink 2.3.0, and Java must be on the PATH.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import CASES, EXPECTED, WHEEL_EXAMPLES, run

#: What PyFlink and Beam log to standard output, where an example sends it.
LOGGED = ("Using Any for unsupported type", "No module named google", "PYFLINK_CYTHON_ENABLED")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyflink", type=Path, required=True, metavar="INTERPRETER")
    parser.add_argument("cases", nargs="*", help="names of cases; all, if none is given")
    options = parser.parse_args()
    interpreter = options.pyflink.absolute()
    # PyFlink's worker is whatever `python` the PATH has.
    path = f"{interpreter.parent}{os.pathsep}{os.environ['PATH']}"
    EXPECTED.mkdir(exist_ok=True)
    for case in CASES:
        if options.cases and case.name not in options.cases:
            continue
        output = run(str(interpreter), case.script, case.arguments, PATH=path)
        case.expected.write_text("\n".join(case.normal(output)) + "\n")
        print(case.name, flush=True)
    examples = next(interpreter.parent.parent.glob("lib/python*/site-packages/pyflink/examples"))
    for example in WHEEL_EXAMPLES:
        if options.cases and f"wheel-{example.name}" not in options.cases:
            continue
        # -u: what the script itself prints stands where it printed it.
        script = examples / "datastream" / f"{example.path}.py"
        output = run(f"{interpreter} -u", script, PATH=path)
        lines = [line for line in example.normal(output) if not line.startswith(LOGGED)]
        example.expected.write_text("\n".join(lines) + "\n")
        print(f"wheel-{example.name}", flush=True)


if __name__ == "__main__":
    main()
