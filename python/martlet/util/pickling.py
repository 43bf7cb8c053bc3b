"""Functions as bytes."""

from __future__ import annotations

import io
import pickle
from collections import ChainMap
from types import CodeType
from typing import Any

import cloudpickle

__all__ = ["dump_function"]


def dump_function(function: Any) -> bytes:
    """``function`` as cloudpickle pickles it; its code still knows the file it was written in."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(function)
    return buffer.getvalue()


def _reduce_code(code: CodeType) -> tuple[Any, ...]:
    """cloudpickle 3.1.3 and later leave the file out, and tracebacks would not show it."""
    make, arguments, *rest = cloudpickle.CloudPickler.dispatch_table[CodeType](code)
    # The constructor of code takes the file as its first string.
    place = next(i for i, argument in enumerate(arguments) if isinstance(argument, str))
    return make, (*arguments[:place], code.co_filename, *arguments[place + 1 :]), *rest


class _Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]
    dispatch_table = ChainMap({CodeType: _reduce_code}, cloudpickle.CloudPickler.dispatch_table)
