"""What a measure is, and what it says."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Figure:
    """One line of the table: a figure, and the bar and the goal it is held against."""

    number: str
    what: str
    raw: str
    value: float
    bar: float
    goal: float
    unit: str = ""
    #: Whether more is better.
    more: bool = True
    #: Further lines: other engines, single parts.
    notes: list[str] = field(default_factory=list)

    def reaches(self, limit: float) -> bool:
        return self.value >= limit if self.more else self.value <= limit

    @property
    def verdict(self) -> str:
        if self.reaches(self.goal):
            return "goal"
        return "passes" if self.reaches(self.bar) else "falls short"

    def show(self, value: float) -> str:
        digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
        return f"{value:,.{digits}f}{self.unit}"

    def limit(self, value: float) -> str:
        return f"{'≥' if self.more else '≤'} {value:g}{self.unit}"


@dataclass(frozen=True)
class Effort:
    """How long to measure: the factor on the size of inputs, and the number of repetitions."""

    scale: float = 1.0
    pairs: int = 3

    def rows(self, rows: int) -> int:
        return max(int(rows * self.scale), 10)


Measure = Callable[[Effort], list[Figure]]


def spread(values: Sequence[float]) -> str:
    """The extremes, which say how far the median is to be trusted."""
    return f"{min(values):.2f}…{max(values):.2f}"


def rate(rows_per_second: float) -> str:
    if rows_per_second >= 1e6:
        return f"{rows_per_second / 1e6:.2f} M rows/s"
    return f"{rows_per_second / 1e3:.1f} k rows/s"


median = statistics.median
