"""For tests of jobs: sinks that bring a job's results back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {"collecting_sink": ("CollectingSink", "collect")},
)

if TYPE_CHECKING:
    from martlet.testing.collecting_sink import CollectingSink as CollectingSink
    from martlet.testing.collecting_sink import collect as collect
