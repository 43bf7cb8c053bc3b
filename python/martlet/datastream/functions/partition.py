"""The function behind ``partition_custom``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from martlet.datastream.functions.basic import Function, KeySelector, Partitioner

if TYPE_CHECKING:
    from martlet.datastream.functions.context import RuntimeContext

__all__ = ["KeyPartitioner"]


class KeyPartitioner(Function):
    """Which channel a value goes to: its key's partition."""

    def __init__(
        self,
        partitioner: Partitioner | Callable[[Any, int], int],
        key_selector: KeySelector | Callable[[Any], Any],
    ) -> None:
        self._functions = (partitioner, key_selector)
        self._bind()

    def _bind(self) -> None:
        partitioner, selector = self._functions
        self._partition = (
            partitioner.partition if isinstance(partitioner, Partitioner) else partitioner
        )
        self._key = selector.get_key if isinstance(selector, KeySelector) else selector

    def open(self, runtime_context: RuntimeContext) -> None:
        for function in self._functions:
            if isinstance(function, Function):
                function.open(runtime_context)

    def close(self) -> None:
        for function in self._functions:
            if isinstance(function, Function):
                function.close()

    def __call__(self, value: Any, num_partitions: int) -> int:
        return self._partition(self._key(value), num_partitions)

    def __getstate__(self) -> dict[str, Any]:
        return {"_functions": self._functions}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()
