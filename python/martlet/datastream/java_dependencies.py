"""The environment's methods that bring things for the JVM, which does not exist here."""

from __future__ import annotations

import os

from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError
from martlet.util.paths import split_path

__all__ = ["JavaDependencies"]


@boundary_methods
class JavaDependencies:
    """What a job would give to the JVM."""

    def add_jars(self, *jars_path: str) -> None:
        """Refused: there is no JVM to load jars into."""
        raise NotSupportedError(
            f"There is no JVM to load {', '.join(jars_path) or 'jars'} into: connectors and "
            "formats are part of the runtime, so drop add_jars"
        )

    def add_classpaths(self, *classpaths: str) -> None:
        """Refused: there is no JVM to load classes into."""
        raise NotSupportedError(
            f"There is no JVM to load classes from {', '.join(classpaths) or 'anywhere'}: "
            "connectors and formats are part of the runtime, so drop add_classpaths"
        )

    def register_cached_file(self, file_path: str, name: str, executable: bool = False) -> None:
        """Checks that a file is there.

        Only Java functions can ask for it by its name. Python functions run on this machine, where
        they open the file itself.

        :param file_path: a path, or a URI such as ``file:///some/path``
        :param name: what Java functions would call it
        :param executable: whether it may be executed
        :raises ValidationError: if it is not on this machine
        """
        scheme, _, place = split_path(file_path)
        if scheme not in ("", "file"):
            raise NotSupportedError(f"Only local files are supported: {file_path}")
        if not os.path.exists(place):
            raise ValidationError(f"No such file or directory: {file_path}")
        if executable and os.path.isfile(place) and not os.access(place, os.X_OK):
            raise ValidationError(f"The file cannot be executed: {file_path}")
