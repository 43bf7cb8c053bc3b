from __future__ import annotations

import os

import pytest

from martlet.gateway.runtime_path import find_runtime
from martlet.util.exceptions import RuntimeNotFoundError


@pytest.fixture(scope="session")
def runtime() -> str:
    """The Swift runtime; its absence is an error unless it is meant."""
    try:
        return find_runtime()
    except RuntimeNotFoundError as error:
        if os.environ.get("MARTLET_TEST_WITHOUT_RUNTIME") == "1":
            pytest.skip(str(error))
        raise
