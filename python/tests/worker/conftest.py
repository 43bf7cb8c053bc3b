"""Fixtures of the worker's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast inputs are made says nothing about what is tested, on a machine that does other things.
settings.register_profile("worker", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("worker")

sys.path.insert(0, str(Path(__file__).parent))

from worker_harness import Peer, ZygoteProcess  # noqa: E402


@pytest.fixture(scope="session")
def shared_zygote() -> Iterator[ZygoteProcess]:
    """One zygote for the tests that only need workers."""
    zygote = ZygoteProcess().wait_ready()
    yield zygote
    zygote.close()


@pytest.fixture
def worker(shared_zygote: ZygoteProcess) -> Iterator[Peer]:
    """A fresh worker's data socket; the worker's end is awaited."""
    peer, worker, _ = shared_zygote.fork()
    yield peer
    peer.stream.close()
    shared_zygote.exited(worker)


@pytest.fixture
def own_zygote() -> Iterator[ZygoteProcess]:
    """A zygote of the test's own, with stdout and stderr as pipes."""
    import subprocess

    zygote = ZygoteProcess(stdout=subprocess.PIPE, stderr=subprocess.PIPE).wait_ready()
    yield zygote
    zygote.close()
