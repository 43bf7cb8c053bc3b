"""Windows as two numbers: state and timers of a window belong to ``(key, start, end)``."""

from __future__ import annotations

import hashlib
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from martlet import _native
from martlet.datastream.window import (
    CountWindow,
    CountWindowSerializer,
    GlobalWindow,
    GlobalWindowSerializer,
    TimeWindow,
    TimeWindowSerializer,
)

if TYPE_CHECKING:
    from martlet.common.serializer import TypeSerializer
    from martlet.worker.state import KeyedStates

__all__ = ["Names", "names_of"]


class Names(Protocol):
    """From windows to pairs of numbers, and back."""

    def numbers(self, window: Any) -> tuple[int, int]:
        """The pair that stands for the window."""

    def window(self, first: int, second: int) -> Any:
        """The window that a pair stands for; of the key at hand."""

    def forget(self, window: Any) -> None:
        """The window is over."""


class _TimeNames:
    def numbers(self, window: TimeWindow) -> tuple[int, int]:
        return window.start, window.end

    def window(self, first: int, second: int) -> TimeWindow:
        return TimeWindow(first, second)

    def forget(self, window: TimeWindow) -> None:
        return None


class _CountNames:
    def numbers(self, window: CountWindow) -> tuple[int, int]:
        return window.id, window.id

    def window(self, first: int, second: int) -> CountWindow:
        return CountWindow(first)

    def forget(self, window: CountWindow) -> None:
        return None


class _GlobalNames:
    def numbers(self, window: GlobalWindow) -> tuple[int, int]:
        return 0, 0

    def window(self, first: int, second: int) -> GlobalWindow:
        return GlobalWindow()

    def forget(self, window: GlobalWindow) -> None:
        return None


class _OtherNames:
    """For windows of the user's own: the pair is a digest, and the key's state has the rest."""

    def __init__(self, serializer: TypeSerializer[Any], keyed: KeyedStates) -> None:
        self._serializer = serializer
        self._known: Any = keyed.declare(
            _native.MapState, "map", "window-names", "VARBINARY NOT NULL", "VARBINARY NOT NULL"
        )

    def numbers(self, window: Any) -> tuple[int, int]:
        stream = BytesIO()
        self._serializer.serialize(window, stream)
        written = stream.getvalue()
        name = hashlib.blake2b(written, digest_size=16).digest()
        if not self._known.contains(name):
            self._known.put(name, written)
        first, second = struct.unpack(">qq", name)
        return first, second

    def window(self, first: int, second: int) -> Any:
        written = self._known.get(struct.pack(">qq", first, second))
        return None if written is None else self._serializer.deserialize(BytesIO(written))

    def forget(self, window: Any) -> None:
        self._known.remove(struct.pack(">qq", *self.numbers(window)))


def names_of(serializer: TypeSerializer[Any], keyed: KeyedStates) -> Names:
    """How windows that ``serializer`` writes are called."""
    if isinstance(serializer, TimeWindowSerializer):
        return _TimeNames()
    if isinstance(serializer, CountWindowSerializer):
        return _CountNames()
    if isinstance(serializer, GlobalWindowSerializer):
        return _GlobalNames()
    return _OtherNames(serializer, keyed)
