"""Ask a service about each record, many at a time, and try again where it fails.

python examples/async_requests.py

The service is a stand-in of this script's own; a real job would open its client (of HTTP, of a
database) in `open`, and await that.
"""

import asyncio

from martlet.common import Time, Types
from martlet.datastream import (
    AsyncDataStream,
    AsyncFunction,
    AsyncRetryStrategy,
    RuntimeContext,
    StreamExecutionEnvironment,
)


class Temperature(AsyncFunction):
    """Asks for the temperature of a city; every third request fails at first."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.requests = 0

    async def async_invoke(self, value: str) -> list[tuple[str, float | None]]:
        self.requests += 1
        fails = self.requests % 3 == 0
        await asyncio.sleep(0.05)
        if fails:
            raise ConnectionError("the service is busy")
        return [(value, float(len(value)))]

    def timeout(self, value: str) -> list[tuple[str, float | None]]:
        return [(value, None)]


def is_busy(error: Exception) -> bool:
    return isinstance(error, ConnectionError)


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)

    cities = env.from_collection(["Oslo", "Rome", "Lima", "Quito", "Dakar"], Types.STRING())
    retries = AsyncRetryStrategy.fixed_delay(
        max_attempts=3, backoff_time_millis=20, result_predicate=None, exception_predicate=is_busy
    )
    AsyncDataStream.ordered_wait_with_retry(
        cities,
        Temperature(),
        timeout=Time.seconds(5),
        async_retry_strategy=retries,
        capacity=10,
        output_type=Types.TUPLE([Types.STRING(), Types.DOUBLE()]),
    ).print()
    env.execute("temperatures")


if __name__ == "__main__":
    main()
