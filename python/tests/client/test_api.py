"""Names, places and parameters are PyFlink's: see ``record_api.py``."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

API = Path(__file__).parent / "pyflink_api.txt"
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def problem(line: str) -> str | None:
    """Why a line of the file does not hold here; None if it does."""
    path, parenthesis, parameters = line.rstrip(")").partition("(")
    module, _, name = path.partition(":")
    try:
        found: Any = importlib.import_module(f"martlet.{module}")
    except ModuleNotFoundError:
        return "no such module"
    owner = None
    for part in name.split("."):
        owner = found
        found = getattr(found, part, None)
        if found is None:
            return "no such name"
    if not parenthesis or not callable(found):
        return None
    return _difference([p for p in parameters.split(", ") if p], found, owner, name)


def _difference(expected: list[str], found: Any, owner: Any, name: str) -> str | None:
    """Why the expected parameters could not be passed."""
    actual = list(inspect.signature(found).parameters.values())
    raw = inspect.getattr_static(owner, name.rpartition(".")[2])
    if inspect.isclass(owner) and inspect.isfunction(raw):
        actual = actual[1:]  # self
    names = [p.name for p in actual if p.kind in POSITIONAL]
    anything = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in actual)
    optional = {p.name for p in actual if p.default is not inspect.Parameter.empty}
    for position, text in enumerate(expected):
        parameter = text.rstrip("=")
        if parameter.startswith("*"):
            if not anything and not parameter.startswith("**"):
                return f"no {parameter}"
        elif names[position : position + 1] != [parameter]:
            if not anything:
                return f"{parameter} is not at position {position}"
        elif text.endswith("=") and parameter not in optional:
            return f"{parameter} has no default"
    known = {text.strip("*=") for text in expected}
    for name in names:
        if name not in known and name not in optional:
            return f"{name} is required"
    return None


def test_the_api() -> None:
    lines = API.read_text().splitlines()
    assert len(lines) > 700
    assert {line: why for line in lines if (why := problem(line)) is not None} == {}
