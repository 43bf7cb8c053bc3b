"""Functions on their way to the workers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from martlet.util.exceptions import FunctionPicklingError

__all__ = ["describe_function", "function_bytes"]


def function_bytes(function: Any, operator: str, parts: Iterable[Any] = ()) -> bytes:
    """``function``, pickled: by its name if the workers can import it, else by value.

    :param operator: what it was given to, for the error
    :param parts: the user's objects, where ``function`` is something around them
    """
    from martlet.util.pickling import dump_function

    parts = [part for part in parts if part is not None] or [function]
    for part in parts:
        _keep_by_value_if_unreachable(part)
    try:
        return dump_function(function)
    except Exception as error:
        for part in parts:
            culprit = _culprit(part)
            if culprit is not None:
                function = part
                break
        reason = culprit or str(error) or type(error).__name__
    raise FunctionPicklingError(
        f"{describe_function(function)}, given to {operator}, cannot be sent to the workers: "
        f"{reason}. Make what cannot be pickled inside the function, or in `open`"
    )


_reachable: set[str] = {"__main__", "builtins"}


def _keep_by_value_if_unreachable(function: Any) -> None:
    """Has a module pickled by value that the workers would not find on the path.

    Such are modules that a test runner or a notebook loaded from a file of its own choice.
    """
    name = getattr(function, "__module__", None) or type(function).__module__
    if name in _reachable:
        return
    _reachable.add(name)
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if module is not None and file is not None and not _is_on_path(name, file):
        import cloudpickle

        cloudpickle.register_pickle_by_value(module)


def _is_on_path(name: str, file: str) -> bool:
    """Whether importing ``name`` by the path alone finds ``file``."""
    from importlib.machinery import PathFinder

    locations: list[str] | None = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:depth]), locations)
        if spec is None:
            return False
        if depth < len(parts):
            if spec.submodule_search_locations is None:
                return False
            locations = list(spec.submodule_search_locations)
    return spec is not None and spec.origin is not None and os.path.samefile(spec.origin, file)


def describe_function(function: Any) -> str:
    """A function or a function object, as a user would find it: name, file and line."""
    name = getattr(function, "__qualname__", None)
    if name is None:
        return f"the {type(function).__qualname__} object"
    code = getattr(function, "__code__", None)
    if code is None:
        return f"'{name}'"
    return f"'{name}' ({code.co_filename}:{code.co_firstlineno})"


def _culprit(function: Any) -> str | None:
    """Which of the values that the function refers to cannot be pickled."""
    import cloudpickle

    for where, value in _references(function):
        try:
            cloudpickle.dumps(value)
        except Exception as error:
            kind = type(value)
            return f"{where} is a {kind.__module__}.{kind.__qualname__} ({error})"
    return None


def _references(function: Any) -> Iterator[tuple[str, Any]]:
    """What a function refers to: attributes of an object, captured variables, globals, defaults."""
    if not hasattr(function, "__code__"):
        target = getattr(function, "__self__", function)
        for name, value in getattr(target, "__dict__", {}).items():
            yield f"its attribute '{name}'", value
        return
    code = function.__code__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f"its variable '{name}'", cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for name in code.co_names:
        if name in function.__globals__:
            yield f"the global '{name}'", function.__globals__[name]
    for index, value in enumerate(function.__defaults__ or ()):
        yield f"its default argument {index}", value
