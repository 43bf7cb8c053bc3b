"""``python -m martlet.compat script.py args…`` and ``python -m martlet.compat -m module args…``"""

from __future__ import annotations

import sys

from martlet import _script, compat

USAGE = "usage: python -m martlet.compat (script.py | -m module) [args…]"


def main(arguments: list[str]) -> None:
    if arguments[:1] in (["-h"], ["--help"]):
        print(f"{USAGE}\n\nRuns a PyFlink job on Martlet.")
        return
    compat.install()
    if arguments[:1] == ["-m"] and len(arguments) > 1:
        _script.run_module(arguments[1], arguments[2:])
    elif arguments and not arguments[0].startswith("-"):
        _script.run_file(arguments[0], arguments[1:])
    else:
        sys.exit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
