"""Archives of a job, unpacked once for all its workers."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

__all__ = ["unpack_all"]


def unpack_all(archives: list[list[str]], work: Path | None) -> Path:
    """Unpacks each (path, name) to a directory of that name, and returns where these are."""
    directory = (work or Path(tempfile.mkdtemp(prefix="martlet-"))) / "archives"
    directory.mkdir(parents=True, exist_ok=True)
    for path, name in archives:
        _unpack(Path(path).absolute(), directory / (Path(name).name or Path(path).name))
    return directory


def _unpack(archive: Path, target: Path) -> None:
    """Unpacks once per job: workers race, the first to rename its directory wins."""
    if target.exists():
        return
    scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    try:
        if zipfile.is_zipfile(archive):
            _unpack_zip(archive, scratch)
        else:
            shutil.unpack_archive(archive, scratch)
        try:
            scratch.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack_zip(archive: Path, target: Path) -> None:
    """Unlike :mod:`shutil`, keeps the permissions: an archive may be a virtual environment."""
    with zipfile.ZipFile(archive) as source:
        for info in source.infolist():
            path = source.extract(info, target)
            mode = info.external_attr >> 16 & 0o777
            if mode and not info.is_dir():
                os.chmod(path, mode)
