"""What becomes of a job that fails."""

from __future__ import annotations

from abc import ABC
from datetime import timedelta

__all__ = ["RestartStrategies", "RestartStrategyConfiguration"]


class RestartStrategyConfiguration(ABC):
    """A way to restart."""

    def __init__(self, description: str) -> None:
        self._description = description

    def get_description(self) -> str:
        """The strategy in words."""
        return self._description

    def __eq__(self, other: object) -> bool:
        return isinstance(other, self.__class__) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._description))


class RestartStrategies:
    """Makes restart strategies. Intervals are in milliseconds or ``datetime.timedelta``."""

    class NoRestartStrategyConfiguration(RestartStrategyConfiguration):
        """A failure ends the job."""

        def __init__(self) -> None:
            super().__init__("Restart deactivated.")

    class FixedDelayRestartStrategyConfiguration(RestartStrategyConfiguration):
        """A number of attempts, with a pause before each."""

        def __init__(
            self,
            restart_attempts: int | None = None,
            delay_between_attempts_interval: timedelta | int | None = None,
        ) -> None:
            delay = _interval("delay_between_attempts_interval", delay_between_attempts_interval)
            self._restart_attempts = 0 if restart_attempts is None else restart_attempts
            self._delay = delay
            super().__init__(
                f"Restart with fixed delay ({_millis(delay)} ms). "
                f"#{restart_attempts} restart attempts."
            )

        def get_restart_attempts(self) -> int:
            return self._restart_attempts

        def get_delay_between_attempts_interval(self) -> timedelta:
            return self._delay

    class FailureRateRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Restarts until failures come too often."""

        def __init__(
            self,
            max_failure_rate: int | None = None,
            failure_interval: timedelta | int | None = None,
            delay_between_attempts_interval: timedelta | int | None = None,
        ) -> None:
            self._max_failure_rate = 1 if max_failure_rate is None else max_failure_rate
            self._failure_interval = _interval("failure_interval", failure_interval)
            self._delay = _interval(
                "delay_between_attempts_interval", delay_between_attempts_interval
            )
            super().__init__(
                f"Failure rate restart with maximum of {max_failure_rate} failures within interval "
                f"{_millis(self._failure_interval)} ms and fixed delay {_millis(self._delay)} ms."
            )

        def get_max_failure_rate(self) -> int:
            return self._max_failure_rate

        def get_failure_interval(self) -> timedelta:
            return self._failure_interval

        def get_delay_between_attempts_interval(self) -> timedelta:
            return self._delay

    class FallbackRestartStrategyConfiguration(RestartStrategyConfiguration):
        """Whatever the configuration says."""

        def __init__(self) -> None:
            super().__init__("Cluster level default restart strategy")

    @staticmethod
    def no_restart() -> NoRestartStrategyConfiguration:
        return RestartStrategies.NoRestartStrategyConfiguration()

    @staticmethod
    def fall_back_restart() -> FallbackRestartStrategyConfiguration:
        return RestartStrategies.FallbackRestartStrategyConfiguration()

    @staticmethod
    def fixed_delay_restart(
        restart_attempts: int, delay_between_attempts: timedelta | int
    ) -> FixedDelayRestartStrategyConfiguration:
        """At most ``restart_attempts`` restarts, each after a pause."""
        return RestartStrategies.FixedDelayRestartStrategyConfiguration(
            restart_attempts, delay_between_attempts
        )

    @staticmethod
    def failure_rate_restart(
        failure_rate: int, failure_interval: timedelta | int, delay_interval: timedelta | int
    ) -> FailureRateRestartStrategyConfiguration:
        """Restarts, unless ``failure_rate`` failures happen within ``failure_interval``."""
        return RestartStrategies.FailureRateRestartStrategyConfiguration(
            failure_rate, failure_interval, delay_interval
        )


def _interval(name: str, value: timedelta | int | None) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int):
        return timedelta(milliseconds=value)
    raise TypeError(
        f"{name} must be an int (milliseconds) or a datetime.timedelta, got {type(value).__name__}"
    )


def _millis(interval: timedelta) -> int:
    return interval // timedelta(milliseconds=1)
