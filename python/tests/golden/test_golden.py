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

COMPAT = f"{sys.executable} -m martlet.compat"

pytestmark = pytest.mark.usefixtures("runtime")


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_job(case: cases.Case) -> None:
    output = cases.run(COMPAT, case.script, case.arguments)
    assert case.normal(output) == case.expected.read_text().splitlines()


def _examples() -> Path:
    """Where PyFlink's examples are installed: they are not part of this project."""
    home = os.environ.get("MARTLET_PYFLINK_HOME")
    if home is None:
        spec = importlib.util.find_spec("pyflink")
        if spec is None or spec.origin is None:
            pytest.skip("PyFlink is not installed; set MARTLET_PYFLINK_HOME to its package")
        home = str(Path(spec.origin).parent)
    return Path(home) / "examples" / "datastream"


@pytest.mark.parametrize("name", cases.WHEEL_EXAMPLES)
def test_unmodified_example(name: str) -> None:
    script = _examples() / f"{name}.py"
    expected = (cases.EXPECTED / f"wheel-{name}.txt").read_text().splitlines()
    assert cases.run(COMPAT, script).splitlines() == expected
