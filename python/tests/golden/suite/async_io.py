"""Asynchronous functions: order, timeouts, retries, capacity, and how they stand among others.

How long a call takes differs from value to value, so that results come in another order than the
values. No job depends on how long anything takes exactly.

Left out: a call that raises what is no Exception, for which PyFlink waits until its timeout; a
predicate that raises, likewise; a keyed stream, on which PyFlink fails.
"""

import asyncio
import functools

from kit import MAX, STREAMING, events, job, paced
from pyflink.common import Row, Time, Types
from pyflink.datastream import (
    AsyncDataStream,
    AsyncFunction,
    AsyncRetryPredicate,
    AsyncRetryStrategy,
    async_retry_predicates,
)
from pyflink.datastream.functions import ProcessFunction

SHORT = Time.milliseconds(300)
LONG = Time.seconds(60)
PAIR = Types.TUPLE([Types.STRING(), Types.LONG()])
PAIRS = [("a", 10), ("b", 5), ("a", 30), ("b", 20), ("c", 7)]


class LaterFirst(AsyncFunction):
    """Of ten values, the first takes longest."""

    async def async_invoke(self, value):
        await asyncio.sleep(0.05 * (10 - value % 10) / 10)
        return [value * 10]


class Counting(AsyncFunction):
    """Counts the attempts at each value."""

    def open(self, runtime_context):
        self.attempts = {}

    def attempt(self, value):
        self.attempts[value] = self.attempts.get(value, 0) + 1
        return self.attempts[value]


class FailsTwice(Counting):
    async def async_invoke(self, value):
        attempt = self.attempt(value)
        await asyncio.sleep(0.001)
        if attempt <= 2:
            raise ValueError(f"attempt {attempt} at {value}")
        return [value * 100 + attempt]


class EmptyTwice(Counting):
    async def async_invoke(self, value):
        attempt = self.attempt(value)
        await asyncio.sleep(0.001)
        return [] if attempt <= 2 else [value * 100 + attempt]


def numbers(env, *values):
    return env.from_collection(list(values) or list(range(10)), Types.LONG())


@job()
def ordered(env):
    return AsyncDataStream.ordered_wait(numbers(env), LaterFirst(), LONG, 100, Types.LONG())


@job()
def ordered_defaults(env):
    return AsyncDataStream.ordered_wait(numbers(env), LaterFirst(), LONG)


@job(order="any")
def unordered(env):
    return AsyncDataStream.unordered_wait(numbers(env), LaterFirst(), LONG, 100, Types.LONG())


@job(order="any")
def unordered_defaults(env):
    return AsyncDataStream.unordered_wait(numbers(env), LaterFirst(), timeout=LONG)


@job()
def any_number_of_results(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0.001)
            return [value] * value

    return AsyncDataStream.ordered_wait(
        numbers(env, 0, 2, 0, 1, 3), Function(), LONG, output_type=Types.LONG()
    )


@job()
def other_iterables(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            return (value, -value) if value % 2 else range(value)

    return AsyncDataStream.ordered_wait(
        numbers(env, 1, 2, 3, 4), Function(), LONG, output_type=Types.LONG()
    )


@job()
def without_a_type(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0)
            return [{"value": value, "text": str(value)}]

    return AsyncDataStream.ordered_wait(numbers(env, 1, 2), Function(), LONG)


@job()
def rows_in_and_out(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0)
            return [Row(value.amount, value.name.upper())]

    type_info = Types.ROW_NAMED(["name", "amount"], [Types.STRING(), Types.LONG()])
    stream = env.from_collection([Row("a", 1), Row("b", 2)], type_info)
    result = Types.ROW_NAMED(["n", "text"], [Types.LONG(), Types.STRING()])
    return AsyncDataStream.ordered_wait(stream, Function(), LONG, 10, result)


@job()
def without_awaiting_anything(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            return [value + 1]

    stream = AsyncDataStream.ordered_wait(
        numbers(env, *range(1000)), Function(), LONG, 7, Types.LONG()
    )
    return stream.filter(lambda v: v % 100 < 3)


@job()
def no_timeout(env):
    return AsyncDataStream.ordered_wait(
        numbers(env), LaterFirst(), Time.seconds(0), 100, Types.LONG()
    )


@job()
def open_is_called_before(env):
    class Function(AsyncFunction):
        def open(self, runtime_context):
            self.place = runtime_context.get_index_of_this_subtask()

        async def async_invoke(self, value):
            return [f"{value} at {self.place}"]

    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = AsyncDataStream.ordered_wait(
        numbers(env, 1, 2), Function(), LONG, output_type=Types.STRING()
    )
    env.set_parallelism(parallelism)
    return stream


# Capacity


class InFlight(AsyncFunction):
    """How many calls were under way when one started."""

    def open(self, runtime_context):
        self.count = 0

    async def async_invoke(self, value):
        self.count += 1
        seen = self.count
        await asyncio.sleep(0.002)
        self.count -= 1
        return [seen]


@job()
def capacity_of_one(env):
    return AsyncDataStream.ordered_wait(numbers(env), InFlight(), LONG, 1, Types.INT())


@job()
def capacity_of_one_unordered(env):
    """One at a time, so that even these are in order."""
    return AsyncDataStream.unordered_wait(numbers(env), LaterFirst(), LONG, 1, Types.LONG())


@job()
def capacity_is_not_exceeded(env):
    stream = AsyncDataStream.unordered_wait(
        numbers(env, *range(50)), InFlight(), LONG, 3, Types.INT()
    )
    return stream.map(lambda n: n <= 3, Types.BOOLEAN())


# Timeouts


class SlowForOdd(AsyncFunction):
    async def async_invoke(self, value):
        await asyncio.sleep(120 if value % 2 else 0)
        return [f"{value} in time"]

    def timeout(self, value):
        return [f"{value} too late", "sorry"]


@job()
def timeouts_with_results(env):
    return AsyncDataStream.ordered_wait(
        numbers(env, 1, 2, 3, 4), SlowForOdd(), SHORT, 10, Types.STRING()
    )


@job(order="any")
def timeouts_with_results_unordered(env):
    return AsyncDataStream.unordered_wait(
        numbers(env, 1, 2, 3, 4), SlowForOdd(), SHORT, 10, Types.STRING()
    )


@job()
def timeouts_make_room(env):
    return AsyncDataStream.ordered_wait(
        numbers(env, 1, 3, 5, 6), SlowForOdd(), SHORT, 1, Types.STRING()
    )


@job()
def timeouts_without_results(env):
    class Function(SlowForOdd):
        def timeout(self, value):
            return []

    return AsyncDataStream.ordered_wait(
        numbers(env, 1, 2, 3, 4), Function(), SHORT, 10, Types.STRING()
    )


@job(fails="Async function call has timed out for input: 7")
def timeouts_fail(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(120 if value == 7 else 0)
            return [value]

    return AsyncDataStream.ordered_wait(numbers(env, 6, 7), Function(), SHORT, 10, Types.LONG())


@job()
def timeouts_cover_all_attempts(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            if value == 2:
                raise ValueError("always")
            return [value]

        def timeout(self, value):
            return [-value]

    strategy = AsyncRetryStrategy.fixed_delay(
        100000, 20, None, async_retry_predicates.has_exception_predicate
    )
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2, 3), Function(), SHORT, strategy, 10, Types.LONG()
    )


# Retries


@job()
def retries_by_exception(env):
    strategy = AsyncRetryStrategy.fixed_delay(
        3, 5, None,
        functools.partial(
            async_retry_predicates.exception_type_predicate, expected_error_type=ValueError
        ),
    )  # fmt: skip
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2, 3), FailsTwice(), LONG, strategy, 10, Types.LONG()
    )


@job()
def retries_by_result(env):
    strategy = AsyncRetryStrategy.fixed_delay(
        3, 5, async_retry_predicates.empty_result_predicate, None
    )
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2, 3), EmptyTwice(), LONG, strategy, 10, Types.LONG()
    )


@job(order="any")
def retries_unordered(env):
    strategy = AsyncRetryStrategy.fixed_delay(
        2, 5, None, async_retry_predicates.has_exception_predicate
    )
    return AsyncDataStream.unordered_wait_with_retry(
        numbers(env, 1, 2, 3), FailsTwice(), LONG, strategy, output_type=Types.LONG()
    )


@job()
def retries_with_growing_delays(env):
    strategy = AsyncRetryStrategy.exponential_backoff(
        4, 2, 50, 2.0, async_retry_predicates.empty_result_predicate, None
    )
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2, 3), EmptyTwice(), LONG, strategy, 10, Types.LONG()
    )


@job()
def the_last_result_counts(env):
    class Function(Counting):
        async def async_invoke(self, value):
            return [self.attempt(value)]

    strategy = AsyncRetryStrategy.fixed_delay(2, 5, lambda results: results[0] < 100, None)
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2), Function(), LONG, strategy, 10, Types.LONG()
    )


@job(fails="attempt 2 at 5")
def the_last_exception_counts(env):
    strategy = AsyncRetryStrategy.fixed_delay(
        1, 5, None, async_retry_predicates.has_exception_predicate
    )
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 5), FailsTwice(), LONG, strategy, 10, Types.LONG()
    )


@job(fails="attempt 1 at 5")
def other_exceptions_are_not_retried(env):
    strategy = AsyncRetryStrategy.fixed_delay(
        3, 5, None,
        functools.partial(
            async_retry_predicates.exception_type_predicate, expected_error_type=KeyError
        ),
    )  # fmt: skip
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 5), FailsTwice(), LONG, strategy, 10, Types.LONG()
    )


@job()
def no_retries(env):
    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env), LaterFirst(), LONG, AsyncRetryStrategy.no_restart(), 10, Types.LONG()
    )


@job()
def a_strategy_of_ones_own(env):
    class Predicate(AsyncRetryPredicate):
        def result_predicate(self):
            return None

        def exception_predicate(self):
            return lambda error: "attempt 1" in str(error) or "attempt 2" in str(error)

    class Strategy(AsyncRetryStrategy):
        def can_retry(self, current_attempts):
            return current_attempts < 3

        def get_backoff_time_millis(self, current_attempts):
            return current_attempts

        def get_retry_predicate(self):
            return Predicate()

    return AsyncDataStream.ordered_wait_with_retry(
        numbers(env, 1, 2), FailsTwice(), LONG, Strategy(), 10, Types.LONG()
    )


# Failures


@job(fails="no such value: 3")
def exceptions_fail(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0)
            if value == 3:
                raise LookupError(f"no such value: {value}")
            return [value]

    return AsyncDataStream.ordered_wait(numbers(env), Function(), LONG, 10, Types.LONG())


@job(fails="no such value: 3")
def exceptions_fail_unordered(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            if value == 3:
                raise LookupError(f"no such value: {value}")
            return [value]

    return AsyncDataStream.unordered_wait(numbers(env), Function(), LONG, 10, Types.LONG())


@job(fails="The result of AsyncFunction cannot be none")
def none_is_no_result(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            return None

    return AsyncDataStream.ordered_wait(numbers(env), Function(), LONG, 1, Types.LONG())


@job(fails="The result of AsyncFunction should be of list type")
def a_number_is_no_list(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            return value

    return AsyncDataStream.ordered_wait(numbers(env), Function(), LONG, 1, Types.LONG())


# Among others


class Tell(ProcessFunction):
    def process_element(self, value, ctx):
        yield value, ctx.timestamp()


@job()
def results_have_the_timestamp_of_the_value(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0.001 * value[1])
            return [value[0]] * 2

    stream = events(env, PAIRS, PAIR)
    result = AsyncDataStream.ordered_wait(stream, Function(), LONG, 10, Types.STRING())
    return result.process(Tell())


@job(order="any")
def results_have_the_timestamp_of_the_value_unordered(env):
    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0.001 * value[1])
            return [value]

    stream = events(env, PAIRS, PAIR)
    return AsyncDataStream.unordered_wait(stream, Function(), LONG, 10, PAIR).process(Tell())


@job(modes=STREAMING, paced=True)
def watermarks_are_not_overtaken(env):
    """The first values take longest, and yet come first, since there are watermarks between."""

    class Function(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0.3 / value[1])
            return [value]

    stream = paced(env, [("a", 1), ("b", 2), ("c", 3), ("d", 4)], PAIR)
    return AsyncDataStream.unordered_wait(stream, Function(), LONG, 10, PAIR)


@job(modes=STREAMING)
def the_last_watermark_comes_last(env):
    class Slow(AsyncFunction):
        async def async_invoke(self, value):
            await asyncio.sleep(0.02)
            return [value]

    class Watermark(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timer_service().current_watermark() == MAX

    stream = AsyncDataStream.unordered_wait(events(env, PAIRS, PAIR), Slow(), LONG, 1, PAIR)
    return stream.process(Watermark())


@job()
def between_functions(env):
    return AsyncDataStream.ordered_wait(
        numbers(env).map(lambda v: v + 1, Types.LONG()).filter(lambda v: v % 3 != 0),
        LaterFirst(), LONG, 4, Types.LONG(),
    ).flat_map(lambda v: [v, v + 1], Types.LONG())  # fmt: skip


@job(parallel=False)
def before_a_key(env):
    stream = AsyncDataStream.ordered_wait(numbers(env), LaterFirst(), LONG, 4, Types.LONG())
    return (
        stream.map(lambda v: (str(v // 10 % 3), v), PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .reduce(lambda a, b: (a[0], a[1] + b[1]))
    )


@job()
def one_after_the_other(env):
    once = AsyncDataStream.ordered_wait(numbers(env), LaterFirst(), LONG, 4, Types.LONG())
    return AsyncDataStream.ordered_wait(once, LaterFirst(), LONG, 2, Types.LONG())


@job(order="any")
def of_united_streams(env):
    stream = numbers(env, 1, 2, 3).union(numbers(env, 4, 5))
    return AsyncDataStream.unordered_wait(stream, LaterFirst(), LONG, 4, Types.LONG())


@job()
def names_and_parallelism(env):
    stream = AsyncDataStream.ordered_wait(numbers(env), LaterFirst(), LONG)
    return [stream.get_name(), str(stream.get_type())]
