"""Calls of an asynchronous function, on the event loop's thread: retries, timeouts, results."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from martlet.worker.asynchronous.order import Element

if TYPE_CHECKING:
    from martlet.datastream.functions.asynchronous import AsyncFunctionDescriptor

__all__ = ["Invocations"]


class Invocations:
    """The calls that are under way; all methods belong to the loop's thread.

    :param settled: called with each element once its results or its error are there
    """

    def __init__(
        self,
        descriptor: AsyncFunctionDescriptor,
        loop: asyncio.AbstractEventLoop,
        settled: Callable[[Element], object],
    ) -> None:
        function, strategy = descriptor.async_function, descriptor.async_retry_strategy
        predicate = strategy.get_retry_predicate()
        self._loop = loop
        self._settled = settled
        self._invoke = function.async_invoke
        self._on_timeout = function.timeout
        self._class = type(function)
        self._timeout = descriptor.timeout.to_milliseconds() / 1000
        self._strategy = strategy
        self._is_retried_result = predicate.result_predicate()
        self._is_retried_error = predicate.exception_predicate()
        self._retries = self._is_retried_result is not None or self._is_retried_error is not None
        # All wait equally long, so that their deadlines come in order and one timer is enough.
        self._deadlines: deque[tuple[float, Element]] = deque()
        #: Of so many at least half are done, as no more than the capacity are under way.
        self._most_deadlines = 2 * descriptor.capacity + 64
        self._timer: asyncio.TimerHandle | None = None

    def start(self, element: Element) -> None:
        element.task = self._loop.create_task(self._run(element))
        if self._timeout > 0:
            if len(self._deadlines) > self._most_deadlines:
                self._forget_what_is_done()
            self._deadlines.append((self._loop.time() + self._timeout, element))
            if self._timer is None:
                self._wake_at_the_first()

    async def _run(self, element: Element) -> None:
        try:
            call = self._retrying if self._retries else self._invoke
            results = await call(element.value)
        except BaseException as error:
            # A coroutine that is cancelled after its timeout has nothing to say any more.
            self._settle(element, error=error)
        else:
            self._settle(element, results)

    async def _retrying(self, value: Any) -> Any:
        strategy, attempts = self._strategy, 1
        while True:
            try:
                results = await self._invoke(value)
            except Exception as error:
                again = self._is_retried_error is not None and self._is_retried_error(error)
                if not (again and strategy.can_retry(attempts)):
                    raise
            else:
                again = (
                    results is not None
                    and self._is_retried_result is not None
                    and self._is_retried_result(results)
                )
                if not (again and strategy.can_retry(attempts)):
                    return results
            await asyncio.sleep(strategy.get_backoff_time_millis(attempts) / 1000)
            attempts += 1

    def _settle(
        self, element: Element, results: Any = None, error: BaseException | None = None
    ) -> None:
        if element.is_settled:
            return
        element.is_settled = True
        element.task = None
        element.error = error or self._objection(results)
        if element.error is None:
            element.results = results
        self._settled(element)

    def _objection(self, results: Any) -> Exception | None:
        """What is wrong with what a call has returned; None if nothing is."""
        if isinstance(results, Iterable) and not isinstance(results, str | bytes):
            return None
        what = "cannot be none" if results is None else "should be of list type"
        told = "" if results is None else f", not {type(results).__name__} {results!r:.100}"
        return RuntimeError(
            f"The result of AsyncFunction {what}{told}, please check the methods 'async_invoke' "
            f"and 'timeout' of class '{self._class}'."
        )

    # Timeouts

    def _forget_what_is_done(self) -> None:
        waiting = [entry for entry in self._deadlines if not entry[1].is_settled]
        self._deadlines.clear()
        self._deadlines.extend(waiting)

    def _wake_at_the_first(self) -> None:
        self._timer = self._loop.call_at(self._deadlines[0][0], self._expire)

    def _expire(self) -> None:
        deadlines, now = self._deadlines, self._loop.time()
        # Those that are done need no timer, however late their deadlines are.
        while deadlines and (deadlines[0][1].is_settled or deadlines[0][0] <= now):
            element = deadlines.popleft()[1]
            if not element.is_settled:
                self._expired(element)
        self._timer = None
        if deadlines:
            self._wake_at_the_first()

    def _expired(self, element: Element) -> None:
        task = element.task
        try:
            results = self._on_timeout(element.value)
        except BaseException as error:
            self._settle(element, error=error)
        else:
            self._settle(element, results)
        if task is not None:
            task.cancel()
