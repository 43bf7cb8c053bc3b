"""Functions by themselves: what a test can hand in, and what it can see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from martlet.common import Row, RowKind, Time, Types
from martlet.common.watermark_strategy import TimestampAssigner, WatermarkStrategy
from martlet.datastream import (
    AsyncDataStream,
    AsyncFunction,
    OutputTag,
    RuntimeContext,
    TimeDomain,
)
from martlet.datastream.functions import (
    BroadcastProcessFunction,
    CoFlatMapFunction,
    CoMapFunction,
    CoProcessFunction,
    FilterFunction,
    FlatMapFunction,
    KeyedBroadcastProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    MapFunction,
    ProcessFunction,
    ReduceFunction,
)
from martlet.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from martlet.testing import FunctionHarness, Record, Timer
from martlet.util.exceptions import NotSupportedError, ValidationError

LONG = Types.LONG()
PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
LATE = OutputTag("late", PAIR)


def first(pair: Any) -> Any:
    return pair[0]


class Double(MapFunction):
    def open(self, runtime_context: RuntimeContext) -> None:
        self.calls = runtime_context.get_metrics_group().counter("calls")
        self.add = int(runtime_context.get_job_parameter("add", "0"))
        self.closed = 0

    def map(self, value: int) -> int:
        self.calls.inc()
        return value * 2 + self.add

    def close(self) -> None:
        self.closed += 1


def test_a_map() -> None:
    with FunctionHarness.of(
        Double(), input_type=LONG, output_type=LONG, parameters={"add": "1"}
    ) as harness:
        harness.process_element(1)
        harness.process_element(2, timestamp=20)
        harness.process_elements(3, Record(4, 40))
        assert harness.output() == [3, 5, 7, 9]
        assert harness.records() == [
            Record(3, None), Record(5, 20), Record(7, None), Record(9, 40),
        ]  # fmt: skip
        harness.clear_output()
        assert harness.output() == []
        assert harness.metrics() == {"Map.calls": 4}
        (function,) = harness.functions
        assert isinstance(function, Double)
    harness.close()
    assert function.closed == 1
    with pytest.raises(ValidationError, match="the harness is closed"):
        harness.process_element(1)


def test_flat_map_and_filter() -> None:
    class Split(FlatMapFunction):
        def flat_map(self, value: str) -> list[str]:
            return value.split()

    class Long(FilterFunction):
        def filter(self, value: str) -> bool:
            return len(value) > 3

    with FunctionHarness.of(Split()) as harness:
        harness.process_element("a swift")
        assert harness.output() == ["a", "swift"]
    with FunctionHarness.of(Long()) as harness:
        harness.process_elements("a", "swift")
        assert harness.output() == ["swift"]


def test_a_reduce_keeps_its_state_by_key() -> None:
    class Add(ReduceFunction):
        def reduce(self, value1: Any, value2: Any) -> Any:
            return value1[0], value1[1] + value2[1]

    with FunctionHarness.of(Add(), key_selector=first, input_type=PAIR) as harness:
        harness.process_elements(("a", 1), ("b", 2), ("a", 3))
        assert harness.output() == [("a", 1), ("b", 2), ("a", 4)]
    with pytest.raises(ValidationError, match="A Add needs a keyed stream: pass key_selector"):
        FunctionHarness.of(Add())


class Alarm(KeyedProcessFunction):
    """Counts, and tells the count ten ms after each element, in both times."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", LONG))
        self.seen = runtime_context.get_list_state(ListStateDescriptor("seen", LONG))
        self.each = runtime_context.get_map_state(MapStateDescriptor("each", LONG, LONG))
        self.sum = runtime_context.get_reducing_state(
            ReducingStateDescriptor("sum", lambda a, b: a + b, LONG)
        )

    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
        self.count.update((self.count.value() or 0) + 1)
        self.seen.add(value[1])
        self.each.put(value[1], self.count.value())
        self.sum.add(value[1])
        service = ctx.timer_service()
        service.register_event_time_timer(ctx.timestamp() + 10)
        service.register_processing_time_timer(service.current_processing_time() + 10)
        if value[1] < 0:
            service.delete_event_time_timer(ctx.timestamp() + 10)
            yield LATE, value

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Any:
        service = ctx.timer_service()
        domain = "event" if ctx.time_domain() is TimeDomain.EVENT_TIME else "processing"
        now = (service.current_watermark(), service.current_processing_time())
        yield domain, ctx.get_current_key(), timestamp, self.count.value(), now


@pytest.fixture
def alarm() -> Iterator[FunctionHarness]:
    with FunctionHarness.of(
        Alarm(),
        key_selector=first,
        key_type=Types.STRING(),
        input_type=PAIR,
        side_outputs=[LATE],
        processing_time=1000,
    ) as harness:
        yield harness


def test_timers_of_event_time(alarm: FunctionHarness) -> None:
    alarm.process_element(("b", 1), 5)
    alarm.process_element(("a", 2), 3)
    alarm.process_element(("b", 3), 5)
    assert alarm.event_time_timers() == [Timer("a", 13), Timer("b", 15)]
    alarm.process_watermark(12)
    assert alarm.output() == []
    alarm.process_watermark(20)
    assert alarm.output() == [
        ("event", "a", 13, 1, (20, 1000)),
        ("event", "b", 15, 2, (20, 1000)),
    ]
    assert [record.timestamp for record in alarm.records()] == [13, 15]
    assert alarm.event_time_timers() == []
    assert alarm.current_watermark == 20
    with pytest.raises(ValidationError, match="Watermarks do not go back: 19 after 20"):
        alarm.process_watermark(19)


def test_timers_of_processing_time(alarm: FunctionHarness) -> None:
    alarm.process_element(("a", 2), 3)
    assert alarm.processing_time_timers() == [Timer("a", 1010)]
    alarm.set_processing_time(1009)
    assert alarm.output() == []
    alarm.set_processing_time(1011)
    assert alarm.output() == [("processing", "a", 1010, 1, (-(2**63), 1011))]
    assert alarm.processing_time == 1011
    with pytest.raises(ValidationError, match="Time does not go back"):
        alarm.set_processing_time(0)


def test_timers_that_are_deleted_and_side_outputs(alarm: FunctionHarness) -> None:
    alarm.process_element(("a", -1), 3)
    assert alarm.event_time_timers() == []
    assert alarm.side_output(LATE) == [("a", -1)]
    assert alarm.side_records(LATE) == [Record(("a", -1), 3)]
    with pytest.raises(ValidationError, match="does not know the side output 'other'"):
        alarm.side_output(OutputTag("other"))


def test_state_of_every_kind(alarm: FunctionHarness) -> None:
    for number in (4, 5):
        alarm.process_element(("a", number), 1)
    assert alarm.state("count", key="a") == 2
    assert alarm.state(ValueStateDescriptor("count", LONG), key="b") is None
    assert alarm.state("seen", key="a") == [4, 5]
    assert alarm.state("seen", key="b") == []
    assert alarm.state("each", key="a") == {4: 1, 5: 2}
    assert alarm.state("sum", key="a") == 9
    with pytest.raises(ValidationError, match="No .*'other'; there are: count, each, seen, sum"):
        alarm.state("other", key="a")


def test_timers_set_for_the_past_fire_as_the_time_moves_on_or_at_once() -> None:
    class Past(KeyedProcessFunction):
        def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
            ctx.timer_service().register_event_time_timer(1)
            ctx.timer_service().register_processing_time_timer(1)
            return ["element"]

        def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Any:
            return [ctx.time_domain().name]

    with FunctionHarness.of(Past(), key_selector=first, processing_time=9) as harness:
        harness.process_watermark(10)
        harness.process_element(("a", 1))
        assert harness.output() == ["element", "PROCESSING_TIME"]
        harness.process_watermark(11)
        assert harness.output()[2:] == ["EVENT_TIME"]


def test_time_to_live_goes_by_the_clock_of_the_test() -> None:
    class Remember(KeyedProcessFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            descriptor = ValueStateDescriptor("last", LONG)
            descriptor.enable_time_to_live(StateTtlConfig.new_builder(Time.seconds(1)).build())
            self.last = runtime_context.get_state(descriptor)

        def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
            yield self.last.value()
            self.last.update(value[1])

    with FunctionHarness.of(Remember(), key_selector=first) as harness:
        harness.process_element(("a", 1))
        harness.set_processing_time(999)
        assert harness.state("last", key="a") == 1
        harness.process_element(("a", 2))
        harness.set_processing_time(1999)
        harness.process_element(("a", 3))
        assert harness.output() == [None, 1, None]


def test_process_functions_without_keys() -> None:
    class Tell(ProcessFunction):
        def process_element(self, value: Any, ctx: ProcessFunction.Context) -> Any:
            yield value, ctx.timestamp(), ctx.timer_service().current_watermark()

    with FunctionHarness.of(Tell()) as harness:
        harness.process_element("a", 1)
        harness.process_watermark(7)
        harness.process_element("b", 9)
        assert harness.output() == [("a", 1, -(2**63)), ("b", 9, 7)]


def test_connected_streams() -> None:
    class Either(CoMapFunction):
        def map1(self, value: int) -> str:
            return f"one {value}"

        def map2(self, value: str) -> str | None:
            return f"two {value}" if value else None

    class Many(CoFlatMapFunction):
        def flat_map1(self, value: int) -> range:
            return range(value)

        def flat_map2(self, value: str) -> list[str]:
            return list(value)

    class Both(CoProcessFunction):
        def process_element1(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
            yield 1, value, ctx.timestamp()

        def process_element2(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
            yield 2, value, ctx.timer_service().current_watermark()

    for function, expected in (
        (Either(), ["one 2", "two ab"]),
        (Many(), [0, 1, "a", "b"]),
        (Both(), [(1, 2, 5), (2, "ab", 3), (2, "", 4)]),
    ):
        with FunctionHarness.of(
            function, input_type=LONG, second_input_type=Types.STRING()
        ) as harness:
            harness.process_element1(2, 5)
            harness.process_watermark1(4)
            harness.process_watermark2(3)
            harness.process_element2("ab", 6)
            harness.process_watermark2(8)
            harness.process_element2("", 6)
            assert harness.output() == expected


def test_keyed_connected_streams_share_state_and_timers() -> None:
    class Join(KeyedCoProcessFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            self.left = runtime_context.get_state(ValueStateDescriptor("left", PAIR))

        def process_element1(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> None:
            self.left.update(value)
            ctx.timer_service().register_event_time_timer(100)

        def process_element2(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> Any:
            yield ctx.get_current_key(), self.left.value(), value

        def on_timer(self, timestamp: int, ctx: KeyedCoProcessFunction.OnTimerContext) -> Any:
            self.left.clear()
            yield "gone", ctx.get_current_key()

    with FunctionHarness.of(
        Join(),
        key_selector=first,
        second_key_selector=lambda row: row["id"],
        key_type=Types.STRING(),
        input_type=PAIR,
    ) as harness:
        harness.process_element1(("a", 1))
        harness.process_element2({"id": "a"})
        harness.process_watermark1(200)
        assert harness.event_time_timers() == [Timer("a", 100)]
        harness.process_watermark2(150)
        harness.process_element2({"id": "a"})
        assert harness.output() == [
            ("a", ("a", 1), {"id": "a"}), ("gone", "a"), ("a", None, {"id": "a"}),
        ]  # fmt: skip
        assert harness.state("left", key="a") is None
        assert harness.current_watermark == 150


RULES = MapStateDescriptor("rules", Types.STRING(), LONG)


def test_broadcast_streams() -> None:
    class Apply(BroadcastProcessFunction):  # type: ignore[type-arg]
        def process_element(self, value: Any, ctx: Any) -> Any:
            yield value * (ctx.get_broadcast_state(RULES).get("factor") or 1)

        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            ctx.get_broadcast_state(RULES).put(*value)
            yield -1

    with FunctionHarness.of(Apply(), broadcast_states=[RULES], input_type=LONG) as harness:
        assert harness.broadcast_state(RULES) == {}
        harness.process_element(2)
        harness.process_broadcast_element(("factor", 10))
        harness.process_element(2)
        assert harness.output() == [2, -1, 20]
        assert harness.broadcast_state("rules") == {"factor": 10}
        with pytest.raises(ValidationError, match="not broadcast with a state 'other'"):
            harness.broadcast_state("other")
    with pytest.raises(ValidationError, match="pass broadcast_states"):
        FunctionHarness.of(Apply())


def test_keyed_broadcast_streams() -> None:
    class Count(KeyedBroadcastProcessFunction):  # type: ignore[type-arg]
        def open(self, runtime_context: RuntimeContext) -> None:
            self.count = runtime_context.get_state(ValueStateDescriptor("count", LONG))

        def process_element(self, value: Any, ctx: Any) -> Any:
            self.count.update((self.count.value() or 0) + 1)
            ctx.timer_service().register_processing_time_timer(50)

        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            ctx.get_broadcast_state(RULES).put(*value)

        def on_timer(self, timestamp: int, ctx: Any) -> Any:
            rule = ctx.get_broadcast_state(RULES).get(ctx.get_current_key())
            yield ctx.get_current_key(), self.count.value(), rule

    with FunctionHarness.of(
        Count(), key_selector=first, key_type=Types.STRING(), broadcast_states=[RULES]
    ) as harness:
        harness.process_elements(("a", 1), ("b", 1), ("a", 2))
        harness.process_broadcast_element(("a", 7))
        harness.set_processing_time(50)
        assert harness.output() == [("a", 2, 7), ("b", 1, None)]


# Several functions, and what is not possible


def test_several_functions_in_a_row() -> None:
    class FieldTime(TimestampAssigner):
        def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
            return int(value[1])

    strategy = WatermarkStrategy.no_watermarks().with_timestamp_assigner(FieldTime())
    with FunctionHarness.on(
        lambda stream: (
            stream.map(lambda v: (v["id"], v["at"]), PAIR)
            .assign_timestamps_and_watermarks(strategy)
            .key_by(first, Types.STRING())
            .process(Alarm())
        )
    ) as harness:
        harness.process_element({"id": "a", "at": 5})
        harness.process_watermark(15)
        assert harness.records() == [Record(("event", "a", 15, 1, (15, 0)), 15)]


def test_two_streams_described_by_hand() -> None:
    class Either(CoMapFunction):
        def map1(self, value: int) -> int:
            return value

        def map2(self, value: int) -> int:
            return -value

    with FunctionHarness.on(
        lambda a, b: a.connect(b).map(Either(), LONG).map(lambda x: x + 1, LONG), inputs=2
    ) as harness:
        harness.process_element1(1)
        harness.process_element2(1)
        assert harness.output() == [2, 0]


def test_asynchronous_functions() -> None:
    class Ask(AsyncFunction[int, int]):
        async def async_invoke(self, value: int) -> list[int]:
            return [value, value]

    with FunctionHarness.on(
        lambda stream: AsyncDataStream.ordered_wait(stream, Ask(), Time.seconds(10))
    ) as harness:
        harness.process_element(1, 5)
        assert harness.records() == [Record(1, 5), Record(1, 5)]


def test_rows_keep_their_kind() -> None:
    info = Types.ROW_NAMED(["n"], [LONG])
    with FunctionHarness.on(lambda s: s.filter(lambda row: True), input_type=info) as harness:
        harness.process_element(Row.of_kind(RowKind.DELETE, 3))
        (row,) = harness.output()
        assert (row.n, row.get_row_kind()) == (3, RowKind.DELETE)


def test_errors_are_the_users_own_and_say_where() -> None:
    class Broken(MapFunction):
        def map(self, value: int) -> int:
            raise ZeroDivisionError("in map")

    class Unopened(MapFunction):
        def open(self, runtime_context: RuntimeContext) -> None:
            raise LookupError("in open")

        def map(self, value: int) -> int:
            return value

    harness = FunctionHarness.of(Broken())
    with pytest.raises(ZeroDivisionError, match="in map") as caught:
        harness.process_element(7)
    assert caught.value.__notes__ == ["in Map, for 7"]
    with pytest.raises(LookupError, match="in open"):
        FunctionHarness.of(Unopened())


def test_what_a_harness_is_not_for() -> None:
    with pytest.raises(TypeError, match="cannot tell what to do with"):
        FunctionHarness.of(print)
    with pytest.raises(NotSupportedError, match="'print' means nothing in a harness"):
        FunctionHarness.on(lambda stream: stream.map(str, Types.STRING()).print())
    with pytest.raises(NotSupportedError, match="come from process_watermark"):
        FunctionHarness.on(
            lambda stream: stream.assign_timestamps_and_watermarks(
                WatermarkStrategy.for_monotonous_timestamps()
            )
        )
    with pytest.raises(ValidationError, match="a keyed stream does nothing"):
        FunctionHarness.on(lambda stream: stream.key_by(first))
    with pytest.raises(ValidationError, match="must return a stream with a function"):
        FunctionHarness.on(lambda stream: stream)
    with pytest.raises(ValidationError, match="Double has one input"):
        FunctionHarness.of(Double(), second_input_type=LONG)
    harness = FunctionHarness.of(Double())
    with pytest.raises(ValidationError, match="the function has one input"):
        harness.process_element2(1)
