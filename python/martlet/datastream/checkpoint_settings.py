"""The environment's methods that are about checkpoints and savepoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from martlet.util.boundary import boundary_methods

if TYPE_CHECKING:
    from typing import Self

    from martlet.datastream.checkpoint_config import CheckpointConfig
    from martlet.datastream.checkpointing_mode import CheckpointingMode
    from martlet.datastream.environment_configuration import EnvironmentConfiguration

__all__ = ["CheckpointSettings"]

#: Each with the keys of older versions.
_CHANGELOG = ("state.changelog.enabled", "state.backend.changelog.enabled")
_SAVEPOINTS = (
    "execution.checkpointing.savepoint-dir",
    "state.savepoints.dir",
    "savepoints.state.backend.fs.dir",
)


@boundary_methods
class CheckpointSettings:
    """Settings of checkpoints, which the runtime does not take yet (:class:`CheckpointConfig`)."""

    _configuration: EnvironmentConfiguration

    def get_checkpoint_config(self) -> CheckpointConfig:
        """The settings of checkpoints, as a view: what is set there is set here."""
        from martlet.datastream.checkpoint_config import CheckpointConfig

        return CheckpointConfig(self._configuration)

    def enable_checkpointing(self, interval: int, mode: CheckpointingMode | None = None) -> Self:
        """Asks for a checkpoint every ``interval`` milliseconds, at least 10.

        There are none yet: in streaming mode the job is refused when it is executed.

        :param mode: None for EXACTLY_ONCE, or what was set before
        """
        config = self.get_checkpoint_config()
        if mode is not None:
            config.set_checkpointing_mode(mode)
        config.set_checkpoint_interval(interval)
        return self

    def get_checkpoint_interval(self) -> int:
        """The interval of checkpoints in milliseconds; -1 if there are none."""
        return self.get_checkpoint_config().get_checkpoint_interval()

    def get_checkpointing_mode(self) -> CheckpointingMode:
        """The mode in which checkpoints are taken; AT_LEAST_ONCE as long as there are none."""
        return self.get_checkpoint_config().get_checkpointing_mode()

    def get_checkpointing_consistency_mode(self) -> CheckpointingMode:
        """As :meth:`get_checkpointing_mode`."""
        return self.get_checkpointing_mode()

    def is_unaligned_checkpoints_enabled(self) -> bool:
        return self.get_checkpoint_config().is_unaligned_checkpoints_enabled()

    def is_force_unaligned_checkpoints(self) -> bool:
        return self.get_checkpoint_config().is_force_unaligned_checkpoints()

    def enable_changelog_state_backend(self, enabled: bool) -> Self:
        """Whether changes of state are logged, so that checkpoints are quick.

        It counts where checkpoints are taken.
        """
        self._configuration.set_boolean(_CHANGELOG[0], enabled)
        return self

    def is_changelog_state_backend_enabled(self) -> bool | None:
        """What was said by :meth:`enable_changelog_state_backend`; None if nothing was."""
        text = self._first(_CHANGELOG)
        return None if text is None else text.lower() == "true"

    def set_default_savepoint_directory(self, directory: str) -> Self:
        """Where savepoints go if nothing else is said when they are asked for."""
        from martlet.util.paths import normalized_path

        normalized_path(directory)
        self._configuration.set_string(_SAVEPOINTS[0], directory)
        return self

    def get_default_savepoint_directory(self) -> str | None:
        """The directory, as Flink writes it: ``file:/a`` for ``file:///a/``."""
        from martlet.util.paths import normalized_path

        text = self._first(_SAVEPOINTS)
        return None if text is None else normalized_path(text)

    def _first(self, keys: tuple[str, ...]) -> Any:
        values = (self._configuration.get_string(key, None) for key in keys)
        return next((value for value in values if value is not None), None)
