"""Where keyed state is kept while a job runs.

PyFlink 2 has no call that gives one of these to an environment: a job chooses by the setting
``state.backend.type``, ``hashmap`` or ``rocksdb``. The classes hold what they are given.

>>> from martlet.common import Configuration
>>> from martlet.datastream import StreamExecutionEnvironment
>>> configuration = Configuration().set_string("state.backend.type", "rocksdb")
>>> env = StreamExecutionEnvironment.get_execution_environment(configuration)
"""

from __future__ import annotations

from abc import ABCMeta
from enum import Enum
from typing import Any

from martlet.util.boundary import boundary, boundary_methods
from martlet.util.exceptions import NotSupportedError, ValidationError
from martlet.util.paths import split_path

__all__ = [
    "CustomStateBackend",
    "EmbeddedRocksDBStateBackend",
    "HashMapStateBackend",
    "PredefinedOptions",
    "StateBackend",
]


class StateBackend(metaclass=ABCMeta):
    """Where keyed state is kept while a job runs."""


class HashMapStateBackend(StateBackend):
    """State in memory: the default."""

    def __str__(self) -> str:
        return "HashMapStateBackend"


class PredefinedOptions(Enum):
    """Sets of RocksDB's options that go well together on some hardware."""

    DEFAULT = 0
    SPINNING_DISK_OPTIMIZED = 1
    SPINNING_DISK_OPTIMIZED_HIGH_MEM = 2
    FLASH_SSD_OPTIMIZED = 3


@boundary_methods
class EmbeddedRocksDBStateBackend(StateBackend):
    """State in RocksDB: on disk, with as much memory as it is given."""

    _DEFAULT_TRANSFER_THREADS = 4

    @boundary
    def __init__(self, enable_incremental_checkpointing: bool | None = None) -> None:
        """
        :param enable_incremental_checkpointing: whether a checkpoint holds what has changed since
            the one before; None: what the configuration says
        """
        if enable_incremental_checkpointing not in (None, True, False):
            raise TypeError(
                "Unsupported input for 'enable_incremental_checkpointing': "
                f"{enable_incremental_checkpointing!r}, the value of the parameter should be None "
                "or True or False."
            )
        self._incremental = enable_incremental_checkpointing
        self._paths: list[str] | None = None
        self._options = PredefinedOptions.DEFAULT
        self._transfer_threads = -1

    def set_db_storage_paths(self, *paths: str) -> None:
        """Sets the directories of the stores, absolute and local; none: the job's own.

        A job's are ``state.backend.rocksdb.localdir``.
        """
        found = []
        for path in paths:
            scheme, _, place = split_path(path)
            if scheme not in ("", "file"):
                raise ValidationError(f"Path {path} has a non-local scheme")
            if not place.startswith("/"):
                raise ValidationError(f"Relative paths are not supported: {path}")
            found.append(place)
        self._paths = found or None

    def get_db_storage_paths(self) -> list[str]:
        """The directories of the stores; none if none were set."""
        return list(self._paths or ())

    def is_incremental_checkpoints_enabled(self) -> bool:
        return bool(self._incremental)

    def set_predefined_options(self, options: PredefinedOptions) -> None:
        if not isinstance(options, PredefinedOptions):
            raise TypeError(f"PredefinedOptions are needed, got {options!r}")
        self._options = options

    def get_predefined_options(self) -> PredefinedOptions:
        return self._options

    def set_options(self, options_factory_class_name: str) -> None:
        """Refused: it names a class of the JVM."""
        raise NotSupportedError(
            f"RocksDB's options come from a class of the JVM, {options_factory_class_name}, and "
            "there is none here; the memory is set by 'state.backend.rocksdb.memory.fixed-per-slot'"
        )

    def get_options(self) -> str | None:
        """The class that gives the options: None, as there can be none."""
        return None

    def get_number_of_transfer_threads(self) -> int:
        """How many threads copy a checkpoint's files."""
        threads = self._transfer_threads
        return self._DEFAULT_TRANSFER_THREADS if threads == -1 else threads

    def set_number_of_transfer_threads(self, number_of_transfering_threads: int) -> None:
        if number_of_transfering_threads <= 0:
            raise ValidationError(
                "The number of threads used to transfer files in EmbeddedRocksDBStateBackend "
                f"should be greater than zero, got {number_of_transfering_threads}"
            )
        self._transfer_threads = number_of_transfering_threads

    def __str__(self) -> str:
        paths = "null" if self._paths is None else "[" + ", ".join(self._paths) + "]"
        incremental = {None: "UNDEFINED", True: "TRUE", False: "FALSE"}[self._incremental]
        return (
            f"EmbeddedRocksDBStateBackend{{, localRocksDbDirectories={paths}, "
            f"enableIncrementalCheckpointing={incremental}, "
            f"numberOfTransferThreads={self._transfer_threads}, writeBatchSize=-1}}"
        )


class CustomStateBackend(StateBackend):
    """In PyFlink, a backend written in Java; there is no JVM to run one."""

    @boundary
    def __init__(self, j_custom_state_backend: Any) -> None:
        raise NotSupportedError(
            "CustomStateBackend wraps a class of the JVM, and there is none here; "
            "'state.backend.type' is hashmap or rocksdb"
        )
