"""Jobs written for PyFlink print here what they print there."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("golden_cases", Path(__file__).parent / "cases.py")
assert _spec is not None and _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = cases
_spec.loader.exec_module(cases)

FETCHED = Path(__file__).resolve().parents[3] / ".cache" / "pyflink"
COMPAT = f"{sys.executable} -m martlet.compat"

pytestmark = pytest.mark.usefixtures("runtime")


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_job(case: cases.Case) -> None:
    output = cases.run(COMPAT, case.script, case.arguments)
    assert case.normal(output) == case.expected.read_text().splitlines()


def _examples() -> Path:
    """PyFlink's examples, which are not part of this project: make fetches them."""
    home = os.environ.get("MARTLET_PYFLINK_HOME")
    package = Path(home) if home else FETCHED
    if not home and not package.exists():
        pytest.skip("PyFlink's examples are not there: `make test-python` fetches them")
    return package / "examples" / "datastream"


@pytest.mark.parametrize("example", cases.WHEEL_EXAMPLES, ids=lambda example: example.name)
def test_unmodified_example(example: cases.Example) -> None:
    output = cases.run(COMPAT, _examples() / f"{example.path}.py")
    assert example.normal(output) == example.expected.read_text().splitlines()
