"""How a file sink names files, picks directories, and tells when a file is full."""

from __future__ import annotations

__all__ = [
    "BucketAssigner",
    "DefaultRollingPolicy",
    "OnCheckpointRollingPolicy",
    "OutputFileConfig",
    "RollingPolicy",
]


class BucketAssigner:
    """Which directory below the base path a record goes to."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options

    @staticmethod
    def base_path_bucket_assigner() -> BucketAssigner:
        """All files stand in the base path itself."""
        return BucketAssigner({"bucket-assigner": "base-path"})

    @staticmethod
    def date_time_bucket_assigner(
        format_str: str = "yyyy-MM-dd--HH", timezone_id: str | None = None
    ) -> BucketAssigner:
        """A directory per hour, or whatever the format tells apart.

        :param format_str: a pattern of Java's ``DateTimeFormatter``
        :param timezone_id: the zone of the clock, such as ``Europe/Paris``; None for the local one
        """
        options = {"bucket-assigner": "date-time", "bucket-format": format_str}
        if timezone_id is not None:
            options["bucket-zone"] = timezone_id
        return BucketAssigner(options)


class RollingPolicy:
    """When a part file is closed and the next one begun."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options

    @staticmethod
    def default_rolling_policy(
        part_size: int = 1024 * 1024 * 128,
        rollover_interval: int = 60 * 1000,
        inactivity_interval: int = 60 * 1000,
    ) -> DefaultRollingPolicy:
        """By size, by age and by idleness.

        :param part_size: bytes after which a file is full
        :param rollover_interval: milliseconds after which a file is closed
        :param inactivity_interval: milliseconds without a record after which a file is closed
        """
        if part_size <= 0:
            raise ValueError("The part size must be greater than zero")
        if rollover_interval <= 0 or inactivity_interval <= 0:
            raise ValueError("The intervals of a rolling policy must be greater than zero")
        return DefaultRollingPolicy(
            {
                "rolling.part-size": str(part_size),
                "rolling.rollover-interval-ms": str(rollover_interval),
                "rolling.inactivity-interval-ms": str(inactivity_interval),
            }
        )

    @staticmethod
    def on_checkpoint_rolling_policy() -> OnCheckpointRollingPolicy:
        """With each checkpoint, and at the end."""
        return OnCheckpointRollingPolicy({"rolling.on-checkpoint": "true"})


class DefaultRollingPolicy(RollingPolicy):
    """Made by :meth:`RollingPolicy.default_rolling_policy`."""


class OnCheckpointRollingPolicy(RollingPolicy):
    """Made by :meth:`RollingPolicy.on_checkpoint_rolling_policy`."""


class OutputFileConfig:
    """How part files are named: prefix, subtask, counter, suffix."""

    def __init__(self, part_prefix: str, part_suffix: str) -> None:
        self._part_prefix = part_prefix
        self._part_suffix = part_suffix

    @staticmethod
    def builder() -> OutputFileConfig.OutputFileConfigBuilder:
        return OutputFileConfig.OutputFileConfigBuilder()

    def get_part_prefix(self) -> str:
        return self._part_prefix

    def get_part_suffix(self) -> str:
        return self._part_suffix

    class OutputFileConfigBuilder:
        """Collects the parts of the names."""

        def __init__(self) -> None:
            self.part_prefix = "part"
            self.part_suffix = ""

        def with_part_prefix(self, prefix: str) -> OutputFileConfig.OutputFileConfigBuilder:
            self.part_prefix = prefix
            return self

        def with_part_suffix(self, suffix: str) -> OutputFileConfig.OutputFileConfigBuilder:
            self.part_suffix = suffix
            return self

        def build(self) -> OutputFileConfig:
            return OutputFileConfig(self.part_prefix, self.part_suffix)
