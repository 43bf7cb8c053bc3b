from __future__ import annotations

import pytest

from martlet.gateway.runtime_path import find_runtime
from martlet.util.exceptions import RuntimeNotFoundError


@pytest.fixture(scope="session")
def runtime() -> str:
    """The Swift runtime; without it there is nothing to compare."""
    try:
        return find_runtime()
    except RuntimeNotFoundError as error:
        pytest.skip(str(error))
