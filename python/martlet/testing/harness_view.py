"""What a test can see of the functions that a harness runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from martlet.testing.stage_driver import Record, StageDriver
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.datastream.output_tag import OutputTag
    from martlet.datastream.state import MapStateDescriptor, StateDescriptor
    from martlet.datastream.window import Window

__all__ = ["HarnessView", "Timer"]


@dataclass(frozen=True)
class Timer:
    """A timer that has not fired: for which key, when in ms, and of which window if it is one's."""

    key: Any
    timestamp: int
    window: tuple[int, int] | None = None


@boundary_methods
class HarnessView:
    """Results, timers, state and metrics of what runs."""

    _driver: StageDriver
    #: The number of the output of each tag.
    _tags: dict[str, int]

    def output(self) -> list[Any]:
        """The values that have come out so far."""
        return [record.value for record in self._driver.results[0]]

    def records(self) -> list[Record]:
        """As :meth:`output`, with timestamps."""
        return list(self._driver.results[0])

    def side_output(self, tag: OutputTag) -> list[Any]:
        """The values that have come out under a tag, which must be one of ``side_outputs``."""
        return [record.value for record in self.side_records(tag)]

    def side_records(self, tag: OutputTag) -> list[Record]:
        """As :meth:`side_output`, with timestamps."""
        index = self._tags.get(tag.tag_id)
        if index is None:
            raise ValidationError(
                f"The harness does not know the side output '{tag.tag_id}': "
                "pass its tag in side_outputs"
            )
        return list(self._driver.results[index])

    def clear_output(self) -> None:
        """Forgets what has come out."""
        for records in self._driver.results:
            records.clear()

    @property
    def current_watermark(self) -> int:
        """In ms; -2**63 before the first one."""
        return self._driver.watermark

    @property
    def processing_time(self) -> int:
        """What the clock says, in ms."""
        return self._driver.now

    def event_time_timers(self) -> list[Timer]:
        """The timers that wait for a watermark, in the order in which they fire."""
        return self._timers(0)

    def processing_time_timers(self) -> list[Timer]:
        """The timers that wait for the clock, in the order in which they fire."""
        return self._timers(1)

    def _timers(self, domain: int) -> list[Timer]:
        found: list[Timer] = []
        for step, queues in sorted(self._driver.timers.items()):
            windowed = self._driver.stage.opening.steps[step].kind == "window"
            for time, key in queues[domain].all():
                found.append(Timer(key[0], time, key[1:]) if windowed else Timer(key, time))
        return sorted(found, key=lambda timer: timer.timestamp)

    def state(self, state: StateDescriptor | str, key: Any, window: Window | None = None) -> Any:
        """What keyed state holds for a key: a value, a list, a dict; None, [] or {} if nothing.

        :param state: its name or its descriptor
        :param key: as the key selector gives it
        :param window: of state that belongs to a window of the key
        """
        from martlet.testing.inspection import read_state

        name = state if isinstance(state, str) else state.name
        with self._driver._clock():
            return read_state(self._driver.stage, name, key, window)

    def broadcast_state(self, state: MapStateDescriptor | str) -> dict[Any, Any]:
        """What broadcast state holds.

        :param state: its name or its descriptor
        """
        from martlet.testing.inspection import read_broadcast_state

        name = state if isinstance(state, str) else state.name
        return read_broadcast_state(self._driver.stage, name)

    @property
    def functions(self) -> list[Any]:
        """The function objects that run, in their order: copies of those that were passed in."""
        from martlet.testing.inspection import running_functions

        return running_functions(self._driver.stage)

    def metrics(self) -> dict[str, Any]:
        """The functions' metrics by name, such as ``Map.errors``."""
        return dict(self._driver.stage.metrics.read())
