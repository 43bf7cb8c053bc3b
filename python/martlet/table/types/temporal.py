"""Dates, times of day and timestamps."""

from __future__ import annotations

import calendar
import datetime
import time
from typing import Any

from martlet.table.types.base import AtomicType, nullability

__all__ = [
    "DateType",
    "LocalZonedTimestampType",
    "TimeType",
    "TimestampType",
    "ZonedTimestampType",
]

_SECOND = 10**6
_AHEAD_OF_UTC = calendar.timegm(time.localtime(0)) * _SECOND


class DateType(AtomicType):
    """``datetime.date``; the internal form counts days since 1970-01-01."""

    EPOCH_ORDINAL = datetime.datetime(1970, 1, 1).toordinal()

    def __init__(self, nullable: bool = True) -> None:
        super().__init__(nullable)

    def need_conversion(self) -> bool:
        return True

    def to_sql_type(self, d: datetime.date | None) -> int | None:
        return None if d is None else d.toordinal() - self.EPOCH_ORDINAL

    def from_sql_type(self, v: int | None) -> datetime.date | None:
        return None if v is None else datetime.date.fromordinal(v + self.EPOCH_ORDINAL)


class _Precise(AtomicType):
    """A type with digits of the second's fraction, from 0 to 9."""

    def __init__(self, precision: int, nullable: bool) -> None:
        super().__init__(nullable)
        assert 0 <= precision <= 9
        self.precision = precision

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.precision}, {nullability(self._nullable)})"

    def need_conversion(self) -> bool:
        return True


class TimeType(_Precise):
    """``datetime.time``; the internal form counts microseconds, of the day in UTC."""

    EPOCH_ORDINAL = _AHEAD_OF_UTC

    def __init__(self, precision: int = 0, nullable: bool = True) -> None:
        super().__init__(precision, nullable)

    def to_sql_type(self, t: datetime.time | None) -> int | None:
        if t is None:
            return None
        if t.tzinfo is None:
            ahead = self.EPOCH_ORDINAL
        else:
            ahead = (t.utcoffset() or datetime.timedelta()) // datetime.timedelta(microseconds=1)
        seconds = (t.hour * 60 + t.minute) * 60 + t.second
        return seconds * _SECOND + t.microsecond - ahead

    def from_sql_type(self, t: int | None) -> datetime.time | None:
        if t is None:
            return None
        seconds, micros = divmod(t + self.EPOCH_ORDINAL, _SECOND)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        return datetime.time(hour, minute, second, micros)


class TimestampType(_Precise):
    """Timestamps without a time zone; the internal form counts microseconds in local time."""

    def __init__(self, precision: int = 6, nullable: bool = True) -> None:
        super().__init__(precision, nullable)

    def to_sql_type(self, dt: datetime.datetime | None) -> int | None:
        return None if dt is None else _since_epoch(dt)

    def from_sql_type(self, ts: int | None) -> datetime.datetime | None:
        return None if ts is None else _local(ts)


class LocalZonedTimestampType(_Precise):
    """Points in time, shown in the local time zone; the internal form counts microseconds."""

    EPOCH_ORDINAL = _AHEAD_OF_UTC

    def __init__(self, precision: int = 6, nullable: bool = True) -> None:
        super().__init__(precision, nullable)

    def to_sql_type(self, dt: datetime.datetime | None) -> int | None:
        return None if dt is None else _since_epoch(dt) + self.EPOCH_ORDINAL

    def from_sql_type(self, ts: int | None) -> datetime.datetime | None:
        return None if ts is None else _local(ts - self.EPOCH_ORDINAL)


class ZonedTimestampType(_Precise):
    """Timestamps with their time zone; the internal form is microseconds, and the offset in s."""

    def __init__(self, precision: int = 6, nullable: bool = True) -> None:
        super().__init__(precision, nullable)

    def to_sql_type(self, dt: datetime.datetime | None) -> tuple[int, int] | None:
        if dt is None:
            return None
        zoned = dt if dt.tzinfo else dt.astimezone()
        offset = int((zoned.utcoffset() or datetime.timedelta()).total_seconds())
        return _since_epoch(dt) + offset * _SECOND, offset

    def from_sql_type(self, zoned_ts: tuple[int, int] | None) -> datetime.datetime | None:
        if zoned_ts is None:
            return None
        micros, offset = zoned_ts
        seconds, rest = divmod(micros - offset * _SECOND, _SECOND)
        zone = datetime.timezone(datetime.timedelta(seconds=offset))
        return datetime.datetime.fromtimestamp(seconds, tz=zone).replace(microsecond=rest)


def _since_epoch(dt: datetime.datetime) -> int:
    if dt.tzinfo:
        seconds = calendar.timegm(dt.utctimetuple())
    else:
        seconds = int(time.mktime(dt.timetuple()))
    return seconds * _SECOND + dt.microsecond


def _local(micros: int) -> Any:
    seconds, rest = divmod(micros, _SECOND)
    return datetime.datetime.fromtimestamp(seconds).replace(microsecond=rest)
