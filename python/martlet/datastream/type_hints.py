"""Types from annotations: where a job declares no output type, the function's own word counts.

PyFlink pickles the results of such a function. A declared type is faster, and needs nothing
written twice; what an annotation does not pin down is pickled here too.
"""

from __future__ import annotations

import datetime
import decimal
import types
import typing
from collections.abc import Callable
from typing import Any

from martlet.common.typeinfo import TypeInformation, Types
from martlet.datastream.function_bytes import describe_function

__all__ = ["TypeHint", "element_type", "hinted_type", "type_from_hint"]

# Values of these fit their types without loss. A datetime may have a time zone, and a dict may be
# of a class with an order of its own, so they are not here.
_SIMPLE: dict[Any, Callable[[], TypeInformation]] = {
    bool: Types.BOOLEAN,
    int: Types.LONG,
    float: Types.DOUBLE,
    str: Types.STRING,
    bytes: lambda: Types.PRIMITIVE_ARRAY(Types.BYTE()),
    decimal.Decimal: Types.BIG_DEC,
    datetime.date: Types.SQL_DATE,
}


class TypeHint(typing.NamedTuple):
    """A type, and the annotation that it comes from."""

    type_info: TypeInformation
    origin: str
    """As a sentence would have it: ``the annotation '-> int' of 'f' (job.py:3)``."""


def hinted_type(function: Any, method: str, of_elements: bool = False) -> TypeHint | None:
    """The type that a function's annotation gives its results; None if it gives none.

    :param function: a callable, or an object whose ``method`` is called
    :param of_elements: whether the function returns iterables, of whose elements the type is wanted
    """
    called = function
    if not _is_plain(function):
        called = getattr(function, method, None) or type(function).__call__
    annotations = getattr(called, "__annotations__", None)
    if not annotations or "return" not in annotations:
        return None
    try:
        hint = typing.get_type_hints(called)["return"]
    except Exception:  # a name that cannot be resolved here; the value is pickled
        return None
    type_info = element_type(hint) if of_elements else type_from_hint(hint)
    if type_info is None:
        return None
    shown = annotations["return"]
    shown = shown if isinstance(shown, str) else _shown(shown)
    return TypeHint(type_info, f"the annotation '-> {shown}' of {describe_function(called)}")


def _is_plain(function: Any) -> bool:
    return hasattr(function, "__code__") or isinstance(function, type)


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def type_from_hint(hint: Any) -> TypeInformation | None:
    """The type that an annotation stands for; None if it does not pin one down."""
    simple = _SIMPLE.get(hint) if isinstance(hint, type) else None
    if simple is not None:
        return simple()
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        rest = [a for a in arguments if a is not type(None)]
        return type_from_hint(rest[0]) if len(rest) == 1 else None
    if origin is tuple and arguments and Ellipsis not in arguments:
        fields = [type_from_hint(a) for a in arguments]
        known = [f for f in fields if f is not None]
        # A field of no particular type is pickled on its own.
        return Types.TUPLE([f or Types.PICKLED_BYTE_ARRAY() for f in fields]) if known else None
    if origin is list and arguments:
        element = type_from_hint(arguments[0])
        return None if element is None else Types.LIST(element)
    return None


def element_type(hint: Any) -> TypeInformation | None:
    """The type of the elements of the iterable that an annotation stands for."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        rest = [a for a in arguments if a is not type(None)]
        return element_type(rest[0]) if len(rest) == 1 else None
    if not arguments or not isinstance(origin, type):
        return None
    if origin is tuple:
        return type_from_hint(arguments[0]) if arguments[1:] == (Ellipsis,) else None
    if issubclass(origin, dict) or not hasattr(origin, "__iter__"):
        return None
    return type_from_hint(arguments[0])
