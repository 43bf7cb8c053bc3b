"""The façade without a runtime: it records what it is told, and answers what tests say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cloudpickle


class FakeObject:
    """Any object of the façade: each call is recorded, and yields another one."""

    def __init__(self, kind: str, runtime: FakeRuntime, **facts: Any) -> None:
        self.kind = kind
        self.runtime = runtime
        self.facts = facts

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)

        def call(*arguments: Any) -> Any:
            self.runtime.calls.append((self.kind, method, arguments))
            answer = self.runtime.answers.get(f"{self.kind}.{method}")
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer(*arguments) if callable(answer) else answer
            kind = RESULTS.get(method)
            return None if kind is None else FakeObject(kind, self.runtime, method=method)

        return call


RESULTS = {
    **dict.fromkeys(
        [
            "fromRows",
            "fromBatches",
            "numberSequence",
            "textFiles",
            "chainedSource",
            "python",
            "keyBy",
            "reduce",
            "partition",
            "partitionCustom",
            "union",
            "watermarks",
        ],
        "Stream",
    ),
    "print": "Sink",
    "fileSink": "Sink",
    "discard": "Sink",
    "collect": "CollectSink",
    "execute": "Job",
}


class FakeRuntime:
    """What the client called, in order; and what calls are answered by."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, tuple[Any, ...]]] = []
        self.answers: dict[str, Any] = {
            "Job.id": "0" * 32,
            "Job.status": "FINISHED",
            "Job.await": True,
            "Job.result": {"net-runtime-ms": "12"},
            "StreamEnvironment.getParallelism": 4,
            "CollectSink.next": lambda rows: None,
        }

    def called(self, method: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of a method."""
        return [arguments for _, name, arguments in self.calls if name == method]

    def settings(self) -> dict[str, str]:
        """The settings made that are the job's, not the client's own."""
        return {k: v for k, v in self.called("set") if not k.startswith("martlet.client.")}

    def function(self, index: int = -1) -> Any:
        """The function that the given call of ``python`` passed on."""
        return cloudpickle.loads(self.called("python")[index][1])


class FakeConnection:
    """Stands for :class:`martlet.gateway.connection.Connection`."""

    def __init__(self, runtime: FakeRuntime) -> None:
        self.runtime = runtime

    def java_class(self, name: str) -> Callable[[], FakeObject]:
        return lambda: FakeObject(name, self.runtime)
