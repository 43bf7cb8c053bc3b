"""P9: the disk that an installed Martlet takes, with what it needs and without extras."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from engines import ROOT
from measures import Effort, Figure

# These come with every environment.
TOOLS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")


def disk(path: Path) -> int:
    """Bytes of the blocks that a file, or all in a folder, takes."""
    if not path.is_dir():
        return path.lstat().st_blocks * 512
    return sum(disk(path / name) for name in os.listdir(path))


def installed(site_packages: Path) -> dict[str, int]:
    return {
        entry.name: disk(entry)
        for entry in site_packages.iterdir()
        if not entry.name.startswith(TOOLS)
    }


def installed_size(effort: Effort) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        quiet = ["-q", "--disable-pip-version-check"]
        wheel = [sys.executable, "-m", "pip", "wheel", *quiet, "--no-deps", "--no-build-isolation"]
        subprocess.run(
            [*wheel, "--wheel-dir", folder, ROOT / "python"],
            env={**os.environ, "MARTLET_SKIP_RUNTIME_BUILD": "1"},
            check=True,
        )
        venv = Path(folder, "venv")
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        (built,) = Path(folder).glob("martlet-*.whl")
        subprocess.run([venv / "bin/python", "-m", "pip", "install", *quiet, built], check=True)
        (site,) = venv.glob("lib/python*/site-packages")
        sizes = installed(site)
        runtime = disk(site / "martlet/_runtime")
    total = sum(sizes.values())
    raw = f"the runtime {runtime / 1e6:.1f} MB, py4j, cloudpickle and the rest "
    raw += f"{(total - runtime) / 1e6:.1f} MB"
    return [Figure("P9", "installed size", raw, total / 1e6, 120, 60, " MB", more=False)]
