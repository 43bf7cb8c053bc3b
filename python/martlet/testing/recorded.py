"""Streams that only write down what is done to them: the steps that a worker would run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from martlet.common.typeinfo import TypeInformation
from martlet.datastream.data_stream.stream import DataStream
from martlet.util.exceptions import NotSupportedError
from martlet.worker.opening import Step

if TYPE_CHECKING:
    from martlet.datastream.stream_execution_environment import StreamExecutionEnvironment
    from martlet.gateway.handles import StreamHandle

__all__ = ["Recorded", "recorded_stream"]


class Recorded:
    """Stands in for a :class:`StreamHandle`; each call gives the stream that follows from it."""

    def __init__(
        self,
        type_text: str,
        inputs: Sequence[Input],
        steps: Sequence[Step] = (),
        key: str | None = None,
    ) -> None:
        self.type_text = type_text
        self.inputs = list(inputs)
        self.steps = list(steps)
        #: The type of the keys, right behind ``key_by``.
        self.key = key

    def _then(self, step: Step, type_text: str | None = None, key: str | None = None) -> Recorded:
        return Recorded(type_text or self.type_text, self.inputs, [*self.steps, step], key)

    # What streams do

    def python(self, kind: str, function: bytes, output_type: str | None, name: str) -> Recorded:
        return self._then(Step(kind, name, function, output_type, key=self.key), output_type)

    def key_by(self, selector: bytes, key_type: str, name: str) -> Recorded:
        return self._then(Step("key_by", name, selector, key_type), key=key_type)

    def reduce(self, function: bytes, name: str) -> Recorded:
        return self._then(Step("reduce", name, function, None, key=self.key, value=self.type_text))

    def assign_timestamps(self, function: bytes, name: str) -> Recorded:
        return self._then(Step("timestamp", name, function))

    def watermarks(self, strategy: str, options: Mapping[str, str]) -> Recorded:
        if strategy == "none":
            return self
        raise NotSupportedError(
            "The watermarks of a harness come from process_watermark: leave the strategy out, or "
            "use WatermarkStrategy.no_watermarks() with a timestamp assigner"
        )

    def partition(self, strategy: str) -> Recorded:
        """A single instance leaves nothing to choose, but a value is what its type makes of it."""
        if strategy == "forward" or self.key is not None:
            return self
        return self._then(Step("exchange", "Partition", b"", self.type_text))

    def connect(
        self,
        other: Recorded,
        kind: str,
        function: bytes,
        output_type: str,
        name: str,
        broadcast: Sequence[str],
    ) -> Recorded:
        step = Step(kind, name, function, output_type, key=self.key, broadcast=list(broadcast))
        return Recorded(output_type, [self._as_input(), other._as_input()], [step])

    def _as_input(self) -> Input:
        """What two streams may be before they are connected: nothing, or a key."""
        steps = [step for step in self.steps if step.kind != "exchange"]
        if any(step.kind != "key_by" for step in steps) or len(steps) > 1 or len(self.inputs) > 1:
            raise NotSupportedError(
                "In a harness, only key_by and broadcast may come before streams are connected; "
                "test what comes before by itself"
            )
        return Input(self.inputs[0].type_text, self.key, steps[0].function if steps else None)

    # Settings: of an operator that has a single instance here

    def name(self) -> str:
        return self.steps[-1].name if self.steps else "Source"

    def set_name(self, name: str) -> None:
        self.steps[-1].name = name

    def set_description(self, description: str) -> None:
        """Nobody reads it here."""

    def set_uid(self, uid: str) -> None:
        """State is not restored here."""

    set_uid_hash = set_uid

    def set_parallelism(self, parallelism: int) -> None:
        """There is one instance."""

    set_max_parallelism = set_parallelism

    def __getattr__(self, method: str) -> NoReturn:
        if method.startswith("__"):
            raise AttributeError(method)
        raise NotSupportedError(
            f"'{method}' means nothing in a harness, which has neither sinks nor several tasks"
        )


class Input:
    """The rows that a test hands in."""

    def __init__(self, type_text: str, key: str | None = None, selector: bytes | None = None):
        self.type_text = type_text
        #: The type of the keys that come with the rows.
        self.key = key
        self.selector = selector


class _Environment:
    """What streams want of theirs while they are described."""

    def _note_hint(self, handle: Any, name: str, hint: Any) -> None:
        """Hints are explained where a job does not run as they say."""

    def _rename_hinted(self, handle: Any, name: str) -> None:
        """See above."""


def recorded_stream(type_info: TypeInformation) -> DataStream:
    """A stream to begin with."""
    text = type_info.type_text()
    handle = cast("StreamHandle", Recorded(text, [Input(text)]))
    return DataStream(handle, type_info, cast("StreamExecutionEnvironment", _Environment()))
