"""Where the Swift runtime is."""

from __future__ import annotations

import os

import martlet
from martlet.util.exceptions import RuntimeNotFoundError

__all__ = ["find_runtime"]

#: Names the runtime to use, instead of the one inside the package.
VARIABLE = "MARTLET_RUNTIME"


def find_runtime() -> str:
    """The path of the runtime's executable; :class:`RuntimeNotFoundError` if there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        return _checked(named, f"{VARIABLE} names {named}, which")
    inside = os.path.join(os.path.dirname(martlet.__file__), "_runtime", "martlet")
    if os.path.exists(inside):
        return _checked(inside, f"{inside}")
    raise RuntimeNotFoundError(
        f"no Swift runtime found: there is no {inside}. Build it with `pip install -e python/` "
        f"(Swift 6.3 on the PATH), or set {VARIABLE} to the path of the executable"
    )


def _checked(path: str, subject: str) -> str:
    if not os.path.exists(path):
        raise RuntimeNotFoundError(f"no Swift runtime found: {subject} does not exist")
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        raise RuntimeNotFoundError(f"no Swift runtime found: {subject} is not an executable file")
    return os.path.abspath(path)
