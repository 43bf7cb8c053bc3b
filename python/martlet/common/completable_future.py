"""A result that may be yet to come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from martlet.util.boundary import boundary_methods

__all__ = ["CompletableFuture"]


@boundary_methods
class CompletableFuture:
    """The outcome of something that goes on elsewhere.

    :param compute: waits for the outcome and returns it, or raises what went wrong; called once
    :param ready: tells without waiting whether the outcome is there
    """

    def __init__(
        self, compute: Callable[[], Any], ready: Callable[[], bool] = lambda: True
    ) -> None:
        self._compute = compute
        self._ready = ready
        self._lock = threading.Lock()  # guards the fields below
        self._settled = False
        self._cancelled = False
        self._value: Any = None
        self._error: BaseException | None = None

    def cancel(self) -> bool:
        """Gives up on the outcome; whatever would produce it goes on. False if it is there."""
        if self.done():
            return self._cancelled
        self._cancelled = True
        return True

    def cancelled(self) -> bool:
        return self._cancelled

    def done(self) -> bool:
        """Whether :meth:`result` would return without waiting."""
        return self._cancelled or self._settled or self._ready()

    def result(self) -> Any:
        """Waits for the outcome; raises what went wrong."""
        if self._cancelled:
            raise _cancelled_error()
        self._settle()
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self) -> BaseException | None:
        """What went wrong; None if nothing did, or if it is not over yet."""
        if self._cancelled:
            return _cancelled_error()
        if not self.done():
            return None
        self._settle()
        return self._error

    def _settle(self) -> None:
        with self._lock:
            if self._settled:
                return
            try:
                self._value = self._compute()
            except Exception as error:
                self._error = error
            self._settled = True

    def __str__(self) -> str:
        if not self.done():
            return "CompletableFuture[Not completed]"
        if self.exception() is not None:
            return "CompletableFuture[Completed exceptionally]"
        return "CompletableFuture[Completed normally]"


def _cancelled_error() -> BaseException:
    from concurrent.futures import CancelledError

    return CancelledError()
