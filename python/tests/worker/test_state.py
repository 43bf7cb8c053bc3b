"""Keyed state as functions use it, and as it travels."""

from __future__ import annotations

import sys
from typing import Any

import cloudpickle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_peer import StatePeer
from worker_harness import Peer, ZygoteProcess, step

from martlet.common import Time, Types
from martlet.datastream.functions import (
    AggregateFunction,
    CoProcessFunction,
    KeyedBroadcastProcessFunction,
    KeyedProcessFunction,
    MapFunction,
)
from martlet.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from martlet.worker.protocol import Flag, Frame

COMMAND = "TUPLE<STRING, PICKLED>"

cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Commands(KeyedProcessFunction):
    """Does what the records say to states of every kind, and emits what comes of it."""

    def __init__(self, ttl: StateTtlConfig | None = None) -> None:
        self.ttl = ttl

    def open(self, runtime_context: Any) -> None:
        descriptors = {
            "value": ValueStateDescriptor("value", Types.LONG()),
            "list": ListStateDescriptor("list", Types.LONG()),
            "map": MapStateDescriptor("map", Types.STRING(), Types.LONG()),
            "sum": ReducingStateDescriptor("sum", lambda a, b: a + b, Types.LONG()),
            "mean": AggregatingStateDescriptor(
                "mean", Mean(), Types.TUPLE([Types.LONG(), Types.LONG()])
            ),
        }
        getters = {
            "value": runtime_context.get_state,
            "list": runtime_context.get_list_state,
            "map": runtime_context.get_map_state,
            "sum": runtime_context.get_reducing_state,
            "mean": runtime_context.get_aggregating_state,
        }
        if self.ttl is not None:
            for descriptor in descriptors.values():
                descriptor.enable_time_to_live(self.ttl)
        self.states = {name: getters[name](d) for name, d in descriptors.items()}

    def process_element(self, value: Any, ctx: Any) -> Any:
        state, method, *arguments = value[1]
        result = getattr(self.states[state], method)(*arguments)
        yield (
            sorted(result)
            if state == "map" and not isinstance(result, (int, bool, type(None)))
            else list(result)
            if state == "list" and result is not None
            else result
        )


class Mean(AggregateFunction):
    def create_accumulator(self) -> tuple[int, int]:
        return 0, 0

    def add(self, value: int, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator[0] + value, accumulator[1] + 1

    def get_result(self, accumulator: tuple[int, int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, acc_a: tuple[int, int], acc_b: tuple[int, int]) -> tuple[int, int]:
        return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]


def keyed_step(function: Any, kind: str = "process", output: str = "PICKLED") -> dict[str, Any]:
    return {**step(kind, function, output), "key": "STRING"}


def opened(worker: Peer, function: Any, **more: Any) -> StatePeer:
    steps = [step("key_by", lambda t: t[0], "STRING"), keyed_step(function)]
    peer = StatePeer(worker, {1: "STRING"})
    assert worker.open(COMMAND, "PICKLED", steps, **more).kind == Frame.READY
    return peer


def run(peer: StatePeer, *commands: tuple[Any, ...]) -> list[Any]:
    rows = [(key, list(command)) for key, *command in commands]
    return [value for value, _ in peer.batch(rows, COMMAND)]


def test_states_of_every_kind(worker: Peer) -> None:
    peer = opened(worker, Commands())
    assert run(
        peer,
        ("a", "value", "value"),
        ("a", "value", "update", 1),
        ("b", "value", "value"),
        ("a", "value", "value"),
        ("a", "value", "update", None),
        ("a", "value", "value"),
    ) == [None, None, None, 1, None, None]
    assert run(
        peer,
        ("a", "list", "get"),
        ("a", "list", "add", 1),
        ("a", "list", "add_all", [2, 3]),
        ("a", "list", "get"),
        ("a", "list", "update", [4]),
        ("a", "list", "get"),
        ("a", "list", "clear"),
        ("a", "list", "get"),
    ) == [[], None, None, [1, 2, 3], None, [4], None, []]
    assert run(
        peer,
        ("a", "map", "is_empty"),
        ("a", "map", "put", "x", 1),
        ("a", "map", "put_all", {"y": 2, "z": 3}),
        ("a", "map", "get", "x"),
        ("a", "map", "remove", "x"),
        ("a", "map", "get", "x"),
        ("a", "map", "contains", "y"),
        ("a", "map", "items"),
        ("a", "map", "keys"),
        ("a", "map", "values"),
        ("a", "map", "is_empty"),
        ("a", "map", "clear"),
        ("a", "map", "items"),
    ) == [
        True, None, None, 1, None, None, True, [("y", 2), ("z", 3)], ["y", "z"], [2, 3], False,
        None, [],
    ]  # fmt: skip
    assert run(
        peer,
        ("a", "sum", "get"),
        ("a", "sum", "add", 1),
        ("a", "sum", "add", 2),
        ("a", "sum", "get"),
        ("a", "mean", "get"),
        ("a", "mean", "add", 1),
        ("a", "mean", "add", 2),
        ("a", "mean", "get"),
    ) == [None, None, None, 3, None, None, None, 1.5]
    # Nothing was asked: the runtime had said that it keeps nothing.
    assert set(peer.frames) == {Frame.STATES}
    assert [s["name"] for s in peer.states] == ["value", "list", "map", "sum", "mean"]


def test_a_barrier_writes_back_what_has_changed(worker: Peer) -> None:
    peer = opened(worker, Commands())
    run(peer, ("a", "value", "update", 1), ("b", "map", "put", "x", 2), ("b", "list", "add", 3))
    peer.barrier()
    assert sorted(peer.kept.values(), key=str) == [1, [3], {"x": 2}]
    run(peer, ("a", "value", "clear"), ("b", "map", "remove", "x"), ("b", "list", "add", 4))
    frames = len(peer.frames)
    peer.barrier()
    assert sorted(peer.kept.values(), key=str) == [[3, 4], {}]
    assert peer.frames[frames:] == [Frame.STATE_PUT] * 3
    peer.barrier()
    assert peer.frames[frames:] == [Frame.STATE_PUT] * 3, "nothing has changed"


def test_kept_state_is_asked_for_once_a_batch(worker: Peer) -> None:
    first = opened(worker, Commands())
    run(first, *[(f"k{i}", "value", "update", i) for i in range(100)])
    run(first, *[("k1", "map", "put", f"m{i}", i) for i in range(5)])
    first.barrier()
    zygote = ZygoteProcess().wait_ready()
    try:
        peer, _, _ = zygote.fork()
        second = opened(peer, Commands(), state_empty=False)
        second.kept = first.kept
        got = run(second, *[(f"k{i}", "value", "value") for i in range(100)] * 2)
        assert got == list(range(100)) * 2
        asked = second.frames.count(Frame.STATE_GET)
        assert asked == 4, "once for each state but the map, not once for each key"
        assert run(second, ("k1", "map", "items")) == [[(f"m{i}", i) for i in range(5)]]
        assert second.frames.count(Frame.STATE_SCAN) == 3, "in chunks"
        run(second, ("k1", "value", "value"), ("k1", "map", "get", "m1"))
        assert second.frames.count(Frame.STATE_GET) == asked
    finally:
        zygote.close()


KEYS = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-5, 5)
OPERATIONS = st.one_of(
    st.tuples(st.just("value"), st.just("update"), st.none() | NUMBERS),
    st.tuples(st.just("value"), st.just("value")),
    st.tuples(st.just("list"), st.just("add"), NUMBERS),
    st.tuples(st.just("list"), st.just("update"), st.lists(NUMBERS, max_size=3)),
    st.tuples(st.just("list"), st.just("get")),
    st.tuples(st.just("map"), st.just("put"), KEYS, NUMBERS),
    st.tuples(st.just("map"), st.just("remove"), KEYS),
    st.tuples(st.just("map"), st.just("get"), KEYS),
    st.tuples(st.just("map"), st.just("items")),
    st.tuples(st.sampled_from(["value", "list", "map"]), st.just("clear")),
)


def expected(model: dict[tuple[str, str], Any], key: str, command: tuple[Any, ...]) -> Any:
    state, method, *arguments = command
    kept = model.get((key, state))
    if method in ("update", "clear") and state != "list":
        model[key, state] = arguments[0] if method == "update" else None
    elif method == "clear":
        model[key, state] = None
    elif state == "list" and method != "get":
        model[key, state] = (kept or []) + arguments if method == "add" else arguments[0]
    elif method == "put":
        model[key, state] = {**(kept or {}), arguments[0]: arguments[1]}
    elif method == "remove":
        (kept or {}).pop(arguments[0], None)
    elif method == "items":
        return sorted((kept or {}).items())
    elif method == "get":
        return (kept or {}).get(arguments[0]) if state == "map" else list(kept or [])
    else:
        return kept
    return None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(KEYS, OPERATIONS), max_size=8), max_size=8),
    st.sampled_from([0, 1]),
)
def test_a_cache_that_holds_nothing_shows_nothing(
    batches: list[list[tuple[str, tuple[Any, ...]]]], cache_bytes: int
) -> None:
    """With room for one byte every record goes back after each batch, and comes again."""
    zygote = shared_zygote()
    worker, _, _ = zygote.fork()
    peer = opened(worker, Commands(), cache_bytes=cache_bytes)
    model: dict[tuple[str, str], Any] = {}
    for commands in batches:
        got = run(peer, *[(key, *command) for key, command in commands])
        assert got == [expected(model, key, command) for key, command in commands]
    worker.stream.close()
    zygote.receive()


_zygote: list[ZygoteProcess] = []


def shared_zygote() -> ZygoteProcess:
    if not _zygote:
        _zygote.append(ZygoteProcess().wait_ready())
    return _zygote[0]


def teardown_module() -> None:
    for zygote in _zygote:
        zygote.close()


def test_mapping_functions_have_state_too(worker: Peer) -> None:
    class Counting(MapFunction):
        def open(self, runtime_context: Any) -> None:
            self.count = runtime_context.get_state(ValueStateDescriptor("n", Types.INT()))

        def map(self, value: Any) -> Any:
            self.count.update((self.count.value() or 0) + 1)
            return value[0], self.count.value()

    steps = [
        step("key_by", lambda t: t[0], "STRING"),
        keyed_step(Counting(), "map"),
        step("filter", lambda t: t[1] > 1),
    ]
    worker.open(COMMAND, "PICKLED", steps)
    rows = [("a", 0), ("b", 0), ("a", 0)]
    assert [v for v, _ in StatePeer(worker).batch(rows, COMMAND)] == [("a", 2)]


def test_timers(worker: Peer) -> None:
    class Timers(KeyedProcessFunction):
        def process_element(self, value: Any, ctx: Any) -> Any:
            timers = ctx.timer_service()
            for time in value[1]:
                if time < 0:
                    timers.delete_event_time_timer(-time)
                else:
                    timers.register_event_time_timer(time)
            yield value[0], ctx.timestamp(), timers.current_watermark()

        def on_timer(self, timestamp: int, ctx: Any) -> Any:
            if timestamp == 10:
                timers = ctx.timer_service()
                timers.register_event_time_timer(15)  # among those that fire already
                timers.register_event_time_timer(15)
                timers.delete_event_time_timer(20)  # one of those
                timers.register_event_time_timer(99)
            yield ctx.get_current_key(), timestamp, ctx.timestamp(), ctx.time_domain().name

    peer = opened(worker, Timers())
    start = -(2**63)
    rows = [("a", [10, 20, 30, 10]), ("b", [20, 25]), ("b", [-25])]
    assert peer.batch(rows, COMMAND, timestamps=[1, 2, None]) == [
        (("a", 1, start), 1), (("b", 2, start), 2), (("b", start, start), None),
    ]  # fmt: skip
    assert peer.watermark(30) == [
        (("a", 10, 10, "EVENT_TIME"), 10),
        (("a", 15, 15, "EVENT_TIME"), 15),
        (("b", 20, 20, "EVENT_TIME"), 20),
        (("a", 30, 30, "EVENT_TIME"), 30),
    ]
    assert peer.batch([("c", [5])], COMMAND) == [(("c", start, 30), None)]
    assert peer.watermark(98) == [(("c", 5, 5, "EVENT_TIME"), 5)], "late, but it fires"
    assert [v for v, _ in peer.watermark(99)] == [("a", 99, 99, "EVENT_TIME")]


def test_processing_time_timers_leave_no_timestamp(worker: Peer) -> None:
    class Timers(KeyedProcessFunction):
        def process_element(self, value: Any, ctx: Any) -> Any:
            ctx.timer_service().register_processing_time_timer(value[1])

        def on_timer(self, timestamp: int, ctx: Any) -> Any:
            return [(timestamp, ctx.time_domain().name)]

    peer = opened(worker, Timers())
    assert peer.batch([("a", 7)], COMMAND, timestamps=[1]) == []
    assert peer.clock(7) == [((7, "PROCESSING_TIME"), None)]


def test_two_inputs_share_state(worker: Peer) -> None:
    class Join(CoProcessFunction):
        def open(self, runtime_context: Any) -> None:
            self.left = runtime_context.get_state(
                ValueStateDescriptor("l", Types.PICKLED_BYTE_ARRAY())
            )

        def process_element1(self, value: Any, ctx: Any) -> Any:
            self.left.update(value[1])

        def process_element2(self, value: Any, ctx: Any) -> Any:
            yield ctx.get_current_key(), self.left.value(), value

    peer = StatePeer(worker, {0: "STRING"})
    worker.open(
        COMMAND, "PICKLED", [keyed_step(Join(), "co_process")],
        input_key="STRING", input2="BIGINT", input2_key="STRING",
    )  # fmt: skip
    assert peer.batch([("a", "x")], COMMAND, keys=["a"], key_type="STRING") == []
    got = peer.batch([1, 2], "BIGINT", Flag.SECOND, keys=["a", "b"], key_type="STRING")
    assert [v for v, _ in got] == [("a", "x", 1), ("b", None, 2)]


def test_broadcast_state(worker: Peer) -> None:
    rules = MapStateDescriptor("rules", Types.STRING(), Types.LONG())

    class Rules(KeyedBroadcastProcessFunction):
        def process_element(self, value: Any, ctx: Any) -> Any:
            yield ctx.get_current_key(), ctx.get_broadcast_state(rules).get(value[0])

        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            ctx.get_broadcast_state(rules).put("a", value)

    peer = StatePeer(worker, {0: "STRING"})
    worker.open(
        COMMAND, "PICKLED",
        [{**keyed_step(Rules(), "broadcast_process"), "broadcast": ["rules"]}],
        input_key="STRING", input2="BIGINT",
    )  # fmt: skip
    assert peer.batch([5], "BIGINT", Flag.SECOND) == []
    rows = [("a", None), ("b", None)]
    got = peer.batch(rows, COMMAND, keys=["a", "b"], key_type="STRING")
    assert [v for v, _ in got] == [("a", 5), ("b", None)]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("value", "update", "text"), ["the value of state 'value'", "BIGINT", "'text'"]),
        (("list", "add", None), ["state 'list'", "None"]),
        (("map", "put", 1, 1), ["a map key of state 'map'", "STRING"]),
    ],
)
def test_what_does_not_fit(worker: Peer, command: tuple[Any, ...], words: list[str]) -> None:
    peer = opened(worker, Commands())
    worker.send(Frame.BATCH, _encoded([("a", list(command))]))
    answer = worker.read()
    while peer._take(answer):
        answer = worker.read()
    error = answer.error
    assert error["kind"] == "user" and error["type"] == "builtins.TypeError"
    assert all(word in error["message"] for word in words), error["message"]


def _encoded(rows: list[Any]) -> bytes:
    from martlet._native import encode

    return encode(rows, COMMAND)


def test_state_needs_a_key(worker: Peer) -> None:
    class Early(KeyedProcessFunction):
        def open(self, runtime_context: Any) -> None:
            runtime_context.get_state(ValueStateDescriptor("early", Types.LONG())).value()

        def process_element(self, value: Any, ctx: Any) -> Any:
            return None

    steps = [step("key_by", lambda t: t[0], "STRING"), keyed_step(Early())]
    error = worker.open(COMMAND, "PICKLED", steps).error
    assert error["kind"] == "open"
    assert "state 'early' is used where there is no current key" in error["message"]


def test_time_to_live(worker: Peer) -> None:
    hour = StateTtlConfig.new_builder(Time.hours(1)).build()
    peer = opened(worker, Commands(hour))
    assert run(
        peer,
        ("a", "value", "update", 1), ("a", "value", "value"),
        ("a", "list", "add", 2), ("a", "list", "get"),
        ("a", "map", "put", "x", 3), ("a", "map", "items"),
        ("a", "sum", "add", 4), ("a", "sum", "add", 5), ("a", "sum", "get"),
    ) == [None, 1, None, [2], None, [("x", 3)], None, None, 9]  # fmt: skip
    assert {s["ttl"]["ms"] for s in peer.states} == {3600000}
    peer.barrier()
    kept = [v for (name, _), v in peer.kept.items() if name.endswith("/value")]
    assert kept[0][0] == 1 and kept[0][1] > 1_600_000_000_000
