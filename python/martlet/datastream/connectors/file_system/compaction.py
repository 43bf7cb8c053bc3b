"""How the files of a sink would be merged before they get their names."""

from __future__ import annotations

__all__ = ["FileCompactStrategy", "FileCompactor"]


class FileCompactStrategy:
    """When files are merged; made by :meth:`builder`."""

    def __init__(self, num_checkpoints: int, size_threshold: int, threads: int) -> None:
        self._num_checkpoints = num_checkpoints
        self._size_threshold = size_threshold
        self._threads = threads

    @staticmethod
    def builder() -> FileCompactStrategy.Builder:
        return FileCompactStrategy.Builder()

    class Builder:
        """Collects the conditions, of which there must be one at least."""

        def __init__(self) -> None:
            self._num_checkpoints = -1
            self._size_threshold = -1
            self._threads = 1

        def enable_compaction_on_checkpoint(
            self, num_checkpoints_before_compaction: int
        ) -> FileCompactStrategy.Builder:
            """With every n-th checkpoint."""
            if num_checkpoints_before_compaction <= 0:
                raise ValueError("Number of checkpoints before compaction should be more than 0.")
            self._num_checkpoints = num_checkpoints_before_compaction
            return self

        def set_size_threshold(self, size_threshold: int) -> FileCompactStrategy.Builder:
            """As soon as the files together have so many bytes."""
            self._size_threshold = size_threshold
            return self

        def set_num_compact_threads(self, num_compact_threads: int) -> FileCompactStrategy.Builder:
            """How many files are merged at a time."""
            if num_compact_threads <= 0:
                raise ValueError("Compact threads should be more than 0.")
            self._threads = num_compact_threads
            return self

        def build(self) -> FileCompactStrategy:
            if self._num_checkpoints < 0 and self._size_threshold < 0:
                raise ValueError(
                    "At least one of size threshold or number of checkpoints before compaction "
                    "should be configured."
                )
            return FileCompactStrategy(self._num_checkpoints, self._size_threshold, self._threads)


class FileCompactor:
    """How several files become one."""

    def __init__(self, kind: str, delimiter: bytes | None = None) -> None:
        self._kind = kind
        self._delimiter = delimiter

    @staticmethod
    def concat_file_compactor(file_delimiter: bytes | None = None) -> FileCompactor:
        """One behind the other, with ``file_delimiter`` between them."""
        return FileCompactor("concat", file_delimiter)

    @staticmethod
    def identical_file_compactor() -> FileCompactor:
        """A single file as it is."""
        return FileCompactor("identical")
