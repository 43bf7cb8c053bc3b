"""Running a script or a module in this process, as ``python script.py`` would."""

from __future__ import annotations

import os
import runpy
import sys

__all__ = ["run_file", "run_module"]


def run_file(path: str, arguments: list[str]) -> None:
    """Runs the script at ``path``: its directory comes first on the path, as ever."""
    if not os.path.exists(path):
        sys.exit(f"martlet: no such file: {path}")
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    runpy.run_path(path, run_name="__main__")


def run_module(name: str, arguments: list[str]) -> None:
    """Runs a module by its name: the working directory comes first on the path, as ever."""
    sys.path[0] = os.getcwd()
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)
