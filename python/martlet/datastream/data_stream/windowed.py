"""Streams that are divided into windows, of each key or of all records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from martlet.common.typeinfo import RowTypeInfo, TypeInformation, Types
from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.function_bytes import function_bytes
from martlet.datastream.functions.basic import AggregateFunction, KeySelector, ReduceFunction
from martlet.datastream.functions.window import (
    AllWindowFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)
from martlet.datastream.output_tag import OutputTag
from martlet.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    ReducingStateDescriptor,
    StateDescriptor,
)
from martlet.datastream.window import (
    MergingWindowAssigner,
    Trigger,
    WindowAssigner,
    WindowOperationDescriptor,
)
from martlet.util.boundary import boundary_methods
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from typing import Self

    from martlet.datastream.data_stream.keyed import KeyedStream
    from martlet.datastream.stream_execution_environment import StreamExecutionEnvironment

__all__ = ["WINDOW_STATE_NAME", "AllWindowedStream", "WindowedStream"]

WINDOW_STATE_NAME = "window-contents"

OutputType = TypeInformation | list[TypeInformation] | None


class _Windowed:
    """What windows of a key and windows of all records have in common."""

    #: The classes of functions that evaluate a window.
    _apply_class: ClassVar[type]
    _process_class: ClassVar[type]
    _shown: ClassVar[str]

    def __init__(self, keyed_stream: KeyedStream, window_assigner: WindowAssigner[Any, Any]):
        if not isinstance(window_assigner, WindowAssigner):
            raise TypeError(f"window takes a WindowAssigner, got {window_assigner!r}")
        self._keyed_stream = keyed_stream
        self._window_assigner = window_assigner
        self._allowed_lateness = 0
        self._late_data_output_tag: OutputTag | None = None
        self._window_trigger: Trigger[Any, Any] | None = None

    def get_execution_environment(self) -> StreamExecutionEnvironment:
        return self._keyed_stream.get_execution_environment()

    def get_input_type(self) -> TypeInformation:
        """The type of the records."""
        return self._keyed_stream.get_type()

    def trigger(self, trigger: Trigger[Any, Any]) -> Self:
        """Has ``trigger`` decide when a window is evaluated, instead of the assigner's own."""
        if not isinstance(trigger, Trigger):
            raise TypeError(f"trigger takes a Trigger, got {trigger!r}")
        if isinstance(self._window_assigner, MergingWindowAssigner) and not trigger.can_merge():
            raise TypeError(
                "A merging window assigner cannot be used with a trigger that does not support "
                f"merging: {type(trigger).__name__}.can_merge() is false"
            )
        self._window_trigger = trigger
        return self

    def allowed_lateness(self, time_ms: int) -> Self:
        """How long a window of event time is kept after its end, for records that come late.

        :param time_ms: in milliseconds, 0 unless this is called; such records evaluate the window
            again
        """
        if isinstance(time_ms, bool) or not isinstance(time_ms, int):
            raise TypeError(f"The allowed lateness is an int of milliseconds, got {time_ms!r}")
        if time_ms < 0:
            raise ValidationError(f"The allowed lateness cannot be negative, got {time_ms}")
        self._allowed_lateness = time_ms
        return self

    def side_output_late_data(self, output_tag: OutputTag) -> Self:
        """Sends records that are too late to a side output, instead of dropping them.

        The result's :meth:`DataStream.get_side_output` has them.
        """
        if not isinstance(output_tag, OutputTag):
            raise TypeError(f"side_output_late_data takes an OutputTag, got {output_tag!r}")
        self._late_data_output_tag = output_tag
        return self

    def _reduce(self, reduce_function: Any, window_function: Any, output: OutputType) -> DataStream:
        if not isinstance(reduce_function, ReduceFunction) and not callable(reduce_function):
            raise TypeError("reduce takes a ReduceFunction or a callable function")
        self._check_evaluation(window_function)
        if window_function is None and output is None:
            output = self.get_input_type()
        state = ReducingStateDescriptor(WINDOW_STATE_NAME, reduce_function, self.get_input_type())
        return self._result("reduce", window_function, state, reduce_function, output)

    def _aggregate(
        self,
        aggregate_function: Any,
        window_function: Any,
        accumulator_type: OutputType,
        output: OutputType,
    ) -> DataStream:
        if not isinstance(aggregate_function, AggregateFunction):
            raise TypeError(f"aggregate takes an AggregateFunction, got {aggregate_function!r}")
        self._check_evaluation(window_function)
        state = AggregatingStateDescriptor(
            WINDOW_STATE_NAME, aggregate_function, _type_of(accumulator_type)
        )
        return self._result("aggregate", window_function, state, aggregate_function, output)

    def _evaluate(self, function: Any, kind: str, cls: type, output: OutputType) -> DataStream:
        if not isinstance(function, cls):
            raise TypeError(f"{kind} takes a {cls.__name__}, got {function!r}")
        state = ListStateDescriptor(WINDOW_STATE_NAME, self.get_input_type())
        return self._result(kind, function, state, None, output)

    def _check_evaluation(self, window_function: Any) -> None:
        classes = (self._apply_class, self._process_class)
        if window_function is not None and not isinstance(window_function, classes):
            names = " or ".join(cls.__name__ for cls in classes)
            raise TypeError(f"window_function should be a {names}, got {window_function!r}")

    def _result(
        self, kind: str, function: Any, state: StateDescriptor, incremental: Any, output: OutputType
    ) -> DataStream:
        trigger = self._window_trigger or self._window_assigner.get_default_trigger(
            self.get_execution_environment()
        )
        operation = WindowOperationDescriptor(
            self._window_assigner,
            trigger,
            self._allowed_lateness,
            self._late_data_output_tag,
            state,
            self._window_assigner.get_window_serializer(),
            function,
        )
        output_type = _type_of(output)
        stream = self._keyed_stream
        handle = stream._handle.python(
            "window",
            function_bytes(
                operation, kind, (incremental, function, trigger, self._window_assigner)
            ),
            output_type.type_text(),
            operation.generate_op_name(),
        )
        names = [type(f).__name__ for f in (incremental, function) if f is not None]
        result = stream._derived(handle, output_type)
        return result.set_description(operation.generate_op_desc(self._shown, ", ".join(names)))


def _type_of(output: OutputType) -> TypeInformation:
    if output is None:
        return Types.PICKLED_BYTE_ARRAY()
    if isinstance(output, list):
        return RowTypeInfo(output)
    if not isinstance(output, TypeInformation):
        raise TypeError(f"a type must be a TypeInformation such as Types.INT(), got {output!r}")
    return output


@boundary_methods
class WindowedStream(_Windowed):
    """Records by key and by window; made by :meth:`KeyedStream.window`."""

    _apply_class = WindowFunction
    _process_class = ProcessWindowFunction
    _shown = "Window"

    def reduce(
        self,
        reduce_function: ReduceFunction | Callable[[Any, Any], Any],
        window_function: WindowFunction[Any, Any, Any, Any]
        | ProcessWindowFunction[Any, Any, Any, Any]
        | None = None,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """What the records of a window reduce to.

        Only the result so far is kept; of windows that slide, one for each pane they share, so that
        the function should not depend on how its arguments are grouped.

        :param window_function: is given the result, and returns the records to emit
        :param output_type: the type of what it returns
        """
        return self._reduce(reduce_function, window_function, output_type)

    def aggregate(
        self,
        aggregate_function: AggregateFunction,
        window_function: WindowFunction[Any, Any, Any, Any]
        | ProcessWindowFunction[Any, Any, Any, Any]
        | None = None,
        accumulator_type: TypeInformation | None = None,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """What the records of a window aggregate to.

        Only the accumulator is kept; where the function has a ``merge``, windows that slide share
        the accumulators of their panes.

        :param window_function: is given the result, and returns the records to emit
        :param accumulator_type: the type of the accumulator; None if it is to be pickled
        :param output_type: the type of the results
        """
        return self._aggregate(aggregate_function, window_function, accumulator_type, output_type)

    def apply(
        self,
        window_function: WindowFunction[Any, Any, Any, Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for the records of a window, which are all kept until then."""
        return self._evaluate(window_function, "apply", WindowFunction, output_type)

    def process(
        self,
        process_window_function: ProcessWindowFunction[Any, Any, Any, Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """As :meth:`apply`; the function has time and state at hand."""
        cls = ProcessWindowFunction
        return self._evaluate(process_window_function, "process", cls, output_type)


class _NullByteKey(KeySelector):
    """One key for all records."""

    def get_key(self, value: Any) -> int:
        return 0


@boundary_methods
class AllWindowedStream(_Windowed):
    """Records by window alone; made by :meth:`DataStream.window_all`. One instance has them all."""

    _apply_class = AllWindowFunction
    _process_class = ProcessAllWindowFunction
    _shown = "AllWindow"

    def __init__(self, data_stream: DataStream, window_assigner: WindowAssigner[Any, Any]):
        super().__init__(data_stream.key_by(_NullByteKey(), Types.BYTE()), window_assigner)

    def reduce(
        self,
        reduce_function: ReduceFunction | Callable[[Any, Any], Any],
        window_function: AllWindowFunction[Any, Any, Any]
        | ProcessAllWindowFunction[Any, Any, Any]
        | None = None,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """What the records of a window reduce to, as :meth:`WindowedStream.reduce`."""
        return self._reduce(reduce_function, window_function, output_type)

    def aggregate(
        self,
        aggregate_function: AggregateFunction,
        window_function: AllWindowFunction[Any, Any, Any]
        | ProcessAllWindowFunction[Any, Any, Any]
        | None = None,
        accumulator_type: TypeInformation | None = None,
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """What the records of a window aggregate to, as :meth:`WindowedStream.aggregate`."""
        return self._aggregate(aggregate_function, window_function, accumulator_type, output_type)

    def apply(
        self,
        window_function: AllWindowFunction[Any, Any, Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """Any number of records for the records of a window, which are all kept until then."""
        return self._evaluate(window_function, "apply", AllWindowFunction, output_type)

    def process(
        self,
        process_window_function: ProcessAllWindowFunction[Any, Any, Any],
        output_type: TypeInformation | None = None,
    ) -> DataStream:
        """As :meth:`apply`; the function has state at hand."""
        cls = ProcessAllWindowFunction
        return self._evaluate(process_window_function, "process", cls, output_type)

    def _result(self, *args: Any) -> DataStream:
        return super()._result(*args).set_parallelism(1)
