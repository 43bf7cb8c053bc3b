"""For tests: of functions by themselves, and of jobs, whose results come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "collecting_sink": ("CollectingSink", "collect"),
        "function_harness": ("FunctionHarness", "Record", "Timer"),
    },
)

if TYPE_CHECKING:
    from martlet.testing.collecting_sink import CollectingSink as CollectingSink
    from martlet.testing.collecting_sink import collect as collect
    from martlet.testing.function_harness import FunctionHarness as FunctionHarness
    from martlet.testing.function_harness import Record as Record
    from martlet.testing.function_harness import Timer as Timer
