"""Where the library ends: an error that leaves it shows the caller's own line, not the way inside.

Only Martlet's own errors are cut short. They say in words what is wrong; of any other exception,
such as one of the user's code that a call runs, every frame may matter.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

from martlet.util.exceptions import MartletError

__all__ = ["boundary", "boundary_methods"]

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type[Any])


def boundary(function: Callable[P, T]) -> Callable[P, T]:
    """The function, whose errors show one frame of the library; their causes stay."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except MartletError as error:
            failure = error
        # Outside of the handler, so that it has no context, either.
        raise failure.with_traceback(None)

    return call


def boundary_methods(cls: C) -> C:
    """The class, with a :func:`boundary` around each public method of its own."""
    for name, member in list(vars(cls).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, (staticmethod, classmethod)):
            setattr(cls, name, type(member)(boundary(member.__func__)))
        elif isinstance(member, FunctionType):
            setattr(cls, name, boundary(member))
    return cls
