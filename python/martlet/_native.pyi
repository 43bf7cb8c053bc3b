"""The C extension: columns to Python values and back, the fused stage, and the worker's frames."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

_Buffer = bytes | bytearray | memoryview

class EncodeError(ValueError):
    row: int | None
    path: str
    expected: str
    value: Any

class DecodeError(ValueError): ...

class Type:
    def __init__(self, text: str | Type) -> None: ...
    @property
    def kind(self) -> str: ...
    @property
    def nullable(self) -> bool: ...
    @property
    def precision(self) -> int: ...
    @property
    def scale(self) -> int: ...
    @property
    def names(self) -> list[str] | None: ...
    @property
    def children(self) -> tuple[Type, ...]: ...

class Stage:
    def __init__(
        self,
        input: str | Type,
        output: str | Type,
        steps: Sequence[tuple[str, Callable[..., Any] | None, str | None]],
        *,
        input_key: str | Type | None = None,
        output_key: str | Type | None = None,
        mode: str = "streaming",
        batch_rows: int = 4096,
    ) -> None: ...
    @property
    def failure(self) -> tuple[str, int, Any] | None: ...
    @property
    def rows_in(self) -> int: ...
    @property
    def rows_out(self) -> int: ...
    def process(self, body: _Buffer, flags: int = 0) -> list[tuple[int, bytes]]: ...
    def finish(self) -> list[tuple[int, bytes]]: ...

def encode(
    values: list[Any],
    type: str | Type,
    keys: list[Any] | None = None,
    key_type: str | Type | None = None,
    timestamps: list[int | None] | None = None,
    kinds: list[int] | None = None,
    *,
    first_row: int = 0,
) -> bytes: ...
def decode(
    body: _Buffer, type: str | Type, key_type: str | Type | None = None, flags: int = 0
) -> list[Any]: ...
def decode_batch(
    body: _Buffer, type: str | Type, key_type: str | Type | None = None, flags: int = 0
) -> tuple[list[Any], list[Any] | None, list[int | None] | None, list[int] | None]: ...
def flink_key(type: str | Type, key: Any) -> bytes: ...
def serve(
    fd: int,
    stage: Stage,
    *,
    before_answer: Callable[[], object] | None = None,
    on_control: Callable[..., object] | None = None,
    tick: Callable[[], bytes | None] | None = None,
    tick_seconds: float = 5.0,
) -> tuple[Literal["end", "eof"], int]: ...
def read_frame(fd: int) -> tuple[int, int, int, bytes] | None: ...
def write_frame(fd: int, kind: int, flags: int, sequence: int, body: _Buffer) -> None: ...
def set_pdeathsig(signal: int = 9) -> None: ...
