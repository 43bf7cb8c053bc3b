"""Run by an interpreter that has PyFlink, and perhaps not Martlet: a script of its own.

``python flink_bootstrap.py COUNT key=value… script.py args…``, with so many settings
"""

# mypy: ignore-errors
from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import runpy
import sys


class MartletIsPyFlink(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds PyFlink's module for each of Martlet's."""

    def find_spec(self, fullname, path, target=None):
        if fullname.partition(".")[0] != "martlet":
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        module = importlib.import_module("pyflink" + spec.name[len("martlet") :])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__, alias = module.__spec__.loader_state, module.__spec__.name
        sys.modules[alias] = module


def configure(settings: dict[str, str]) -> None:
    """Has each environment start with the settings."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    create = StreamExecutionEnvironment.get_execution_environment

    def get_execution_environment(configuration=None):
        merged = Configuration()
        for key, value in settings.items():
            merged.set_string(key, value)
        if configuration is not None:
            merged.add_all(configuration)
        return create(merged)

    StreamExecutionEnvironment.get_execution_environment = staticmethod(get_execution_environment)


def main(arguments: list[str]) -> None:
    count = 1 + int(arguments[0])
    settings = dict(text.split("=", 1) for text in arguments[1:count])
    script, *rest = arguments[count:]
    sys.meta_path.insert(0, MartletIsPyFlink())
    if settings:
        configure(settings)
    sys.argv = [script, *rest]
    sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
