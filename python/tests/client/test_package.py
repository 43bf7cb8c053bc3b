"""The package as a whole: what it exports, how quickly it is imported, who imports py4j."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

ROOT = Path(martlet.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


LAZY = [path for path in SOURCES if "lazy_exports(\n    __name__" in path.read_text()]


@pytest.mark.parametrize("path", LAZY, ids=module_name)
def test_lazy_packages_say_the_same_to_type_checkers(path: Path) -> None:
    """What is imported for type checkers is what is exported at run time."""
    module = importlib.import_module(module_name(path))
    for_checkers = {
        alias.asname: f"{node.module}.{alias.name}"
        for block in ast.walk(ast.parse(path.read_text()))
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(for_checkers) == sorted(module.__all__)
    for name, origin in for_checkers.items():
        where, _, attribute = origin.rpartition(".")
        assert getattr(module, name) is getattr(importlib.import_module(where), attribute)
    assert set(module.__all__) <= set(dir(module))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = module.nothing


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_the_gateway_package_knows_py4j() -> None:
    knowing = {path for path in SOURCES if "py4j" in imports(path)}
    assert knowing and all(path.parent == ROOT / "gateway" for path in knowing)


def test_files_stay_small() -> None:
    assert [p for p in SOURCES if len(p.read_text().splitlines()) > 400] == []


def test_importing_is_light() -> None:
    """No third-party package, and nothing heavy of Python's own, before a job needs it."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "import martlet; assert len(set(sys.modules) - before) <= 1\n"
        "from martlet.common import Types, WatermarkStrategy, Encoder, Configuration, Row\n"
        "from martlet.datastream import StreamExecutionEnvironment, RuntimeExecutionMode\n"
        "from martlet.datastream.connectors.file_system import FileSource, FileSink\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "heavy = {'py4j', 'cloudpickle', 'asyncio', 'logging', 'inspect', 'subprocess', 'socket'}\n"
        "assert not loaded & heavy, loaded & heavy"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT.parent)},
    )
    assert done.returncode == 0, done.stderr


def test_doctests() -> None:
    import doctest

    for name in ("martlet.common.types", "martlet.common.time"):
        assert doctest.testmod(importlib.import_module(name)).failed == 0
