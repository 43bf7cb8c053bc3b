"""Predicates for the strategies of :mod:`martlet.datastream.async_retry_strategies`."""

from __future__ import annotations

from typing import Any

__all__ = ["empty_result_predicate", "exception_type_predicate", "has_exception_predicate"]


def empty_result_predicate(result: list[Any] | None) -> bool:
    """Whether there are no results."""
    return result is None or len(result) == 0


def has_exception_predicate(error: BaseException | None) -> bool:
    """Whether there is an exception at all."""
    return error is not None


def exception_type_predicate(
    error: BaseException | None, expected_error_type: type[BaseException]
) -> bool:
    """Whether the exception is of a class; ``functools.partial`` gives it the class."""
    return isinstance(error, expected_error_type)
