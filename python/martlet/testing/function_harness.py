"""Functions by themselves: a test hands in elements, watermarks and time, and looks at the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from martlet.common.typeinfo import TypeInformation, Types
from martlet.common.types import Row
from martlet.testing.harness_view import HarnessView, Timer
from martlet.testing.recorded import Recorded, recorded_stream
from martlet.testing.stage_driver import LOWEST, Record, StageDriver
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError
from martlet.worker.opening import Opening

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from martlet.datastream.data_stream.stream import DataStream
    from martlet.datastream.output_tag import OutputTag
    from martlet.datastream.state import MapStateDescriptor
    from martlet.datastream.window import WindowAssigner

__all__ = ["FunctionHarness", "Record", "Timer"]


@boundary_methods
class FunctionHarness(HarnessView):
    """Runs one function, or a few in a row, as a worker does, but in this process and step by step.

    ::

        with FunctionHarness.of(Deduplicate(), key_selector=lambda row: row[0]) as harness:
            harness.process_element(("a", 1), timestamp=10)
            harness.process_watermark(100)
            assert harness.output() == [("a", 1)]
            assert harness.state("seen", key="a") is True

    What runs is the worker's own code: functions are pickled and opened, values take the types that
    are declared, state and timers are the real ones. Time stands still until it is moved on.
    What is passed in is pickled; :attr:`functions` are the objects that run.

    The harness may be used as a context manager, which closes it.
    """

    def __init__(
        self,
        recorded: Recorded,
        side_outputs: Iterable[OutputTag],
        processing_time: int,
        parameters: dict[str, str] | None,
    ) -> None:
        tags = list(side_outputs)
        first, *others = recorded.inputs
        second = others[0] if others else None
        config = {"pipeline.global-job-parameters": _as_map(parameters)} if parameters else {}
        opening = Opening(
            job="harness",
            operator=", ".join(step.name for step in recorded.steps),
            input=first.type_text,
            input_key=first.key if second else None,
            input2=second.type_text if second else None,
            input2_key=second.key if second else None,
            output=recorded.type_text,
            steps=recorded.steps,
            side_outputs=[[tag.tag_id, tag.type_info.type_text()] for tag in tags],
            config=config,
        )
        outputs = [recorded.type_text, *(tag.type_info.type_text() for tag in tags)]
        self._inputs = [first, second] if second else [first]
        self._selectors = [_selector(i.selector) if second else None for i in self._inputs]
        self._tags = {tag.tag_id: index + 1 for index, tag in enumerate(tags)}
        self._watermarks = [LOWEST] * len(self._inputs)
        self._is_closed = False
        self._driver = StageDriver(opening, outputs, processing_time)

    # Making

    @classmethod
    def of(
        cls,
        function: Any,
        *,
        key_selector: Any = None,
        second_key_selector: Any = None,
        key_type: TypeInformation | None = None,
        input_type: TypeInformation | None = None,
        second_input_type: TypeInformation | None = None,
        output_type: TypeInformation | None = None,
        window: WindowAssigner[Any, Any] | None = None,
        broadcast_states: Sequence[MapStateDescriptor] = (),
        side_outputs: Iterable[OutputTag] = (),
        processing_time: int = 0,
        parameters: dict[str, str] | None = None,
    ) -> FunctionHarness:
        """A harness for a function object, which is applied to a stream as its class asks for.

        :param key_selector: of functions on keyed streams; with two inputs that of the first one
        :param second_key_selector: of the second input; the same as the first one's if left out
        :param key_type: the type of the keys; types that are left out are those of pickled values
        :param window: the assigner, for functions on windows, a ``ReduceFunction`` among them
        :param broadcast_states: descriptors of the states, for functions that broadcast
        :param side_outputs: the tags whose output :meth:`side_output` is to give
        :param processing_time: what the clock says at first, in ms
        :param parameters: the job's parameters, for ``get_job_parameter``
        :raises TypeError: if there is no stream that takes such a function; see :meth:`on`
        """
        from martlet.testing.application import apply_function

        def build(*streams: DataStream) -> DataStream:
            return apply_function(
                function,
                streams,
                key_selectors=(key_selector, second_key_selector or key_selector),
                key_type=key_type,
                output_type=output_type,
                window=window,
                broadcast_states=broadcast_states,
            )

        from martlet.testing.application import takes_two_inputs

        types = [input_type]
        if takes_two_inputs(function):
            types.append(second_input_type)
        elif second_input_type is not None or second_key_selector is not None:
            raise ValidationError(f"{type(function).__name__} has one input")
        return cls._of(build, types, side_outputs, processing_time, parameters)

    @classmethod
    def on(
        cls,
        build: Callable[..., DataStream],
        *,
        input_type: TypeInformation | None = None,
        second_input_type: TypeInformation | None = None,
        inputs: int = 1,
        side_outputs: Iterable[OutputTag] = (),
        processing_time: int = 0,
        parameters: dict[str, str] | None = None,
    ) -> FunctionHarness:
        """A harness for what ``build`` does to a stream, with all that streams offer.

        ::

            FunctionHarness.on(
                lambda stream: stream.key_by(get_key)
                .window(TumblingEventTimeWindows.of(Time.seconds(5)))
                .allowed_lateness(1000)
                .reduce(add)
            )

        :param build: is given a stream, or two with ``inputs=2``, and returns the one to look at
        """
        if inputs not in (1, 2):
            raise ValidationError(f"A harness has 1 or 2 inputs, not {inputs!r}")
        types = [input_type, second_input_type][:inputs]
        return cls._of(build, types, side_outputs, processing_time, parameters)

    @classmethod
    def _of(
        cls,
        build: Callable[..., DataStream],
        types: Sequence[TypeInformation | None],
        side_outputs: Iterable[OutputTag],
        processing_time: int,
        parameters: dict[str, str] | None,
    ) -> FunctionHarness:
        pickled = Types.PICKLED_BYTE_ARRAY()
        result = build(*(recorded_stream(type_info or pickled) for type_info in types))
        recorded: Any = getattr(result, "_handle", None)
        if not isinstance(recorded, Recorded) or not recorded.steps:
            raise ValidationError("what is given to a harness must return a stream with a function")
        if recorded.steps[-1].kind == "key_by":
            raise ValidationError("a keyed stream does nothing; apply a function to it")
        if len(recorded.inputs) != len(types):
            raise ValidationError(f"of the {len(types)} streams, only one is used")
        return cls(recorded, side_outputs, processing_time, parameters)

    # What comes

    def process_element(self, value: Any, timestamp: int | None = None) -> None:
        """Hands in a value; of two inputs, to the first one.

        :param timestamp: in ms; None if the value has none
        """
        self._process(0, value, timestamp)

    process_element1 = process_element

    def process_element2(self, value: Any, timestamp: int | None = None) -> None:
        """Hands in a value to the second input."""
        self._process(1, value, timestamp)

    process_broadcast_element = process_element2

    def process_elements(self, *elements: Any) -> None:
        """Hands in each of the values, or of the pairs ``Record(value, timestamp)``."""
        for element in elements:
            if isinstance(element, Record):
                self._process(0, element.value, element.timestamp)
            else:
                self._process(0, element, None)

    def _process(self, index: int, value: Any, timestamp: int | None) -> None:
        self._check_open()
        if index >= len(self._inputs):
            raise ValidationError("the function has one input")
        given, selector = self._inputs[index], self._selectors[index]
        kind = value.get_row_kind().value if isinstance(value, Row) else 0
        self._driver.rows(
            [value],
            given.type_text,
            None if timestamp is None else [timestamp],
            None if selector is None else [selector(value)],
            given.key,
            [kind] if kind else None,
            second=index == 1,
        )

    def process_watermark(self, timestamp: int) -> None:
        """Moves event time on, and fires the timers that are due; on both inputs, if there are two.

        :param timestamp: in ms
        """
        for index in range(len(self._inputs)):
            self._note_watermark(index, timestamp)
        self._advance()

    def process_watermark1(self, timestamp: int) -> None:
        """A watermark of the first input; time is the lower one of both."""
        self._note_watermark(0, timestamp)
        self._advance()

    def process_watermark2(self, timestamp: int) -> None:
        """A watermark of the second input; time is the lower one of both."""
        if len(self._inputs) < 2:
            raise ValidationError("the function has one input")
        self._note_watermark(1, timestamp)
        self._advance()

    def _note_watermark(self, index: int, timestamp: int) -> None:
        self._check_open()
        if timestamp < self._watermarks[index]:
            raise ValidationError(
                f"Watermarks do not go back: {timestamp} after {self._watermarks[index]}"
            )
        self._watermarks[index] = timestamp

    def _advance(self) -> None:
        if min(self._watermarks) > self._driver.watermark:
            self._driver.advance_watermark(min(self._watermarks))

    def set_processing_time(self, timestamp: int) -> None:
        """Moves the clock to a time in ms, and fires the timers that are due then."""
        self._check_open()
        if timestamp < self._driver.now:
            raise ValidationError(f"Time does not go back: {timestamp} after {self._driver.now}")
        self._driver.advance_clock(timestamp)

    def end_input(self) -> None:
        """As at the end of a bounded stream: the last watermark comes."""
        self.process_watermark((1 << 63) - 1)
        self._driver.finish()

    def close(self) -> None:
        """Calls ``close`` of the functions; does nothing the second time."""
        if not self._is_closed:
            self._is_closed = True
            self._driver.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValidationError("the harness is closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _selector(pickled: bytes | None) -> Callable[[Any], Any] | None:
    if pickled is None:
        return None
    import cloudpickle

    function = cloudpickle.loads(pickled)
    get_key = getattr(function, "get_key", None)
    return get_key if callable(get_key) else function  # type: ignore[no-any-return]


def _as_map(values: dict[str, str]) -> str:
    from martlet.common.execution_config import format_map

    return format_map(values)
