"""Spans of time: in months, and in days and seconds."""

from __future__ import annotations

import datetime
from enum import Enum

from martlet.table.types.base import AtomicType

__all__ = ["DayTimeIntervalType", "Resolution", "YearMonthIntervalType", "interval_of"]


class Resolution:
    """How fine one end of an interval is.

    :param unit: the unit
    :param precision: the digits of years or days, or of the second's fraction
    """

    class IntervalUnit(Enum):
        SECOND = 0
        MINUTE = 1
        HOUR = 2
        DAY = 3
        MONTH = 4
        YEAR = 5

    def __init__(self, unit: Resolution.IntervalUnit, precision: int = -1) -> None:
        self._unit = unit
        self._precision = precision

    @property
    def unit(self) -> Resolution.IntervalUnit:
        return self._unit

    @property
    def precision(self) -> int:
        return self._precision

    def __str__(self) -> str:
        return f"{self._unit}({self._precision})"


class YearMonthIntervalType(AtomicType):
    """A number of years and months.

    :param resolution: one of :class:`YearMonthResolution`
    :param precision: the digits of the years, from 1 to 4
    """

    class YearMonthResolution:
        YEAR = 1
        MONTH = 2
        YEAR_TO_MONTH = 3

    DEFAULT_PRECISION = 2

    def __init__(
        self, resolution: int, precision: int = DEFAULT_PRECISION, nullable: bool = True
    ) -> None:
        kinds = YearMonthIntervalType.YearMonthResolution
        assert resolution in (kinds.YEAR, kinds.MONTH, kinds.YEAR_TO_MONTH)
        assert resolution != kinds.MONTH or precision == self.DEFAULT_PRECISION
        assert 1 <= precision <= 4
        self._resolution = resolution
        self._precision = precision
        super().__init__(nullable)

    @property
    def resolution(self) -> int:
        return self._resolution

    @property
    def precision(self) -> int:
        return self._precision


class DayTimeIntervalType(AtomicType):
    """A number of days, hours, minutes and seconds: ``datetime.timedelta``.

    :param resolution: one of :class:`DayTimeResolution`
    :param day_precision: the digits of the days, from 1 to 6
    :param fractional_precision: the digits of the second's fraction, from 0 to 9
    """

    class DayTimeResolution(Enum):
        DAY = 1
        DAY_TO_HOUR = 2
        DAY_TO_MINUTE = 3
        DAY_TO_SECOND = 4
        HOUR = 5
        HOUR_TO_MINUTE = 6
        HOUR_TO_SECOND = 7
        MINUTE = 8
        MINUTE_TO_SECOND = 9
        SECOND = 10

    DEFAULT_DAY_PRECISION = 2
    DEFAULT_FRACTIONAL_PRECISION = 6

    def __init__(
        self,
        resolution: DayTimeIntervalType.DayTimeResolution,
        day_precision: int = DEFAULT_DAY_PRECISION,
        fractional_precision: int = DEFAULT_FRACTIONAL_PRECISION,
        nullable: bool = True,
    ) -> None:
        assert isinstance(resolution, DayTimeIntervalType.DayTimeResolution)
        assert (
            not self._needs_default_day_precision(resolution)
            or day_precision == self.DEFAULT_DAY_PRECISION
        )
        assert (
            not self._needs_default_fractional_precision(resolution)
            or fractional_precision == self.DEFAULT_FRACTIONAL_PRECISION
        )
        assert 1 <= day_precision <= 6
        assert 0 <= fractional_precision <= 9
        self._resolution = resolution
        self._day_precision = day_precision
        self._fractional_precision = fractional_precision
        super().__init__(nullable)

    def need_conversion(self) -> bool:
        return True

    def to_sql_type(self, timedelta: datetime.timedelta | None) -> int | None:
        """Microseconds."""
        return None if timedelta is None else timedelta // datetime.timedelta(microseconds=1)

    def from_sql_type(self, ts: int | None) -> datetime.timedelta | None:
        return None if ts is None else datetime.timedelta(microseconds=ts)

    @property
    def resolution(self) -> DayTimeIntervalType.DayTimeResolution:
        return self._resolution

    @property
    def day_precision(self) -> int:
        return self._day_precision

    @property
    def fractional_precision(self) -> int:
        return self._fractional_precision

    @staticmethod
    def _needs_default_day_precision(resolution: DayTimeIntervalType.DayTimeResolution) -> bool:
        return not resolution.name.startswith("DAY")

    @staticmethod
    def _needs_default_fractional_precision(
        resolution: DayTimeIntervalType.DayTimeResolution,
    ) -> bool:
        return not resolution.name.endswith("SECOND")


_Unit = Resolution.IntervalUnit
_YearMonth = YearMonthIntervalType.YearMonthResolution
_DayTime = DayTimeIntervalType.DayTimeResolution
_YEAR_MONTH = {
    (_Unit.YEAR, None): _YearMonth.YEAR,
    (_Unit.MONTH, None): _YearMonth.MONTH,
    (_Unit.YEAR, _Unit.MONTH): _YearMonth.YEAR_TO_MONTH,
}
_DAY_TIME = {
    (_Unit.DAY, None): _DayTime.DAY,
    (_Unit.DAY, _Unit.HOUR): _DayTime.DAY_TO_HOUR,
    (_Unit.DAY, _Unit.MINUTE): _DayTime.DAY_TO_MINUTE,
    (_Unit.DAY, _Unit.SECOND): _DayTime.DAY_TO_SECOND,
    (_Unit.HOUR, None): _DayTime.HOUR,
    (_Unit.HOUR, _Unit.MINUTE): _DayTime.HOUR_TO_MINUTE,
    (_Unit.HOUR, _Unit.SECOND): _DayTime.HOUR_TO_SECOND,
    (_Unit.MINUTE, None): _DayTime.MINUTE,
    (_Unit.MINUTE, _Unit.SECOND): _DayTime.MINUTE_TO_SECOND,
    (_Unit.SECOND, None): _DayTime.SECOND,
}


def interval_of(
    upper: Resolution, lower: Resolution | None
) -> DayTimeIntervalType | YearMonthIntervalType:
    """The interval from one resolution to another, or of one alone.

    :raises ValueError: if there is no such interval
    """
    units = (upper.unit, None if lower is None else lower.unit)
    if units in _YEAR_MONTH:
        kind = _YEAR_MONTH[units]
        if kind == _YearMonth.MONTH:
            return YearMonthIntervalType(kind)
        return YearMonthIntervalType(kind, upper.precision)
    if units not in _DAY_TIME:
        raise ValueError(
            f"Unsupported interval definition '{upper} TO {lower}'. Please check the "
            "documentation for supported combinations for year-month and day-time intervals."
        )
    days = DayTimeIntervalType.DEFAULT_DAY_PRECISION
    fraction = DayTimeIntervalType.DEFAULT_FRACTIONAL_PRECISION
    if upper.unit is _Unit.DAY:
        days = upper.precision
    if upper.unit is _Unit.SECOND:
        fraction = upper.precision
    elif lower is not None and lower.unit is _Unit.SECOND:
        fraction = lower.precision
    return DayTimeIntervalType(_DAY_TIME[units], days, fraction)
