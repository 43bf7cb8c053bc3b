"""What a job's functions need besides themselves: files, packages, an interpreter."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.datastream.environment_configuration import EnvironmentConfiguration

__all__ = ["PythonDependencies"]

_FILES = "python.files"
_REQUIREMENTS = "python.requirements"
_ARCHIVES = "python.archives"
_EXECUTABLE = "python.executable"
#: Between files; between a file and what belongs to it.
_FILE_DELIMITER = ","
_PARAMETER_DELIMITER = "#"

#: Ours: where the workers look for modules, what their working directory is, and whether
#: ``import pyflink`` means this package there as it does here.
_SYS_PATH = "martlet.client.sys-path"
_WORKING_DIRECTORY = "martlet.client.cwd"
_COMPAT = "martlet.client.compat"


@boundary_methods
class PythonDependencies:
    """The environment's methods that say what workers need."""

    _configuration: EnvironmentConfiguration

    def add_python_file(self, file_path: str) -> None:
        """A module, a package's directory or a zip file that functions can import.

        The workers find what is in a directory, or the directory that a file is in.
        """
        self._append(_FILES, _existing(file_path), first=True)

    def set_python_requirements(
        self, requirements_file_path: str, requirements_cache_dir: str | None = None
    ) -> None:
        """Packages to install for the workers.

        :param requirements_file_path: a file in pip's format
        :param requirements_cache_dir: a directory of packages to install from, for workers offline
        """
        value = _existing(requirements_file_path)
        if requirements_cache_dir is not None:
            value += _PARAMETER_DELIMITER + _existing(requirements_cache_dir)
        self._configuration.set_string(_REQUIREMENTS, value)

    def add_python_archive(self, archive_path: str, target_dir: str | None = None) -> None:
        """An archive that is unpacked in the working directory of the workers.

        :param target_dir: the directory to unpack it into; None for the archive's own name
        """
        value = _existing(archive_path)
        if target_dir is not None:
            value += _PARAMETER_DELIMITER + target_dir
        self._append(_ARCHIVES, value)

    def set_python_executable(self, python_exec: str) -> None:
        """The interpreter that runs the workers; it needs this package, too.

        :param python_exec: a name on the PATH, or a path; one that starts with the name of an
            archive is that of a file in it, such as ``venv.zip/venv/bin/python``
        """
        if not isinstance(python_exec, str) or not python_exec:
            raise ValidationError(f"The interpreter must be a path, got {python_exec!r}")
        self._configuration.set_string(_EXECUTABLE, python_exec)

    def _append(self, key: str, value: str, first: bool = False) -> None:
        before = self._configuration.get_string(key, None)
        if before:
            value = _FILE_DELIMITER.join([value, before] if first else [before, value])
        self._configuration.set_string(key, value)

    def _describe_interpreter(self) -> None:
        """Tells the workers how this process imports modules, so that they do it likewise."""
        settings = self._configuration
        paths = [os.path.abspath(path or ".") for path in sys.path]
        settings.set_string(_SYS_PATH, "\n".join(dict.fromkeys(paths)))
        settings.set_string(_WORKING_DIRECTORY, os.getcwd())
        compat = sys.modules.get("martlet.compat")
        installed = compat is not None and compat.is_installed()
        settings.set_boolean(_COMPAT, installed)


def _existing(path: str) -> str:
    """The absolute path of a file or a directory that is there."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"A path must be a str, got {path!r}")
    absolute = os.path.abspath(os.fspath(path))
    if not os.path.exists(absolute):
        raise ValidationError(f"No such file or directory: {path}")
    return absolute
