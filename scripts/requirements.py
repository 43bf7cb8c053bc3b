#!/usr/bin/env python3
"""Print what python/pyproject.toml asks for in these extras, one requirement to a line.

requirements.py EXTRA...
"""

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "python" / "pyproject.toml"


def requirements(extra: str, extras: dict[str, list[str]]) -> list[str]:
    found = []
    for requirement in extras[extra]:
        # One extra may ask for another of the same package.
        if requirement.startswith("martlet["):
            found += requirements(requirement.removeprefix("martlet[").rstrip("]"), extras)
        else:
            found.append(requirement)
    return found


if __name__ == "__main__":
    optional = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    for name in sys.argv[1:]:
        print(*requirements(name, optional), sep="\n")
