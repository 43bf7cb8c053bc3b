"""Metrics of user functions: kept here, shipped as numbers by name in METRICS frames."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator

from martlet.metrics.metricbase import Counter, Distribution, Meter, MetricGroup
from martlet.worker.msgpack import pack

__all__ = ["Group", "Metrics"]

Number = int | float
Reading = Callable[[], Iterator[tuple[str, Number]]]


class _Counter(Counter):
    def __init__(self) -> None:
        self.count = 0

    def inc(self, n: int = 1) -> None:
        self.count += n

    def dec(self, n: int = 1) -> None:
        self.count -= n

    def get_count(self) -> int:
        return self.count


class _Meter(Meter):
    """Events, and their rate per second over the last ``span`` seconds, by the second."""

    def __init__(self, span: int, clock: Callable[[], float]) -> None:
        self.count = 0
        self.span = max(1, span)
        self.clock = clock
        self.started = clock()
        self.seconds: deque[tuple[int, int]] = deque()  # (second, events in it)

    def mark_event(self, value: int = 1) -> None:
        self.count += value
        second = int(self.clock())
        if self.seconds and self.seconds[-1][0] == second:
            self.seconds[-1] = (second, self.seconds[-1][1] + value)
        else:
            self.seconds.append((second, value))
            self._forget(second)

    def _forget(self, second: int) -> None:
        while self.seconds and self.seconds[0][0] <= second - self.span:
            self.seconds.popleft()

    def get_count(self) -> int:
        return self.count

    def rate(self) -> float:
        now = self.clock()
        self._forget(int(now))
        elapsed = min(float(self.span), max(1.0, now - self.started))
        return sum(n for _, n in self.seconds) / elapsed


class _Distribution(Distribution):
    def __init__(self) -> None:
        self.count = 0
        self.sum = 0
        self.min = 0
        self.max = 0

    def update(self, value: int) -> None:
        self.min = value if self.count == 0 else min(self.min, value)
        self.max = value if self.count == 0 else max(self.max, value)
        self.count += 1
        self.sum += value


class Metrics:
    """All metrics of a stage."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.readings: dict[str, Reading] = {}
        self._gauges_that_fail: set[str] = set()

    def group(self, name: str) -> Group:
        """The group of one operator."""
        return Group(self, (name,))

    def read(self) -> dict[str, Number]:
        """Every metric's numbers now, by full name."""
        out: dict[str, Number] = {}
        for name, reading in self.readings.items():
            try:
                out.update(reading())
            except Exception as error:
                if name not in self._gauges_that_fail:
                    self._gauges_that_fail.add(name)
                    logging.getLogger(__name__).warning("gauge %s fails: %r", name, error)
        return out

    def frame(self) -> bytes | None:
        """The body of a METRICS frame, or None if there is nothing to say."""
        values = self.read()
        return pack({k: _number(v) for k, v in values.items()}) if values else None


def _number(value: Number) -> Number:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return float(value)
    return value if isinstance(value, (int, float)) else float(value)


class Group(MetricGroup):
    """Metrics whose names share a prefix; asking for a name again gives the same metric."""

    def __init__(self, metrics: Metrics, scope: tuple[str, ...]) -> None:
        self._metrics = metrics
        self._scope = scope
        self._known: dict[tuple[str, str], _Counter | _Meter | _Distribution] = {}
        self._groups: dict[tuple[str, str | None], Group] = {}

    def add_group(self, name: str, extra: str | None = None) -> Group:
        scope = (*self._scope, name) if extra is None else (*self._scope, name, extra)
        return self._groups.setdefault((name, extra), Group(self._metrics, scope))

    def counter(self, name: str) -> Counter:
        metric = self._known.setdefault(("counter", name), _Counter())
        assert isinstance(metric, _Counter)
        full = self._register(name, lambda: iter([(full, metric.count)]))
        return metric

    def gauge(self, name: str, obj: Callable[[], int]) -> None:
        full = self._register(name, lambda: iter([(full, obj())]))

    def meter(self, name: str, time_span_in_seconds: int = 60) -> Meter:
        new = _Meter(time_span_in_seconds, self._metrics.clock)
        metric = self._known.setdefault(("meter", name), new)
        assert isinstance(metric, _Meter)
        full = self._register(
            name, lambda: iter([(full + ".count", metric.count), (full + ".rate", metric.rate())])
        )
        return metric

    def distribution(self, name: str) -> Distribution:
        metric = self._known.setdefault(("distribution", name), _Distribution())
        assert isinstance(metric, _Distribution)

        def reading() -> Iterator[tuple[str, Number]]:
            for part in ("count", "sum", "min", "max"):
                yield f"{full}.{part}", getattr(metric, part)

        full = self._register(name, reading)
        return metric

    def _register(self, name: str, reading: Reading) -> str:
        full = ".".join((*self._scope, name))
        self._metrics.readings[full] = reading
        return full
