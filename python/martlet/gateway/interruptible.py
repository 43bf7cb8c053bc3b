"""Calls that take as long as a job, without keeping Ctrl-C waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["interruptibly"]

T = TypeVar("T")


def interruptibly(function: Callable[[], T]) -> T:
    """What ``function`` returns or raises; Ctrl-C ends the waiting, not the call.

    py4j reports an interrupted call at length and gives up its connection, so in the main thread,
    where Ctrl-C arrives, the call is left to another one.
    """
    if threading.current_thread() is not threading.main_thread():
        return function()
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="martlet-wait", daemon=True)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]
