"""Which call of a stream takes a function of which class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from martlet.datastream.data_stream.stream import DataStream
from martlet.datastream.functions.basic import (
    AggregateFunction,
    CoFlatMapFunction,
    CoMapFunction,
    FilterFunction,
    FlatMapFunction,
    MapFunction,
    ReduceFunction,
)
from martlet.datastream.functions.broadcast import (
    BroadcastProcessFunction,
    KeyedBroadcastProcessFunction,
)
from martlet.datastream.functions.process import (
    CoProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    ProcessFunction,
)
from martlet.datastream.functions.window import (
    AllWindowFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)
from martlet.util.exceptions import ValidationError

if TYPE_CHECKING:
    from martlet.common.typeinfo import TypeInformation
    from martlet.datastream.state import MapStateDescriptor
    from martlet.datastream.window import WindowAssigner

__all__ = ["apply_function", "takes_two_inputs"]

BROADCAST = (BroadcastProcessFunction, KeyedBroadcastProcessFunction)
TWO_INPUTS = (
    CoMapFunction,
    CoFlatMapFunction,
    CoProcessFunction,
    KeyedCoProcessFunction,
    *BROADCAST,
)
NEEDS_KEY = (
    KeyedProcessFunction,
    KeyedCoProcessFunction,
    KeyedBroadcastProcessFunction,
    ReduceFunction,
    WindowFunction,
    ProcessWindowFunction,
)

ONE_INPUT: Sequence[tuple[tuple[type, ...], Callable[[Any, Any, Any], DataStream]]] = (
    ((MapFunction,), lambda stream, f, output: stream.map(f, output)),
    ((FlatMapFunction,), lambda stream, f, output: stream.flat_map(f, output)),
    ((FilterFunction,), lambda stream, f, output: stream.filter(f)),
    ((ReduceFunction,), lambda stream, f, output: stream.reduce(f)),
    (
        (ProcessFunction, KeyedProcessFunction),
        lambda stream, f, output: stream.process(f, output),
    ),
)
ON_WINDOWS: Sequence[tuple[tuple[type, ...], Callable[[Any, Any, Any], DataStream]]] = (
    ((ReduceFunction,), lambda windows, f, output: windows.reduce(f, output_type=output)),
    ((AggregateFunction,), lambda windows, f, output: windows.aggregate(f, output_type=output)),
    (
        (WindowFunction, AllWindowFunction),
        lambda windows, f, output: windows.apply(f, output),
    ),
    (
        (ProcessWindowFunction, ProcessAllWindowFunction),
        lambda windows, f, output: windows.process(f, output),
    ),
)


def takes_two_inputs(function: Any) -> bool:
    """Whether the function is one of two connected streams."""
    return isinstance(function, TWO_INPUTS)


def apply_function(
    function: Any,
    streams: Sequence[DataStream],
    *,
    key_selectors: tuple[Any, Any],
    key_type: TypeInformation | None,
    output_type: TypeInformation | None,
    window: WindowAssigner[Any, Any] | None,
    broadcast_states: Sequence[MapStateDescriptor],
) -> DataStream:
    """The stream that comes of it; a :class:`TypeError` says what does not go together."""
    name = type(function).__name__
    is_keyed = key_selectors[0] is not None
    if isinstance(function, NEEDS_KEY) and not is_keyed:
        raise ValidationError(f"A {name} needs a keyed stream: pass key_selector")
    if broadcast_states and not isinstance(function, BROADCAST):
        raise ValidationError(f"A {name} has no broadcast states")
    if takes_two_inputs(function):
        if window is not None:
            raise ValidationError(f"A {name} does not evaluate windows")
        return _connected(function, streams, key_selectors, key_type, output_type, broadcast_states)
    stream = streams[0].key_by(key_selectors[0], key_type) if is_keyed else streams[0]
    target: Any = stream
    if window is not None:
        target = stream.window(window) if is_keyed else stream.window_all(window)  # type: ignore[attr-defined]
    for classes, apply in ONE_INPUT if window is None else ON_WINDOWS:
        if isinstance(function, classes):
            return apply(target, function, output_type)
    if window is None and any(isinstance(function, classes) for classes, _ in ON_WINDOWS):
        raise ValidationError(f"A {name} needs windows: pass their assigner as window")
    raise TypeError(
        f"a harness cannot tell what to do with {function!r}: pass "
        "FunctionHarness.on(lambda stream: …) what you do to a stream with it"
    )


def _connected(
    function: Any,
    streams: Sequence[DataStream],
    key_selectors: tuple[Any, Any],
    key_type: TypeInformation | None,
    output_type: TypeInformation | None,
    broadcast_states: Sequence[MapStateDescriptor],
) -> DataStream:
    first, second = streams
    is_keyed = key_selectors[0] is not None
    if isinstance(function, BROADCAST):
        if not broadcast_states:
            raise ValidationError(
                f"A {type(function).__name__} needs the descriptors of its broadcast states: pass "
                "broadcast_states"
            )
        stream = first.key_by(key_selectors[0], key_type) if is_keyed else first
        return stream.connect(second.broadcast(*broadcast_states)).process(function, output_type)
    connected: Any = first.connect(second)
    if is_keyed:
        connected = connected.key_by(*key_selectors, key_type)
    if isinstance(function, CoMapFunction):
        return connected.map(function, output_type)  # type: ignore[no-any-return]
    if isinstance(function, CoFlatMapFunction):
        return connected.flat_map(function, output_type)  # type: ignore[no-any-return]
    return connected.process(function, output_type)  # type: ignore[no-any-return]
