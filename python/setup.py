"""Builds what pyproject.toml cannot describe: the C extension, and the runtime written in Swift.

Environment:
    MARTLET_RUNTIME             a built runtime to pack, in place of building one
    MARTLET_SKIP_RUNTIME_BUILD  "1": leave the runtime as it is
"""

import os
import re
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

from setuptools import Command, Extension, setup
from setuptools.command.build import build

HERE = Path(__file__).resolve().parent
SWIFT_PACKAGE = HERE.parent
RUNTIME = Path("martlet", "_runtime", "martlet")
SWIFT_NEEDED = (6, 3)


def stop(message: str) -> None:
    """End with one line, which pip shows as it is."""
    sys.stdout.flush()
    sys.exit(f"martlet: {message}")


def check_swift() -> None:
    """Say what is missing before a build tool says it at length."""
    needed = ".".join(map(str, SWIFT_NEEDED))
    advice = (
        f"Swift {needed} is needed to build the runtime: put `swift` on PATH, or install a wheel"
    )
    if not (SWIFT_PACKAGE / "Package.swift").is_file():
        stop(f"the runtime's sources are not beside {HERE.name}/: install from a clone or a wheel")
    if shutil.which("swift") is None:
        stop(advice)
    said = subprocess.run(["swift", "--version"], capture_output=True, text=True)
    version = re.search(r"Swift version (\d+)\.(\d+)", said.stdout)
    if version is None:
        stop(f"{advice} (`swift --version` failed: {said.stderr.strip() or said.returncode})")
    elif tuple(map(int, version.groups())) < SWIFT_NEEDED:
        stop(f"{advice} (this one is {'.'.join(version.groups())})")


def swift_build() -> Path:
    """Build the runtime in release mode, showing the progress, and return the executable."""
    check_swift()
    command = ["swift", "build", "-c", "release", "--product", "martlet", "--static-swift-stdlib"]
    print("building the runtime: " + " ".join(command), flush=True)
    if subprocess.run(command, cwd=SWIFT_PACKAGE).returncode != 0:
        stop("the runtime did not build; the compiler's messages stand above")
    where = subprocess.check_output([*command, "--show-bin-path"], cwd=SWIFT_PACKAGE, text=True)
    return Path(where.strip(), "martlet")


def place(executable: Path, destination: Path) -> None:
    """Copy the executable without its symbols, unless that copy is there already.

    It is renamed into place, so a runtime that is running keeps its own.
    """
    built = executable.stat().st_mtime_ns
    if executable == destination:
        return
    if destination.exists() and destination.stat().st_mtime_ns == built:
        return
    destination.parent.mkdir(parents=True, exist_ok=True)
    copy = destination.with_name(f".{destination.name}.{os.getpid()}")
    shutil.copyfile(executable, copy)
    if shutil.which("strip"):
        subprocess.run(["strip", "--strip-all", copy], check=True)
    copy.chmod(0o755)
    os.utime(copy, ns=(built, built))
    os.replace(copy, destination)


class BuildRuntime(Command):
    """Build the runtime, and place it where the package looks for it."""

    description = "build the Swift runtime"
    user_options = [("inplace", "i", "place it in the source tree")]
    boolean_options = ["inplace"]

    def initialize_options(self) -> None:
        self.inplace = False
        # Set by setuptools when the package is installed in place.
        self.editable_mode = False
        self.build_lib: str | None = None

    def finalize_options(self) -> None:
        self.set_undefined_options("build_py", ("build_lib", "build_lib"))

    def run(self) -> None:
        kept = HERE / RUNTIME
        if given := os.environ.get("MARTLET_RUNTIME"):
            if not Path(given).is_file():
                stop(f"MARTLET_RUNTIME is {given}, which is not a file")
            built = Path(given)
        elif os.environ.get("MARTLET_SKIP_RUNTIME_BUILD") != "1":
            place(swift_build(), kept)
            built = kept
        elif kept.is_file():
            built = kept
        else:
            return
        place(built, kept if self.inplace or self.editable_mode else self.packed)

    @property
    def packed(self) -> Path:
        return Path(self.build_lib or "", RUNTIME)

    def get_source_files(self) -> list[str]:
        return []

    def get_outputs(self) -> list[str]:
        return [str(self.packed)]

    def get_output_mapping(self) -> dict[str, str]:
        return {str(self.packed): str(RUNTIME)} if self.editable_mode else {}


class Build(build):
    sub_commands = [*build.sub_commands, ("build_runtime", None)]


setup(
    cmdclass={"build": Build, "build_runtime": BuildRuntime},
    ext_modules=[
        Extension(
            "martlet._native",
            sources=sorted(glob("martlet/_native/*.c", root_dir=HERE)),
            depends=sorted(glob("martlet/_native/*.h", root_dir=HERE)),
            extra_compile_args=["-O3", "-g0", "-std=gnu11", "-fvisibility=hidden"],
            extra_link_args=["-Wl,--strip-all"],
        )
    ],
)
