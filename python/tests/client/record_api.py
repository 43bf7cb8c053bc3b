"""Writes ``pyflink_api.txt``: what of PyFlink's public API this package has, by name.

    python record_api.py INVENTORY

The inventory is a JSON file that lists PyFlink's modules, classes and members with their
parameters. A line of the text is ``module:Name.member(parameter, with_default=)``. Members that are
missing or differ here are left out: what is in the file must stay.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from test_api import API, problem

AREAS = ("common", "datastream", "metrics", "util")
MARKS = {"var_pos": "*", "var_kw": "**"}


def parameters(description: dict[str, Any]) -> str:
    return ", ".join(
        MARKS.get(p["kind"], "") + p["name"] + ("=" if p.get("default") else "")
        for p in description.get("params", ())
        if not p.get("internal")
    )


def entries(inventory: dict[str, Any]) -> Iterator[str]:
    for module, content in inventory["modules"].items():
        name = module.removeprefix("pyflink.")
        if name.split(".")[0] not in AREAS:
            continue
        for export in content["exports"]:
            yield f"{name}:{export}"
        for class_name, description in content["classes"].items():
            if description["visibility"] == "internal":
                continue
            yield f"{name}:{class_name}"
            for member, about in description["members"].items():
                signature = f"({parameters(about)})" if "params" in about else ""
                yield f"{name}:{class_name}.{member}{signature}"


def main() -> None:
    inventory = json.loads(Path(sys.argv[1]).read_text())
    lines = sorted({line for line in entries(inventory) if problem(line) is None})
    API.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} lines")


if __name__ == "__main__":
    main()
