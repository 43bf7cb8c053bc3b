"""ERROR frames: what failed, in the user's terms."""

from __future__ import annotations

import os
import traceback
from typing import Any

import cloudpickle

from martlet.worker.msgpack import pack

__all__ = ["StageError", "describe"]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
RECORD_LENGTH = 500
PICKLE_LENGTH = 1 << 20


class StageError(Exception):
    """A failure that knows its kind and its operator; the cause is the user's exception."""

    def __init__(self, kind: str, operator: str, message: str | None = None) -> None:
        super().__init__(message or kind)
        self.kind = kind
        self.operator = operator
        self.message = message


def describe(
    error: BaseException, kind: str, operator: str, record: Any = None, message: str | None = None
) -> bytes:
    """The body of an ERROR frame. ``message`` stands in for the exception's own text."""
    return pack(
        {
            "kind": kind,
            "operator": operator,
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "message": _text(error) if message is None else message,
            "traceback": user_traceback(error),
            "record": None if record is None else _record(record),
            "exception": _pickled(error),
        }
    )


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:
        return f"<its str() fails: {type(second).__name__}>"


def _record(record: Any) -> str:
    try:
        text = repr(record)
    except Exception as error:
        return f"<its repr() fails: {type(error).__name__}>"
    return text if len(text) <= RECORD_LENGTH else text[: RECORD_LENGTH - 1] + "…"


def user_traceback(error: BaseException) -> str:
    """The traceback without frames of this package, here and in the exceptions that led to it."""
    try:
        whole = traceback.TracebackException.from_exception(error)
        _strip(whole, set())
        return "".join(whole.format())
    except Exception:  # a broken __str__ or source file must not hide the error itself
        return "".join(traceback.format_tb(error.__traceback__))


def _strip(told: traceback.TracebackException, seen: set[int]) -> None:
    if id(told) in seen:
        return
    seen.add(id(told))
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(PACKAGE)]
    )
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _strip(other, seen)


def _pickled(error: BaseException) -> bytes | None:
    """The exception pickled, if what it gives can be read again."""
    try:
        data: bytes = cloudpickle.dumps(error)
        cloudpickle.loads(data)
    except Exception:
        return None
    return data if len(data) <= PICKLE_LENGTH else None
