from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake_facade import FakeConnection, FakeRuntime

from martlet.datastream import StreamExecutionEnvironment


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """A runtime that only records; no process is started."""
    fake = FakeRuntime()
    connection = FakeConnection(fake)
    monkeypatch.setattr("martlet.gateway.connection.current_connection", lambda: connection)
    return fake


@pytest.fixture
def env(runtime: FakeRuntime) -> Iterator[StreamExecutionEnvironment]:
    yield StreamExecutionEnvironment.get_execution_environment()
    StreamExecutionEnvironment._default_local_parallelism = None
