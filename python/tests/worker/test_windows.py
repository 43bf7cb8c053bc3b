"""Windows: which records come together, when they are evaluated, and what is left then."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from window_runtime import MIN, Job, operation, values

from martlet.common.time import Time
from martlet.common.typeinfo import Types
from martlet.datastream import OutputTag
from martlet.datastream.functions import (
    AggregateFunction,
    AllWindowFunction,
    ProcessWindowFunction,
    WindowFunction,
)
from martlet.datastream.state import ReducingStateDescriptor, ValueStateDescriptor
from martlet.datastream.window import (
    ContinuousEventTimeTrigger,
    CountSlidingWindowAssigner,
    CountTrigger,
    CountTumblingWindowAssigner,
    EventTimeSessionWindows,
    EventTimeTrigger,
    GlobalWindows,
    PurgingTrigger,
    SlidingEventTimeWindows,
    TimeWindow,
    TimeWindowSerializer,
    Trigger,
    TriggerResult,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
    WindowAssigner,
)
from martlet.worker.protocol import StateOp
from martlet.worker.state import KeyedStates


def add(a: Any, b: Any) -> Any:
    return a[0], a[1] + b[1]


class Average(AggregateFunction):
    def create_accumulator(self) -> Any:
        return [0, 0]

    def add(self, value: Any, accumulator: Any) -> Any:
        accumulator[0] += value[1]
        accumulator[1] += 1
        return accumulator

    def get_result(self, accumulator: Any) -> Any:
        return accumulator[0] / accumulator[1]

    def merge(self, acc_a: Any, acc_b: Any) -> Any:
        acc_a[0] += acc_b[0]
        acc_a[1] += acc_b[1]
        return acc_a


class Listing(WindowFunction[Any, Any, Any, Any]):
    """Key, start and end, numbers."""

    def apply(self, key: Any, window: Any, inputs: Any) -> Any:
        yield key, window.start, window.end, [value[1] for value in inputs]


def tumbling(size: int = 10) -> TumblingEventTimeWindows:
    return TumblingEventTimeWindows.of(Time.milliseconds(size))


def sliding(size: int, slide: int) -> SlidingEventTimeWindows:
    return SlidingEventTimeWindows.of(Time.milliseconds(size), Time.milliseconds(slide))


def sessions(gap: int) -> EventTimeSessionWindows:
    return EventTimeSessionWindows.with_gap(Time.milliseconds(gap))


def test_tumbling_windows_reduce_and_leave_nothing_behind() -> None:
    job = Job(operation(tumbling(), reduce=add))
    assert job.rows(("a", 1, 1), ("b", 5, 2), ("a", 2, 9), ("a", 4, 10)) == []
    assert job.watermark(8) == []
    assert sorted(job.watermark(9)) == [(0, ("a", 3), 9), (0, ("b", 5), 9)]
    assert job.watermark(100) == [(0, ("a", 4), 19)]
    assert [store.count for store in job.stores] == [0, 0]
    assert job.heaps == ([], [])


def test_windows_are_aligned_with_their_offset_before_the_epoch_too() -> None:
    assigner = TumblingEventTimeWindows.of(Time.milliseconds(10), Time.milliseconds(-3))
    job = Job(operation(assigner, function=Listing()))
    job.rows(("a", 1, -14), ("a", 2, -13), ("a", 3, 6), ("a", 4, 7))
    assert values(job.watermark(100)) == [
        ("a", -23, -13, [1]),
        ("a", -13, -3, [2]),
        ("a", -3, 7, [3]),
        ("a", 7, 17, [4]),
    ]


def test_an_aggregate_keeps_the_accumulator_and_a_function_sees_its_result() -> None:
    class Show(WindowFunction[Any, Any, Any, Any]):
        def apply(self, key: Any, window: Any, inputs: Any) -> Any:
            return [(key, list(inputs))]

    job = Job(operation(tumbling(), aggregate=Average(), function=Show()))
    job.rows(("a", 1, 1), ("a", 2, 2), ("b", 7, 3))
    assert sorted(values(job.watermark(9))) == [("a", [1.5]), ("b", [7.0])]
    job = Job(operation(tumbling(), aggregate=Average()))
    job.rows(("a", 1, 1), ("a", 2, 2))
    assert job.watermark(9) == [(0, 1.5, 9)]


def test_late_records_are_counted_or_sent_aside() -> None:
    tag = OutputTag("late", Types.TUPLE([Types.STRING(), Types.LONG()]))
    for late in (None, tag):
        job = Job(operation(tumbling(), reduce=add, late=late))
        job.rows(("a", 1, 5))
        job.watermark(9)
        assert job.rows(("a", 2, 9)) == ([(1, ("a", 2), 9)] if late else [])
        metric = job.stage.metrics.read()["windows.numLateRecordsDropped"]
        assert metric == (0 if late else 1)


def test_allowed_lateness_evaluates_again_until_the_cleanup() -> None:
    job = Job(operation(tumbling(), reduce=add, lateness=5))
    job.rows(("a", 1, 5))
    assert job.watermark(9) == [(0, ("a", 1), 9)]
    assert job.rows(("a", 2, 3)) == [(0, ("a", 3), 9)]
    assert job.watermark(13) == []
    assert job.rows(("a", 4, 0)) == [(0, ("a", 7), 9)]
    assert job.watermark(14) == []
    assert job.rows(("a", 4, 0)) == []
    assert [store.count for store in job.stores] == [0, 0]
    assert job.watermark(100) == []


def test_a_record_without_a_timestamp_says_what_to_do() -> None:
    for assigner in (tumbling(), sliding(10, 5), sessions(3)):
        job = Job(operation(assigner, reduce=add))
        with pytest.raises(ValueError, match=r"Record has Long.MIN_VALUE timestamp"):
            job.rows(("a", 1, None))


@pytest.mark.parametrize("merges", [True, False])
def test_sliding_windows(merges: bool) -> None:
    class Sum(Average):
        def get_result(self, accumulator: Any) -> Any:
            return tuple(accumulator)

    class NoMerge(Sum):
        def merge(self, acc_a: Any, acc_b: Any) -> Any:
            raise NotImplementedError

    job = Job(operation(sliding(10, 5), aggregate=Sum() if merges else NoMerge()))
    kind = type(job.stage._opened[1][1].operator).__name__
    assert kind == ("PaneOperator" if merges else "WindowOperator")
    job.rows(("a", 1, 1), ("a", 2, 6), ("a", 4, 3), ("a", 8, 31))
    assert job.watermark(7) == [(0, (5, 2), 4)]
    assert job.watermark(9) == [(0, (7, 3), 9)]
    job.rows(("a", 16, 2), ("a", 32, 7))
    assert job.watermark(34) == [(0, (34, 2), 14), (0, (8, 1), 34)]
    assert job.watermark(100) == [(0, (8, 1), 39)]
    assert [store.count for store in job.stores] == [0, 0]


def test_panes_keep_the_order_of_arrival() -> None:
    job = Job(operation(sliding(20, 5), function=Listing()))
    job.rows(("a", 1, 12), ("a", 2, 3), ("a", 3, 8), ("a", 4, 12))
    assert job.watermark(19)[-1] == (0, ("a", 0, 20, [1, 2, 3, 4]), 19)


def test_panes_finer_than_the_slide() -> None:
    job = Job(operation(sliding(10, 4), function=Listing()))
    assert type(job.stage._opened[1][1].operator).__name__ == "PaneOperator"
    job.rows(("a", 1, 9), ("a", 2, 10))
    assert values(job.watermark(100)) == [
        ("a", 0, 10, [1]),
        ("a", 4, 14, [1, 2]),
        ("a", 8, 18, [1, 2]),
    ]


def test_windows_that_slide_further_than_they_are_long_leave_gaps() -> None:
    job = Job(operation(sliding(3, 10), function=Listing()))
    job.rows(("a", 1, 2), ("a", 2, 3), ("a", 3, 11))
    assert values(job.watermark(100)) == [("a", 0, 3, [1]), ("a", 10, 13, [3])]


def test_sessions_merge_in_any_order() -> None:
    for order in ([1, 4, 8, 30], [8, 1, 30, 4], [30, 8, 4, 1], [4, 30, 1, 8]):
        job = Job(operation(sessions(4), reduce=add))
        job.rows(*[("a", t, t) for t in order])
        assert job.watermark(100) == [(0, ("a", 13), 11), (0, ("a", 30), 33)]
        assert [store.count for store in job.stores] == [0, 0]
        assert job.known == set()


def test_sessions_take_late_records_that_reach_into_them() -> None:
    tag = OutputTag("late", Types.TUPLE([Types.STRING(), Types.LONG()]))
    job = Job(operation(sessions(10), function=Listing(), late=tag))
    job.rows(("a", 1, 10))
    job.watermark(15)
    assert job.rows(("a", 2, 3)) == []  # its own window is over, but not the session
    assert job.rows(("b", 3, 3)) == [(1, ("b", 3), 3)]
    assert job.watermark(19) == [(0, ("a", 3, 20, [1, 2]), 19)]


def test_sessions_with_lateness_fire_again() -> None:
    job = Job(operation(sessions(5), reduce=add, lateness=10))
    job.rows(("a", 1, 0))
    assert job.watermark(4) == [(0, ("a", 1), 4)]
    assert job.rows(("a", 2, 1)) == []  # the session now lasts until 6
    assert job.watermark(5) == [(0, ("a", 3), 5)]
    assert job.rows(("a", 4, 0)) == [(0, ("a", 7), 5)]
    assert job.watermark(50) == []
    assert [store.count for store in job.stores] == [0, 0]


def test_sessions_aggregate_with_merge() -> None:
    job = Job(operation(sessions(3), aggregate=Average()))
    job.rows(("a", 1, 0), ("a", 5, 4), ("a", 3, 2))
    assert job.watermark(100) == [(0, 3.0, 6)]


def test_count_windows() -> None:
    job = Job(operation(CountTumblingWindowAssigner(2), reduce=add))
    assert values(job.rows(*[("a", n, n) for n in range(5)], ("b", 9, 9))) == [("a", 1), ("a", 5)]
    assert job.stores[1].count == 2  # those that are not full
    for trigger in (None, CountTrigger.of(3), PurgingTrigger.of(CountTrigger.of(3))):
        job = Job(operation(CountSlidingWindowAssigner(3, 2), reduce=add, trigger=trigger))
        rows = [("a", n, n) for n in range(7)]
        assert values(job.rows(*rows)) == [("a", 3), ("a", 9), ("a", 15)]


def test_global_windows_with_a_purging_count() -> None:
    trigger = PurgingTrigger.of(CountTrigger.of(2))
    job = Job(operation(GlobalWindows.create(), reduce=add, trigger=trigger))
    assert values(job.rows(*[("a", n, n) for n in range(4)])) == [("a", 1), ("a", 5)]
    assert job.stores[1].count == 0
    job = Job(operation(GlobalWindows.create(), reduce=add, trigger=CountTrigger.of(2)))
    assert values(job.rows(*[("a", n, n) for n in range(4)])) == [("a", 1), ("a", 6)]


def test_a_continuous_trigger() -> None:
    trigger = ContinuousEventTimeTrigger.of(Time.milliseconds(4))
    job = Job(operation(tumbling(), reduce=add, trigger=trigger))
    job.rows(("a", 1, 1), ("a", 2, 5))
    assert values(job.watermark(4)) == [("a", 3)]
    job.rows(("a", 4, 6))
    assert values(job.watermark(8)) == [("a", 7)]
    assert values(job.watermark(9)) == [("a", 7)]
    assert [store.count for store in job.stores] == [0, 0]
    assert job.known == set()


class EarlyTrigger(Trigger[Any, Any]):
    """Fires at once for the first record of a window, and then at its end."""

    def __init__(self) -> None:
        self.seen = ValueStateDescriptor("seen", Types.LONG())

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
        seen = ctx.get_partitioned_state(self.seen)
        ctx.register_event_time_timer(window.max_timestamp())
        seen.update((seen.value() or 0) + 1)
        return TriggerResult.FIRE if seen.value() == 1 else TriggerResult.CONTINUE

    def on_processing_time(self, time: int, window: Any, ctx: Any) -> TriggerResult:
        return TriggerResult.CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Any) -> TriggerResult:
        return TriggerResult.FIRE_AND_PURGE

    def on_merge(self, window: Any, ctx: Any) -> None:
        raise AssertionError

    def clear(self, window: Any, ctx: Any) -> None:
        ctx.get_partitioned_state(self.seen).clear()
        ctx.delete_event_time_timer(window.max_timestamp())


def test_a_trigger_of_the_users_own_has_state_per_window() -> None:
    job = Job(operation(sliding(10, 5), function=Listing(), trigger=EarlyTrigger()))
    early = job.rows(("a", 1, 6), ("a", 2, 8), ("a", 3, 12))
    assert values(early) == [("a", 5, 15, [1]), ("a", 0, 10, [1]), ("a", 10, 20, [3])]
    assert values(job.watermark(9)) == [("a", 0, 10, [1, 2])]
    assert values(job.watermark(100)) == [("a", 5, 15, [1, 2, 3]), ("a", 10, 20, [3])]
    assert [store.count for store in job.stores] == [0, 0]


class ByParity(WindowAssigner[Any, TimeWindow]):
    """Even numbers into windows of 10 ms, odd ones into windows of 20 ms."""

    def assign_windows(self, element: Any, timestamp: int, context: Any) -> list[TimeWindow]:
        size = 20 if element[1] % 2 else 10
        start = timestamp - timestamp % size
        return [TimeWindow(start, start + size)]

    def get_default_trigger(self, env: Any) -> EventTimeTrigger:
        return EventTimeTrigger()

    def get_window_serializer(self) -> TimeWindowSerializer:
        return TimeWindowSerializer()

    def is_event_time(self) -> bool:
        return True


def test_an_assigner_of_the_users_own() -> None:
    job = Job(operation(ByParity(), function=Listing()))
    job.rows(("a", 1, 5), ("a", 2, 6), ("a", 3, 16), ("a", 4, 17))
    assert values(job.watermark(50)) == [
        ("a", 0, 10, [2]),
        ("a", 0, 20, [1, 3]),
        ("a", 10, 20, [4]),
    ]


def test_a_window_function_has_state_of_the_window_and_of_the_key() -> None:
    class Count(ProcessWindowFunction[Any, Any, Any, Any]):
        def process(self, key: Any, context: Any, elements: Any) -> Any:
            here = context.window_state().get_state(ValueStateDescriptor("n", Types.LONG()))
            everywhere = context.global_state().get_state(ValueStateDescriptor("n", Types.LONG()))
            here.update((here.value() or 0) + 1)
            everywhere.update((everywhere.value() or 0) + 1)
            window, watermark = context.window(), context.current_watermark()
            yield key, window.start, here.value(), everywhere.value(), len(elements), watermark

        def clear(self, context: Any) -> None:
            context.window_state().get_state(ValueStateDescriptor("n", Types.LONG())).clear()

    job = Job(operation(tumbling(), function=Count(), lateness=5))
    job.rows(("a", 1, 1), ("a", 2, 11))
    assert values(job.watermark(9)) == [("a", 0, 1, 1, 1, 9)]
    assert values(job.rows(("a", 3, 2))) == [("a", 0, 2, 2, 2, 9)]
    assert values(job.watermark(100)) == [("a", 10, 1, 3, 1, 100)]
    assert [store.count for store in job.stores] == [1, 0]  # the key's own state stays
    job = Job(operation(sliding(10, 5), function=Count()))
    job.rows(("a", 1, 6))
    assert values(job.watermark(100)) == [("a", 0, 1, 1, 1, 100), ("a", 5, 1, 2, 1, 100)]
    assert [store.count for store in job.stores] == [1, 0]


def test_merging_windows_have_no_window_state() -> None:
    class Asks(ProcessWindowFunction[Any, Any, Any, Any]):
        def process(self, key: Any, context: Any, elements: Any) -> Any:
            context.window_state().get_state(ValueStateDescriptor("n", Types.LONG()))
            yield 1

    job = Job(operation(sessions(5), function=Asks()))
    job.rows(("a", 1, 1))
    with pytest.raises(RuntimeError, match="not allowed when using merging windows"):
        job.watermark(50)


def test_processing_time_windows() -> None:
    assigner = TumblingProcessingTimeWindows.of(Time.hours(24))
    job = Job(operation(assigner, reduce=add))
    assert job.rows(("a", 1, 1), ("a", 2, None)) == []
    end = job.heaps[1][0][0]
    assert job.clock(end) == [(0, ("a", 3), end)]
    assert [store.count for store in job.stores] == [0, 0]


def test_batch_mode_fires_at_the_end_of_each_key() -> None:
    job = Job(operation(sliding(10, 5), function=Listing()), mode="batch")
    assert job.rows(("b", 1, 7), ("a", 2, 3), ("b", 3, 1)) == []
    assert sorted(values(job.finish())) == [
        ("a", -5, 5, [2]),
        ("a", 0, 10, [2]),
        ("b", -5, 5, [3]),
        ("b", 0, 10, [3, 1]),
        ("b", 5, 15, [1]),
    ]
    assert job.stores[1].count == 0


def test_trigger_state_merges_with_its_windows() -> None:
    job = Job(operation(sessions(5), reduce=add, trigger=PurgingTrigger.of(CountTrigger.of(3))))
    assert job.rows(("a", 1, 0), ("a", 2, 9)) == []
    assert values(job.rows(("a", 4, 5))) == [("a", 7)]
    assert ReducingStateDescriptor("x", add, Types.LONG()).name == "x"


def test_functions_of_windows_without_keys() -> None:
    class All(AllWindowFunction[Any, Any, Any]):
        def apply(self, window: Any, inputs: Any) -> Any:
            return [(window.start, sum(value[1] for value in inputs))]

    job = Job(operation(tumbling(), function=All()))
    job.rows(("a", 1, 1), ("a", 2, 2))
    assert values(job.watermark(MIN + 1)) == []
    assert values(job.watermark(9)) == [(0, 3)]


class Backend:
    """Stands for the runtime's state: what is written back can be asked for by another job."""

    def __init__(self, monkeypatch: Any) -> None:
        self.kept: dict[tuple[str, Any], Any] = {}
        self.asked = 0

        def get(states: KeyedStates, declared: Any, keys: list[Any]) -> list[Any]:
            self.asked += 1
            name = declared.message["name"]
            return [self.kept.get((name, key)) for key in keys]

        def put(
            states: KeyedStates, declared: Any, columns: Any, ops: list[int], values: list[Any]
        ) -> None:
            for key, op, value in zip(columns[0], ops, values, strict=True):
                address = (declared.message["name"], key)
                if op == StateOp.SET:
                    self.kept[address] = copy.deepcopy(value)
                else:
                    self.kept.pop(address, None)

        monkeypatch.setattr(KeyedStates, "_get", get)
        monkeypatch.setattr(KeyedStates, "_put", put)


@pytest.mark.parametrize("kind", ["tumbling", "sliding", "sessions"])
def test_windows_go_on_after_a_restart(kind: str, monkeypatch: Any) -> None:
    backend = Backend(monkeypatch)
    assigner = {"tumbling": tumbling(10), "sliding": sliding(10, 5), "sessions": sessions(10)}[kind]
    given = operation(assigner, function=Listing())
    whole, first = Job(given), Job(given)
    second = Job(given, state_empty=False)
    before = [("a", 1, 1), ("b", 2, 4), ("a", 3, 8)]
    after = [("a", 4, 9), ("b", 5, 30), ("a", 6, 2)]
    for job in (whole, first):
        job.rows(*before)
        job.watermark(5)
    first.barrier()
    assert backend.kept
    second.heaps, second.known, second.order = first.heaps, first.known, first.order
    second.stage.native.watermark = 5
    for job in (whole, second):
        job.rows(*after)
        job.watermark(1000)
    assert sorted(map(repr, first.results + second.results)) == sorted(map(repr, whole.results))
    assert 0 < backend.asked < 10
    second.stage.states.write_back()
    assert backend.kept == {}
    assert [store.count for store in second.stores] == [0, 0]
