"""Fused stages: what each kind of step does, and in which order."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet._native import EncodeError, Stage, decode_batch, encode, flink_key
from martlet.common.types import Row, RowKind

LONG = "BIGINT"
PAIR = "TUPLE<BIGINT, BIGINT>"
COUNT = "TUPLE<STRING, BIGINT>"


class Runner:
    """A stage with its types at hand."""

    def __init__(self, input: str, output: str, steps: list[Any], **more: Any) -> None:
        self.types = (input, more.get("input_key"), output, more.get("output_key"))
        self.stage = Stage(input, output, steps, **more)

    def process(self, values: list[Any], flags: int = 0, **columns: Any) -> list[tuple[Any, ...]]:
        """The frames that come back: (flags, values, keys, timestamps, kinds) of each."""
        input, input_key, _, _ = self.types
        if input_key is not None:
            columns["key_type"] = input_key
        return self.decoded(self.stage.process(encode(values, input, **columns), flags))

    def finish(self) -> list[tuple[Any, ...]]:
        return self.decoded(self.stage.finish())

    def decoded(self, frames: list[tuple[int, bytes]]) -> list[tuple[Any, ...]]:
        _, _, output, output_key = self.types
        return [(f, *decode_batch(b, output, output_key, f)) for f, b in frames]

    def values(self, *batches: list[Any]) -> list[Any]:
        frames = [f for b in batches for f in self.process(b)] + self.finish()
        return [v for f in frames for v in f[1]]


def test_rows_go_through_all_steps_one_after_the_other() -> None:
    seen: list[Any] = []

    def note(name: str) -> Any:
        def function(x: int) -> int:
            seen.append((name, x))
            return x

        return function

    steps = [("map", note("a")), ("flat_map", lambda x: [x, x + 10]), ("map", note("b"))]
    run = Runner(LONG, LONG, steps)
    assert run.values([1, 2]) == [1, 11, 2, 12]
    assert seen == [("a", 1), ("b", 1), ("b", 11), ("a", 2), ("b", 2), ("b", 12)]


def test_values_between_steps_stay_the_same_objects() -> None:
    token = object()
    run = Runner(LONG, "BOOLEAN", [("map", lambda x: token), ("map", lambda x: x is token)])
    assert run.values([1]) == [True]


def test_filter_goes_by_truth() -> None:
    run = Runner(LONG, LONG, [("filter", lambda x: [] if x % 2 else "yes")])
    assert run.values([1, 2, 3, 4]) == [2, 4]


def generate(n: int) -> Iterator[int]:
    yield from range(n)


@pytest.mark.parametrize(
    "function", [generate, range, lambda n: list(range(n)), lambda n: tuple(range(n)),
                 lambda n: dict.fromkeys(range(n), 0), lambda n: iter(range(n)) if n else None],
)  # fmt: skip
def test_flat_map_over_anything_iterable(function: Any) -> None:
    assert Runner(LONG, LONG, [("flat_map", function)]).values([2, 0, 3]) == [0, 1, 0, 1, 2]


def test_an_explosion_is_split_and_needs_no_memory_for_all_of_it() -> None:
    run = Runner(LONG, LONG, [("flat_map", generate), ("flat_map", generate)], batch_rows=100)
    frames = run.process([30])
    values = [v for f in frames for v in f[1]]
    assert values == [j for i in range(30) for j in range(i)]
    assert [len(f[1]) for f in frames] == [100] * 4 + [35]
    assert [f[0] for f in frames] == [0] * 4 + [1]


def test_large_values_leave_early() -> None:
    run = Runner(LONG, "STRING", [("map", lambda x: "x" * (1 << 19))])
    assert [len(f[1]) for f in run.process([0] * 5)] == [2, 2, 1]
    wide = Runner(LONG, "LIST<BIGINT>", [("map", lambda x: [x] * (1 << 16))])
    assert [len(f[1]) for f in wide.process([0] * 5)] == [2, 2, 1]


def test_the_last_frame_may_be_empty() -> None:
    run = Runner(LONG, LONG, [("filter", lambda x: False)], batch_rows=10)
    assert run.process([1, 2]) == [(1, [], None, None, None)]
    assert run.process([]) == [(1, [], None, None, None)]
    keep = Runner(LONG, LONG, [], batch_rows=2)
    assert [f[:2] for f in keep.process([1, 2])] == [(0, [1, 2]), (1, [])]


def test_bound_methods_and_callables_of_all_sorts() -> None:
    class Adder:
        def __init__(self, n: int) -> None:
            self.n = n

        def add(self, x: int) -> int:
            return x + self.n

        def __call__(self, x: int) -> int:
            return x * self.n

        @classmethod
        def negate(cls, x: int) -> int:
            return -x

    import functools
    import operator

    steps = [Adder(1).add, Adder(2), Adder.negate, operator.neg, functools.partial(max, 3), int]
    assert Runner(LONG, LONG, [("map", s) for s in steps]).values([1, 5]) == [4, 12]


# -- keys ------------------------------------------------------------------------------------


def test_reduce_emits_each_running_result() -> None:
    steps = [
        ("map", lambda w: (w, 1), COUNT),
        ("key_by", lambda t: t[0], "STRING"),
        ("reduce", lambda a, b: (a[0], a[1] + b[1])),
    ]
    run = Runner("STRING", COUNT, steps)
    assert run.values(["a", "b"], ["a", "a"]) == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]


def test_reduce_with_the_key_of_the_input_and_a_key_for_the_output() -> None:
    steps = [("reduce", lambda a, b: a + b), ("key_by", lambda x: str(x), "STRING")]
    run = Runner(LONG, LONG, steps, input_key="BIGINT", output_key="STRING")
    frames = run.process([1, 2, 3], keys=[7, 8, 7])
    assert frames == [(1, [1, 2, 4], ["1", "2", "4"], None, None)]


def test_partition_gives_the_output_key() -> None:
    run = Runner(LONG, LONG, [("partition", lambda x: x % 3)], output_key="INT NOT NULL")
    assert run.process([1, 2, 3])[0][1:3] == ([1, 2, 3], [1, 2, 0])
    broken = Runner(LONG, LONG, [("partition", lambda x: "a")], output_key="INT NOT NULL")
    with pytest.raises(EncodeError, match="the key: expected INT NOT NULL, got str 'a'"):
        broken.process([1])


@pytest.mark.parametrize(
    ("keys", "groups"),
    [
        ([1, 1.0, True, 1], {0: 2, 1: 1, 2: 1}),
        ([[1], [1], [2]], {0: 2, 2: 1}),
        ([float("nan"), float("nan")], {0: 2}),
        ([0.0, -0.0], {0: 1, 1: 1}),
        ([b"a", b"a", pickle.dumps([1]), [1]], {0: 2, 2: 1, 3: 1}),
        ([("a", 1), ("a", 1), ("a", 1.0)], {0: 2, 2: 1}),
        ([None, None], {0: 2}),
        ([{"a": 1}, {"a": 1}], {0: 2}),
    ],
)
def test_keys_without_a_type_are_equal_as_their_pickles_are(keys: Any, groups: Any) -> None:
    steps = [("key_by", lambda i: keys[i]), ("reduce", lambda a, b: a)]
    run = Runner(LONG, LONG, steps, mode="batch")
    counted = Runner(
        LONG, PAIR, [("key_by", lambda i: keys[i]), ("map", lambda i: (i, 1)),
                     ("key_by", lambda t: keys[t[0]]),
                     ("reduce", lambda a, b: (a[0], a[1] + b[1]))], mode="batch",
    )  # fmt: skip
    indices = list(range(len(keys)))
    assert sorted(run.values(indices)) == sorted(groups)
    assert dict(counted.values(indices)) == groups


def test_a_typed_key_is_what_its_column_would_give() -> None:
    steps = [("key_by", lambda x: x, "DOUBLE"), ("reduce", lambda a, b: a + b)]
    assert Runner("PICKLED", "DOUBLE", steps, mode="batch").values([1, 1.0, True]) == [3.0]
    bad = Runner("STRING", "STRING", [("key_by", lambda x: x, "INT"), ("reduce", max)])
    with pytest.raises(EncodeError, match="expected INT, got str 'a'"):
        bad.process(["a"])
    assert bad.stage.failure == ("output", 0, "a")


def test_behind_a_key_values_have_their_declared_type() -> None:
    row = "ROW<name STRING, amount DOUBLE>"
    steps = [
        ("map", lambda x: (f"k{x % 2}", x), row),
        ("key_by", lambda r: r[0], "STRING"),
        ("reduce", lambda a, b: Row(name=a.name, amount=a.amount + b.amount)),
        ("map", lambda r: f"{r.name}={r.amount}", "STRING"),
    ]
    run = Runner(LONG, "STRING", steps)
    assert run.values([1, 2, 3]) == ["k1=1.0", "k0=2.0", "k1=4.0"]
    wrong = Runner(LONG, LONG, [("map", str, LONG), ("key_by", len, LONG), ("reduce", max)])
    with pytest.raises(EncodeError, match="expected BIGINT, got str '1'"):
        wrong.process([1])


def test_objects_that_state_keeps_do_not_change() -> None:
    steps = [("key_by", lambda t: t[0] % 3, LONG), ("reduce", lambda a, b: a)]
    run = Runner(PAIR, PAIR, steps)
    out = run.values([(i * 1000, i) for i in range(9)])
    assert out == [(0, 0), (1000, 1), (2000, 2)] * 3


# -- batch mode --------------------------------------------------------------------------------


def java_bytes(data: bytes) -> list[int]:
    return [b - 256 if b > 127 else b for b in data]


def test_keys_are_written_as_flink_writes_them() -> None:
    assert flink_key("BIGINT", 258) == b"\0" + b"\0" * 6 + b"\1\2"
    assert flink_key("INT", -1) == b"\0\xff\xff\xff\xff"
    assert flink_key("BOOLEAN", True) == b"\0\1"
    assert flink_key("DOUBLE", 1.0) == b"\0\x3f\xf0" + b"\0" * 6
    assert flink_key("STRING", "ab") == b"\0\3ab"
    assert flink_key("STRING", "é") == b"\0\2\xe9\x01"
    assert flink_key("STRING", "😀") == b"\0\3\xbd\xb0\x03\x80\xbc\x03"
    assert flink_key("STRING", "x" * 127) == b"\0\x80\x01" + b"x" * 127
    pickled = pickle.dumps("a", protocol=4)
    assert flink_key("PICKLED", "a") == b"\0" + len(pickled).to_bytes(4, "big") + pickled
    assert flink_key("STRING", None) == b"\x20"
    assert flink_key("TUPLE<INT, STRING>", (1, "a")) == b"\0\0\0\0\1\2a"
    assert flink_key("ROW<a INT, b INT>", Row(None, 1)) == b"\0\x20\0\0\0\1"
    assert flink_key("BYTES", b"ab") == b"\0\0\0\0\2ab"


@pytest.mark.parametrize(
    ("type_text", "keys"),
    [
        ("BIGINT", [0, 1, 127, 128, 255, 256, -1, -128, -129, 1 << 40, -(1 << 62)]),
        ("STRING", ["", "a", "b", "ab", "ÿ", "Ā", "z" * 130, "😀", "Z"]),
        ("PICKLED", ["a", "bb", "b", 1, 300, -1, 70000, None, ("a", 1), [1], 1.5]),
    ],
)
def test_batch_results_come_in_the_order_of_flinks_shuffle(type_text: str, keys: list[Any]) -> None:
    steps = [("key_by", lambda i: keys[i], type_text), ("reduce", lambda a, b: a)]
    run = Runner(LONG, LONG, steps, mode="batch")
    indices = list(range(len(keys)))
    assert run.process(indices * 2) == [(1, [], None, None, None)]
    ordered = sorted(indices, key=lambda i: java_bytes(flink_key(type_text, keys[i])))
    assert run.finish() == [(0, ordered, None, None, None)]


def test_in_batch_mode_two_reduces_follow_each_other() -> None:
    steps = [
        ("key_by", lambda x: x % 10, LONG),
        ("reduce", lambda a, b: a + b),
        ("key_by", lambda x: x // 10 % 2, LONG),
        ("reduce", lambda a, b: a + b),
    ]
    # The first gives 450, 460, … 540.
    assert Runner(LONG, LONG, steps, mode="batch").values(list(range(100))) == [2500, 2450]


def test_other_steps_behind_a_key_see_rows_sorted_in_batch_mode() -> None:
    steps = [("key_by", lambda x: x % 3, LONG), ("map", lambda x: x * 10)]
    run = Runner(LONG, LONG, steps, mode="batch")
    assert run.values([5, 1, 3, 4, 0, 2]) == [30, 0, 10, 40, 50, 20]
    assert Runner(LONG, LONG, steps).values([5, 1, 3]) == [50, 10, 30]
    keyed = Runner(LONG, LONG, [("filter", lambda x: x > 0)], mode="batch", input_key="STRING")
    keyed.process([1, 2, 3], keys=["b", "a", "b"])
    assert keyed.finish() == [(0, [2, 1, 3], None, None, None)]


def test_rows_of_a_key_are_sorted_by_time_in_batch_mode() -> None:
    run = Runner(LONG, LONG, [("key_by", lambda x: 0, LONG), ("map", lambda x: x)], mode="batch")
    run.process([1, 2, 3, 4], 2, timestamps=[30, 10, None, 20])
    assert run.finish() == [(2, [3, 2, 4, 1], None, [None, 10, 20, 30], None)]


# -- timestamps and kinds ------------------------------------------------------------------------


def test_timestamps_follow_their_rows() -> None:
    run = Runner(LONG, LONG, [("flat_map", generate)])
    (frame,) = run.process([2, 0, 1], 2, timestamps=[5, 6, None])
    assert frame == (3, [0, 1, 0], None, [5, 5, None], None)
    assert run.process([1])[0] == (1, [0], None, None, None)


def test_batch_results_have_the_end_of_time() -> None:
    run = Runner(LONG, LONG, [("key_by", lambda x: 0, LONG), ("reduce", max)], mode="batch")
    run.process([2, 3], 2, timestamps=[5, 6])
    assert run.finish() == [(2, [3], None, [(1 << 63) - 1], None)]


def test_row_kinds_are_those_of_the_rows() -> None:
    row = "ROW<a BIGINT>"
    seen = []

    def change(r: Row) -> Row:
        seen.append(r.get_row_kind())
        return Row.of_kind(RowKind.DELETE, r[0]) if r[0] == 2 else r

    run = Runner(row, row, [("map", change)])
    (frame,) = run.process([(0,), (1,), (2,), (3,)], 4, kinds=[0, 2, 0, 1])
    assert (frame[0], frame[4]) == (5, [0, 2, 3, 1])
    assert seen == [RowKind.INSERT, RowKind.UPDATE_AFTER, RowKind.INSERT, RowKind.UPDATE_BEFORE]
    assert run.process([(0,)])[0][0] == 1
    # All rows of a frame have a kind as soon as one needs it.
    (frame,) = run.process([(0,), (1,), (2,)])
    assert frame[4] == [0, 0, 3]


# -- failures ----------------------------------------------------------------------------------


def failing(x: int) -> int:
    if x == 3:
        raise KeyError("three")
    return x


def late(x: int) -> Iterator[int]:
    yield x
    failing(x)


@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        ([("map", lambda x: x + 1), ("map", failing)], ("user", 1, 3)),
        ([("filter", failing)], ("user", 0, 3)),
        ([("flat_map", late)], ("user", 0, 3)),
        ([("flat_map", late), ("map", failing)], ("user", 1, 3)),
        ([("key_by", failing)], ("user", 0, 3)),
        ([("key_by", lambda x: 0), ("reduce", lambda a, b: failing(b))], ("user", 1, 3)),
        ([("partition", failing)], ("user", 0, 3)),
    ],
)
def test_the_failing_step_and_its_value_are_known(steps: Any, failure: Any) -> None:
    run = Runner(LONG, LONG, steps)
    with pytest.raises(KeyError, match="three"):
        run.process([1, 2, 3, 4])
    assert run.stage.failure == failure
    assert run.process([])[0][0] == 1
    assert run.stage.failure is None


def test_failures_that_are_not_exceptions_of_the_function() -> None:
    class Undecided:
        def __bool__(self) -> bool:
            raise ArithmeticError("perhaps")

    run = Runner(LONG, LONG, [("filter", lambda x: Undecided())])
    with pytest.raises(ArithmeticError, match="perhaps"):
        run.process([1])
    run = Runner(LONG, LONG, [("flat_map", lambda x: 5)])
    with pytest.raises(TypeError, match="needs an iterable or None as its result, not int"):
        run.process([1])
    run = Runner(LONG, LONG, [("map", lambda x: "a")])
    with pytest.raises(EncodeError, match="^expected BIGINT, got str 'a'$"):
        run.process([1])
    assert run.stage.failure == ("output", 0, "a")
    run = Runner(LONG, LONG, [])
    with pytest.raises(ValueError):
        run.stage.process(b"\1\0\0\0\0\0\0\0")
    assert run.stage.failure == ("input", 0, None)


def test_stop_iteration_from_a_function_is_not_taken_for_an_end() -> None:
    def stop(x: int) -> int:
        raise StopIteration

    run = Runner(LONG, LONG, [("flat_map", generate), ("map", stop)])
    with pytest.raises(StopIteration):
        run.process([1])
    assert run.stage.failure == ("user", 1, 0)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((LONG, LONG, [("reduce", max)]), "a reduce needs a key"),
        ((LONG, LONG, [("sort", max)]), "no step of kind 'sort'"),
        ((LONG, LONG, [("map", 5)]), "must be callable, not int"),
        ((LONG, "INTT", []), "no type has this name"),
        ((LONG, LONG, [5]), "a step is a tuple"),
    ],
)
def test_stages_that_cannot_be(arguments: Any, complaint: str) -> None:
    with pytest.raises((TypeError, ValueError), match=complaint):
        Stage(*arguments)
    with pytest.raises(ValueError, match="declares an output key"):
        Stage(LONG, LONG, [], output_key="INT")
    with pytest.raises(ValueError, match="mode must be"):
        Stage(LONG, LONG, [], mode="batches")


@given(st.lists(st.integers(-50, 50), max_size=200), st.integers(1, 20), st.integers(1, 50))
def test_any_cut_into_batches_gives_the_same(values: list[int], size: int, rows: int) -> None:
    def steps() -> list[Any]:
        return [
            ("flat_map", lambda x: [x] * (x % 3)),
            ("map", lambda x: (x % 5, x), PAIR),
            ("key_by", lambda t: t[0], LONG),
            ("reduce", lambda a, b: (a[0], a[1] + b[1])),
        ]

    whole = Runner(LONG, PAIR, steps()).values(values)
    cut = [values[i : i + size] for i in range(0, len(values), size)]
    assert Runner(LONG, PAIR, steps(), batch_rows=rows).values(*cut) == whole
    expected: list[Any] = []
    state: dict[int, int] = {}
    for x in itertools.chain.from_iterable([v] * (v % 3) for v in values):
        state[x % 5] = state.get(x % 5, 0) + x
        expected.append((x % 5, state[x % 5]))
    assert whole == expected
