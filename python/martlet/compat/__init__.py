"""PyFlink's names for Martlet's modules, so that jobs written for PyFlink run as they are.

``python -m martlet.compat script.py`` runs a script, ``python -m martlet.compat -m module`` a
module, with ``import pyflink…`` resolving to Martlet. :func:`install` does so inside a process.

The modules are the same objects under two names: ``pyflink.common.Row is martlet.common.Row``.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

__all__ = ["install", "is_installed", "uninstall"]

_FROM = "pyflink"
_TO = "martlet"


class _Aliases(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds Martlet's module for each of PyFlink's."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _FROM and not fullname.startswith(_FROM + "."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        name = _TO + spec.name[len(_FROM) :]
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if missing != name and not name.startswith(missing + "."):
                raise  # something that the module itself needs
        else:
            # The import system is about to write the alias's spec into the module.
            spec.loader_state = (module.__spec__, module.__loader__)
            return module
        raise ModuleNotFoundError(f"Martlet has no module '{spec.name}'", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        alias = module.__spec__.name
        module.__spec__, module.__loader__ = module.__spec__.loader_state
        sys.modules[alias] = module


_aliases = _Aliases()


def install() -> None:
    """From now on, ``import pyflink`` means Martlet in this process and in its workers.

    :raises RuntimeError: if PyFlink itself has been imported
    """
    if is_installed():
        return
    imported = sys.modules.get(_FROM)
    if imported is not None and imported.__name__ != _TO:
        raise RuntimeError("PyFlink has been imported already; call martlet.compat.install() first")
    sys.meta_path.insert(0, _aliases)


def uninstall() -> None:
    """Takes :func:`install` back."""
    if not is_installed():
        return
    sys.meta_path.remove(_aliases)
    for name in [n for n in sys.modules if n == _FROM or n.startswith(_FROM + ".")]:
        del sys.modules[name]


def is_installed() -> bool:
    """Whether ``import pyflink`` means Martlet."""
    return _aliases in sys.meta_path
