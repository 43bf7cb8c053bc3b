"""The page about testing says what works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[3] / "docs" / "testing.md"


def test_the_example_of_the_page_passes() -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    module: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(example, str(PAGE), "exec"), module)
    module["test_silence"]()
