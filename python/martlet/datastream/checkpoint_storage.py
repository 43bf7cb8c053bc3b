"""Where checkpoints would be kept.

PyFlink 2 has no call that gives one of these to an environment: a job says where its checkpoints
go by ``execution.checkpointing.storage`` and ``execution.checkpointing.dir``. The classes hold
what they are given, checked as Flink checks it.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

from martlet.util.boundary import boundary, boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError
from martlet.util.paths import normalized_path, split_path

__all__ = [
    "CheckpointStorage",
    "CustomCheckpointStorage",
    "FileSystemCheckpointStorage",
    "JobManagerCheckpointStorage",
]


class CheckpointStorage(metaclass=ABCMeta):
    """Where checkpoints are kept."""


@boundary_methods
class JobManagerCheckpointStorage(CheckpointStorage):
    """Checkpoints in memory, for state that is small."""

    #: 5 MiB.
    DEFAULT_MAX_STATE_SIZE = 5 * 1024 * 1024

    @boundary
    def __init__(
        self, checkpoint_path: str | None = None, max_state_size: int | None = None
    ) -> None:
        """
        :param checkpoint_path: where checkpoints' metadata goes, a URI such as ``file:///tmp/c``
        :param max_state_size: the most that one state may take, in bytes
        """
        size = self.DEFAULT_MAX_STATE_SIZE if max_state_size is None else max_state_size
        if size <= 0:
            raise ValidationError(f"maxStateSize must be > 0, got {size}")
        self._path = None if checkpoint_path is None else _checked(checkpoint_path)
        self._max_state_size = size

    def get_checkpoint_path(self) -> str | None:
        return self._path

    def get_max_state_size(self) -> int:
        """The most that one state may take, in bytes."""
        return self._max_state_size

    def get_savepoint_path(self) -> str | None:
        """Where savepoints go; None: what the configuration says."""
        return None

    def __str__(self) -> str:
        return (
            "JobManagerCheckpointStorage (checkpoints to JobManager) "
            f"( maxStateSize: {self._max_state_size})"
        )


@boundary_methods
class FileSystemCheckpointStorage(CheckpointStorage):
    """Checkpoints in files, a directory for each."""

    #: The most that may be kept with the metadata rather than in files, in bytes.
    MAX_FILE_STATE_THRESHOLD = 1024 * 1024

    _DEFAULT_THRESHOLD = 20 * 1024
    _DEFAULT_WRITE_BUFFER = 4096

    @boundary
    def __init__(
        self,
        checkpoint_path: str | None = None,
        file_state_size_threshold: int | None = None,
        write_buffer_size: int = -1,
    ) -> None:
        """
        :param checkpoint_path: the directory, a URI such as ``file:///tmp/checkpoints``
        :param file_state_size_threshold: state below so many bytes is kept with the metadata; None
            or -1: Flink's default
        :param write_buffer_size: in bytes; -1: Flink's default
        """
        if checkpoint_path is None:
            raise ValidationError("checkpoint_path must not be None")
        threshold = -1 if file_state_size_threshold is None else file_state_size_threshold
        if not -1 <= threshold <= self.MAX_FILE_STATE_THRESHOLD:
            raise ValidationError(
                "The threshold for file state size must be in [-1, "
                f"{self.MAX_FILE_STATE_THRESHOLD}], where '-1' means to use the value from the "
                f"deployment's configuration, got {threshold}"
            )
        if write_buffer_size < -1:
            raise ValidationError(
                "The write buffer size must be not less than '-1', where '-1' means to use the "
                f"value from the deployment's configuration, got {write_buffer_size}"
            )
        self._path = _checked(checkpoint_path)
        self._threshold = threshold
        self._write_buffer_size = write_buffer_size

    def get_checkpoint_path(self) -> str:
        return self._path

    def get_savepoint_path(self) -> str | None:
        """Where savepoints go; None: what the configuration says."""
        return None

    def get_min_file_size_threshold(self) -> int:
        """The size in bytes from which on state goes to a file of its own."""
        return self._DEFAULT_THRESHOLD if self._threshold == -1 else self._threshold

    def get_write_buffer_size(self) -> int:
        """The size of the buffer of a file being written, in bytes."""
        size = self._write_buffer_size
        return self._DEFAULT_WRITE_BUFFER if size == -1 else size


class CustomCheckpointStorage(CheckpointStorage):
    """In PyFlink, a storage written in Java; there is no JVM to run one."""

    @boundary
    def __init__(self, j_custom_checkpoint_storage: Any) -> None:
        raise NotSupportedError(
            "CustomCheckpointStorage wraps a class of the JVM, and there is none here"
        )


def _checked(path: str) -> str:
    scheme, _, place = split_path(path)
    text = normalized_path(path)
    if not scheme:
        raise ValidationError(
            "The scheme (hdfs://, file://, etc) is null. Please specify the file system scheme "
            f"explicitly in the URI, such as file://{path if path.startswith('/') else '/' + path}"
        )
    if place.strip("/") == "":
        raise ValidationError("Cannot use the root directory for checkpoints.")
    return text
