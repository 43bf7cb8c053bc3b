"""Functions on windows by themselves, driven by the harness."""

from __future__ import annotations

from typing import Any

import pytest

from martlet.common import Time, Types
from martlet.datastream import (
    OutputTag,
    TimeWindow,
)
from martlet.datastream.functions import (
    AggregateFunction,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)
from martlet.datastream.state import (
    ValueStateDescriptor,
)
from martlet.datastream.window import (
    EventTimeSessionWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from martlet.testing import FunctionHarness, Timer
from martlet.util.exceptions import ValidationError

LONG = Types.LONG()
PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
LATE = OutputTag("late", PAIR)


def first(pair: Any) -> Any:
    return pair[0]


FIVE = TumblingEventTimeWindows.of(Time.milliseconds(5))


class Sum(AggregateFunction):
    def create_accumulator(self) -> int:
        return 0

    def add(self, value: Any, accumulator: int) -> int:
        return accumulator + int(value[1])

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, acc_a: int, acc_b: int) -> int:
        return acc_a + acc_b


def test_window_functions() -> None:
    class Apply(WindowFunction):  # type: ignore[type-arg]
        def apply(self, key: Any, window: Any, inputs: Any) -> Any:
            return [(key, window.start, len(list(inputs)))]

    class Process(ProcessWindowFunction):  # type: ignore[type-arg]
        def process(self, key: Any, context: Any, elements: Any) -> Any:
            count = context.window_state().get_state(ValueStateDescriptor("firings", LONG))
            count.update((count.value() or 0) + 1)
            yield key, context.window().end, len(list(elements)), count.value()

        def clear(self, context: Any) -> None:
            context.window_state().get_state(ValueStateDescriptor("firings", LONG)).clear()

    for function, expected in (
        (Apply(), [("a", 0, 2), ("b", 0, 1)]),
        (Process(), [("a", 5, 2, 1), ("b", 5, 1, 1)]),
        (Sum(), [3, 5]),
    ):
        with FunctionHarness.of(
            function, key_selector=first, key_type=Types.STRING(), input_type=PAIR, window=FIVE
        ) as harness:
            harness.process_element(("a", 1), 1)
            harness.process_element(("b", 5), 2)
            harness.process_element(("a", 2), 4)
            harness.process_element(("a", 9), 5)
            assert harness.event_time_timers()[0] == Timer("a", 4, (0, 5))
            harness.process_watermark(3)
            assert harness.output() == []
            harness.process_watermark(4)
            assert harness.output() == expected
            assert [record.timestamp for record in harness.records()] == [4, 4]
            assert harness.event_time_timers() == [Timer("a", 9, (5, 10))]


def test_windows_of_all_records_and_of_processing_time() -> None:
    class Total(ProcessAllWindowFunction):  # type: ignore[type-arg]
        def process(self, context: Any, elements: Any) -> Any:
            yield sum(elements)

    window = TumblingProcessingTimeWindows.of(Time.milliseconds(10))
    with FunctionHarness.of(Total(), input_type=LONG, window=window) as harness:
        harness.process_elements(1, 2)
        harness.set_processing_time(8)
        harness.process_element(4)
        assert harness.output() == []
        harness.set_processing_time(9)
        assert harness.output() == [7]


def test_what_a_stream_offers_with_lateness_and_late_data() -> None:
    with FunctionHarness.on(
        lambda stream: (
            stream.key_by(first, Types.STRING())
            .window(EventTimeSessionWindows.with_gap(Time.milliseconds(10)))
            .allowed_lateness(5)
            .side_output_late_data(LATE)
            .reduce(lambda a, b: (a[0], a[1] + b[1]))
        ),
        input_type=PAIR,
        side_outputs=[LATE],
    ) as harness:
        harness.process_element(("a", 1), 0)
        harness.process_element(("a", 2), 8)
        harness.process_watermark(20)
        assert harness.output() == [("a", 3)]
        harness.process_element(("a", 4), 7)
        assert harness.output() == [("a", 3), ("a", 7)]
        harness.process_watermark(23)
        harness.process_element(("a", 9), 1)
        assert harness.side_output(LATE) == [("a", 9)]


def test_state_of_a_window() -> None:
    class Process(ProcessWindowFunction):  # type: ignore[type-arg]
        def process(self, key: Any, context: Any, elements: Any) -> Any:
            context.window_state().get_state(ValueStateDescriptor("size", LONG)).update(
                len(list(elements))
            )
            return []

        def clear(self, context: Any) -> None:
            context.window_state().get_state(ValueStateDescriptor("size", LONG)).clear()

    with FunctionHarness.on(
        lambda s: (
            s.key_by(first, Types.STRING()).window(FIVE).allowed_lateness(9).process(Process())
        )
    ) as harness:
        harness.process_element(("a", 1), 1)
        harness.process_watermark(6)
        assert harness.state("size", key="a", window=TimeWindow(0, 5)) == 1
        harness.process_watermark(20)
        assert harness.state("size", key="a", window=TimeWindow(0, 5)) is None


def test_the_end_of_the_input() -> None:
    with FunctionHarness.of(Sum(), key_selector=first, input_type=PAIR, window=FIVE) as harness:
        harness.process_element(("a", 3), 1)
        harness.end_input()
        assert harness.output() == [3]


def test_functions_on_windows_need_windows() -> None:
    with pytest.raises(ValidationError, match="needs windows: pass their assigner as window"):
        FunctionHarness.of(Sum(), key_selector=first)
