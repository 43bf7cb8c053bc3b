"""An asynchronous function as a step: between the stage's thread and the event loop's."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from martlet.worker.asynchronous.invocation import Invocations
from martlet.worker.asynchronous.order import Element, Ordered, Unordered

if TYPE_CHECKING:
    from martlet.datastream.functions.asynchronous import AsyncFunctionDescriptor

__all__ = ["AsyncStep"]

CLOSE_SECONDS = 1.0
"""How long coroutines that are cancelled at the end may take to notice."""


class AsyncStep:
    """Takes rows from the stage's thread, and gives it what they came to.

    What passes between the threads are two deques, whose appends and pops are atomic; whoever finds
    its flag down wakes the other side, which lowers the flag before it looks.
    """

    def __init__(self, descriptor: AsyncFunctionDescriptor) -> None:
        mode = descriptor.output_mode
        self._descriptor = descriptor
        self._function = descriptor.async_function
        #: What the user has written, of what this step runs.
        self.user_functions = [self._function]
        self._capacity = descriptor.capacity
        self._order = Ordered() if mode is type(mode).ORDERED else Unordered()
        self._incoming: deque[Element] = deque()
        self._is_called = False  # the loop will look at what is incoming
        self._done: deque[Element] = deque()
        self._is_told = False  # the stage will look at what is done
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._loop = asyncio.new_event_loop()
        self._invocations = Invocations(descriptor, self._loop, self._settled)
        self._thread: threading.Thread | None = None

    def native_step(self, output: str | None) -> tuple[Any, ...]:
        """This step as :class:`martlet._native.Stage` takes it."""
        return "async", (self.submit, self.mark, self.take, self._wake), output

    # Life: the function's own is as that of all others, on the stage's thread

    def open(self, runtime_context: Any) -> None:
        function_open = getattr(self._function, "open", None)
        if callable(function_open):
            function_open(runtime_context)
        self._thread = threading.Thread(target=self._run, name="martlet-async", daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(2 * CLOSE_SECONDS)
        else:
            self._loop.close()
        if self._thread is None or not self._thread.is_alive():
            os.close(self._wake)
        function_close = getattr(self._function, "close", None)
        if callable(function_close):
            function_close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(_cancel_all())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    # The stage's thread

    def submit(self, value: Any, time: int | None) -> bool:
        """Starts a call for a row, unless as many as the capacity are under way."""
        if self._order.in_flight >= self._capacity:
            return False
        element = Element(value, time)
        self._order.add(element)
        self._incoming.append(element)
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._start)
        return True

    def mark(self, boundary: bool) -> None:
        """A frame has come whole; no row passes a ``boundary``."""
        self._order.mark(boundary)

    def take(self) -> list[tuple[Any, int | None, Iterable[Any], BaseException | None] | None]:
        """What may leave: a row, its time, its results and its error; None: a frame is done."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            pass  # asked without having been told
        self._is_told = False
        done = self._done
        while done:
            element = done.popleft()
            if element.error is not None:  # as in Flink, it does not wait for its turn
                return [(element.value, element.time, (), element.error)]
            self._order.complete(element)
        return [
            None if element is None else (element.value, element.time, element.results, None)
            for element in self._order.take()
        ]

    # The loop's thread

    def _start(self) -> None:
        self._is_called = False
        incoming = self._incoming
        while incoming:
            self._invocations.start(incoming.popleft())

    def _settled(self, element: Element) -> None:
        self._done.append(element)
        if not self._is_told:
            self._is_told = True
            # Behind all that is ready now: the stage is woken once for many results.
            self._loop.call_soon(os.eventfd_write, self._wake, 1)


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
