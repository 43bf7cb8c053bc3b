"""Amounts of time as the window API takes them."""

from __future__ import annotations

from martlet.common.time import Duration, Time

__all__ = ["millis"]


def millis(time: Time | Duration) -> int:
    """Whole milliseconds."""
    if isinstance(time, Duration):
        return time.to_millis()
    if isinstance(time, Time):
        return time.to_milliseconds()
    raise TypeError(f"an amount of time is a Time such as Time.seconds(5), got {time!r}")
