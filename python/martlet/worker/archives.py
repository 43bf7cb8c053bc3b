"""Archives of a job, unpacked once for all its workers.

``python -m martlet.worker.archives WORK_DIR (PATH NAME)…`` does so ahead of them, for an archive
that has the interpreter to run them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import zipfile
from pathlib import Path

__all__ = ["unpack_all"]


def unpack_all(archives: list[list[str]], work: Path | None) -> Path:
    """Unpacks each (path, name) to a directory of that name, and returns where these are."""
    directory = (work or Path(tempfile.mkdtemp(prefix="martlet-"))) / "archives"
    # The job's directory itself is not made anew: if it is gone, so is the job.
    directory.mkdir(exist_ok=True)
    for path, name in archives:
        _unpack(Path(path).absolute(), directory / (Path(name).name or Path(path).name))
    return directory


def _unpack(archive: Path, target: Path) -> None:
    """Unpacks once per job: workers race, the first to rename its directory wins."""
    if target.exists():
        return
    scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    try:
        # By a relative path: an absolute one would be made anew when the job is over and has gone.
        with contextlib.chdir(scratch):
            if zipfile.is_zipfile(archive):
                _unpack_zip(archive, Path())
            else:
                shutil.unpack_archive(archive, os.curdir)
        try:
            scratch.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack_zip(archive: Path, target: Path) -> None:
    """Unlike :mod:`shutil`, keeps permissions and links: it may be a virtual environment."""
    with zipfile.ZipFile(archive) as source:
        links = []
        for info in source.infolist():
            path = source.extract(info, target)
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode):
                links.append((path, source.read(info).decode()))
            elif mode & 0o777 and not info.is_dir():
                os.chmod(path, mode & 0o777)
        # Last, so that nothing is unpacked through them.
        for path, destination in links:
            os.unlink(path)
            os.symlink(destination, path)


def main(arguments: list[str]) -> int:
    """Unpacks the archives that the arguments name; says what cannot be unpacked."""
    work, *pairs = arguments
    for path, name in zip(pairs[::2], pairs[1::2], strict=True):
        try:
            unpack_all([[path, name]], Path(work))
        except (OSError, EOFError, ValueError, shutil.Error, zipfile.BadZipFile) as error:
            print(f"{path} cannot be unpacked: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
