"""What functions find around them: modules, files, the working directory, stdout, logging."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TextIO

from martlet.worker.opening import Opening

__all__ = ["flush", "prepare"]


def prepare(opening: Opening) -> None:
    """Makes the job's modules importable, and sets the working directory and logging.

    As in Flink, a job with archives runs in the directory where they are unpacked.
    """
    _logging(opening)
    if opening.config.get("martlet.client.compat") == "true":
        # The script's modules say ``import pyflink`` here as they do there.
        from martlet import compat

        compat.install()
    work = Path(opening.work_dir) if opening.work_dir else None
    if opening.cwd:
        os.chdir(opening.cwd)
    files = [_importable(Path(path), work) for path in opening.files]
    sys.path[:] = _search_path(files, opening)
    if opening.archives:
        from martlet.worker.archives import unpack_all

        target = unpack_all(opening.archives, work)
        os.chdir(target)
        if str(target) not in sys.path:
            sys.path.append(str(target))


def _search_path(files: list[str], opening: Opening) -> list[str]:
    """What the job brings, then the client's path in its order, then what the worker has itself.

    Where the client runs another Python, that one's own directories come last.
    """
    brought = [*files, *opening.requirements_path]
    named = opening.config.get("python.pythonpath", "").split(":")
    wanted = {os.path.join(opening.cwd, path) for path in named if path}
    wanted.update(sys.path)
    foreign = [p for p in opening.sys_path if p not in wanted and _is_an_interpreters(p)]
    given = [path for path in opening.sys_path if path not in foreign]
    return list(dict.fromkeys([*brought, *given, *sys.path, *foreign]))


def _is_an_interpreters(path: str) -> bool:
    """Whether a directory is one of a Python's own: its library, or packages installed for it."""
    name = os.path.basename(path)
    return (
        name in ("site-packages", "dist-packages", "lib-dynload")
        or (name.startswith("python") and name.endswith(".zip"))
        or os.path.exists(os.path.join(path, "os.py"))
    )


def _importable(path: Path, work: Path | None) -> str:
    """The entry of ``sys.path`` through which a file can be imported.

    A module alone gets a directory of its own, so that its neighbours do not come along.
    """
    path = path.absolute()
    if path.suffix != ".py":
        return str(path)
    if work is None:
        return str(path.parent)
    directory = work / "modules" / path.stem
    for place in (directory.parent, directory):
        place.mkdir(exist_ok=True)
    link = directory / path.name
    try:
        link.symlink_to(path)
    except FileExistsError:  # another worker of the job was first
        pass
    return str(directory)


def _logging(opening: Opening) -> None:
    """Lets ``logging`` reach stderr from INFO on, until the user's code configures it.

    That is Python's handler of last resort: ``logging.basicConfig`` and handlers of the user's
    take its place as if it had never been there.
    """
    import logging

    where = f"{opening.operator} ({opening.subtask + 1}/{opening.parallelism})".replace("%", "%%")
    handler = logging.StreamHandler()
    handler.setLevel(logging.INFO)
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)s [{where}] %(name)s: %(message)s")
    )
    logging.lastResort = handler
    logging.root.setLevel(logging.INFO)


def flush() -> None:
    """Writes out what functions printed."""
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)


def _flush(stream: TextIO | None) -> None:
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        # The reader of the job's output is gone, or a function closed the stream. Neither is a
        # reason to fail a job whose results go elsewhere; what cannot be written is dropped, or
        # each later flush would fail again.
        if stream is sys.stdout:
            sys.stdout = io.StringIO()
