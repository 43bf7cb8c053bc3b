"""Dates, times of day and timestamps without a time zone."""

from __future__ import annotations

import datetime
import time
from enum import Enum
from typing import Any

from martlet.common.typeinfo.base import TypeInformation

__all__ = [
    "DateTypeInfo",
    "LocalTimeTypeInfo",
    "SqlTimeTypeInfo",
    "TimeTypeInfo",
    "TimestampTypeInfo",
]

_EPOCH = datetime.datetime(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)
_MICROS_PER_SECOND = 10**6


class SqlTimeTypeInfo(TypeInformation):
    """The types that stand for those of ``java.sql``."""

    @staticmethod
    def DATE() -> DateTypeInfo:
        return DateTypeInfo()

    @staticmethod
    def TIME() -> TimeTypeInfo:
        return TimeTypeInfo()

    @staticmethod
    def TIMESTAMP() -> TimestampTypeInfo:
        return TimestampTypeInfo()


class DateTypeInfo(TypeInformation):
    """``datetime.date``; the internal form counts days since 1970-01-01."""

    EPOCH_ORDINAL = _EPOCH.toordinal()

    def __init__(self) -> None:
        super().__init__()

    def type_text(self) -> str:
        return "DATE"

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, d: datetime.date | None) -> int | None:
        return None if d is None else d.toordinal() - self.EPOCH_ORDINAL

    def from_internal_type(self, v: int | None) -> datetime.date | None:
        return None if v is None else datetime.date.fromordinal(v + self.EPOCH_ORDINAL)

    def __repr__(self) -> str:
        return "DateTypeInfo"


class TimeTypeInfo(TypeInformation):
    """``datetime.time``; the internal form counts microseconds, of the day in UTC."""

    EPOCH_ORDINAL = int(time.localtime(0).tm_gmtoff) * _MICROS_PER_SECOND

    def type_text(self) -> str:
        return "TIME(3)"

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, t: datetime.time | None) -> int | None:
        if t is None:
            return None
        if t.tzinfo is None:
            ahead = self.EPOCH_ORDINAL
        else:
            ahead = (t.utcoffset() or datetime.timedelta()) // _MICROSECOND
        seconds = (t.hour * 60 + t.minute) * 60 + t.second
        return seconds * _MICROS_PER_SECOND + t.microsecond - ahead

    def from_internal_type(self, t: int | None) -> datetime.time | None:
        if t is None:
            return None
        seconds, micros = divmod(t + self.EPOCH_ORDINAL, _MICROS_PER_SECOND)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        return datetime.time(hour, minute, second, micros)

    def __repr__(self) -> str:
        return "TimeTypeInfo"


class TimestampTypeInfo(TypeInformation):
    """``datetime.datetime``; the internal form counts microseconds since the epoch in UTC."""

    def type_text(self) -> str:
        return "TIMESTAMP(3)"

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, dt: datetime.datetime | None) -> int | None:
        if dt is None:
            return None
        seconds = int(dt.replace(microsecond=0).timestamp())
        return seconds * _MICROS_PER_SECOND + dt.microsecond

    def from_internal_type(self, ts: int | None) -> datetime.datetime | None:
        if ts is None:
            return None
        seconds, micros = divmod(ts, _MICROS_PER_SECOND)
        return datetime.datetime.fromtimestamp(seconds).replace(microsecond=micros)

    def __repr__(self) -> str:
        return "TimestampTypeInfo"


class LocalTimeTypeInfo(TypeInformation):
    """The types that stand for those of ``java.time``."""

    class TimeType(Enum):
        LOCAL_DATE = 0
        LOCAL_TIME = 1
        LOCAL_DATE_TIME = 2

    def __init__(self, time_type: TimeType) -> None:
        self._time_type = time_type

    def type_text(self) -> str:
        return _LOCAL_TEXTS[self._time_type]

    def _state(self) -> tuple[Any, ...]:
        return (self._time_type,)

    def __repr__(self) -> str:
        return f"LocalTimeTypeInfo<{self._time_type.name}>"


_LOCAL_TEXTS = {
    LocalTimeTypeInfo.TimeType.LOCAL_DATE: "DATE",
    LocalTimeTypeInfo.TimeType.LOCAL_TIME: "TIME(3)",
    LocalTimeTypeInfo.TimeType.LOCAL_DATE_TIME: "TIMESTAMP(3)",
}
