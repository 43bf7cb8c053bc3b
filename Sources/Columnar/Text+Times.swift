/// A day of the calendar.
struct CivilDate {
    var year: Int64
    /// 1 to 12.
    var month: Int64
    /// 1 to 31.
    var day: Int64

    /// The day so many days after 1970-01-01, in the Gregorian calendar extended to all times.
    ///
    /// After Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    init(daysSinceEpoch days: Int64) {
        let (era, dayOfEra) = (days &+ 719_468).floored(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        self.init(marchYear: yearOfEra + era * 400, dayOfYear: dayOfYear)
    }

    /// As `java.util.Date` has it: in the Julian calendar before 1582-10-15.
    init(julianBeforeCutover days: Int64) {
        if days >= -141_427 {
            self.init(daysSinceEpoch: days)
        } else {
            let (era, dayOfEra) = (days &+ 719_470).floored(by: 1461)
            let yearOfEra = (dayOfEra - dayOfEra / 1460) / 365
            self.init(marchYear: yearOfEra + era * 4, dayOfYear: dayOfEra - 365 * yearOfEra)
        }
    }

    /// From the day of a year that starts on 1 March.
    private init(marchYear: Int64, dayOfYear: Int64) {
        let monthIndex = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        year = marchYear + (month <= 2 ? 1 : 0)
    }
}

/// Seconds since the epoch, taken apart.
struct CivilTime {
    let days: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64
    let nanosecond: Int64

    init(seconds: Int64, nanosecond: Int64) {
        let (days, rest) = seconds.floored(by: 86_400)
        self.days = days
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        self.nanosecond = nanosecond
    }

    /// From steps of which a second has `perSecond`.
    init(_ value: Int64, perSecond: Int64) {
        let (seconds, rest) = value.floored(by: perSecond)
        self.init(seconds: seconds, nanosecond: rest * (1_000_000_000 / perSecond))
    }
}

extension TextBuffer {
    private mutating func append(two value: Int64) {
        append(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
        append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }

    /// `2020-01-31`; ISO wants a sign in front of years of more than four digits.
    mutating func append(_ date: CivilDate, iso: Bool) {
        if date.year < 0 {
            append(UInt8(ascii: "-"))
        } else if iso, date.year > 9999 {
            append(UInt8(ascii: "+"))
        }
        append(digits: date.year.magnitude, width: 4)
        append(UInt8(ascii: "-"))
        append(two: date.month)
        append(UInt8(ascii: "-"))
        append(two: date.day)
    }

    /// `13:14:15`.
    mutating func append(clock time: CivilTime) {
        append(two: time.hour)
        append(UInt8(ascii: ":"))
        append(two: time.minute)
        append(UInt8(ascii: ":"))
        append(two: time.second)
    }

    /// The fraction of a second in groups of three digits, as many as needed; none for 0.
    private mutating func append(grouped nanosecond: Int64) {
        if nanosecond == 0 { return }
        append(UInt8(ascii: "."))
        if nanosecond % 1_000_000 == 0 {
            append(digits: UInt64(nanosecond / 1_000_000), width: 3)
        } else if nanosecond % 1000 == 0 {
            append(digits: UInt64(nanosecond / 1000), width: 6)
        } else {
            append(digits: UInt64(nanosecond), width: 9)
        }
    }

    /// The fraction of a second without its trailing zeros.
    private mutating func append(trimmed nanosecond: Int64) {
        append(UInt8(ascii: "."))
        append(digits: UInt64(nanosecond), width: 9)
        while last == 0x30 { removeLast() }
    }

    /// `java.sql.Timestamp.toString`: `2020-01-31 13:14:15.0`.
    mutating func append(sqlTimestamp time: CivilTime) {
        append(CivilDate(julianBeforeCutover: time.days), iso: false)
        append(UInt8(ascii: " "))
        append(clock: time)
        append(trimmed: time.nanosecond)
        if last == UInt8(ascii: ".") { append(0x30) }
    }

    /// `java.time.LocalTime.toString`: `13:14`, `13:14:15.120`.
    mutating func append(localTime time: CivilTime) {
        append(clock: time)
        if time.second == 0, time.nanosecond == 0 {
            removeLast(3)
        } else {
            append(grouped: time.nanosecond)
        }
    }

    /// `java.time.LocalDateTime.toString`: `2020-01-31T13:14`.
    mutating func append(localDateTime time: CivilTime) {
        append(CivilDate(daysSinceEpoch: time.days), iso: true)
        append(UInt8(ascii: "T"))
        append(localTime: time)
    }

    /// `java.time.Instant.toString`: `2020-01-31T13:14:00.120Z`.
    mutating func append(instant time: CivilTime) {
        append(CivilDate(daysSinceEpoch: time.days), iso: true)
        append(UInt8(ascii: "T"))
        append(clock: time)
        append(grouped: time.nanosecond)
        append(UInt8(ascii: "Z"))
    }

    /// `java.time.Duration.toString`: `PT8H6M12.345S`.
    mutating func append(durationMilliseconds value: Int64) {
        append("PT")
        if value == 0 {
            append("0S")
            return
        }
        // Towards zero, so that all parts have the sign of the whole.
        let hours = value / 3_600_000
        let minutes = value / 60_000 % 60
        let milliseconds = value % 60_000
        if hours != 0 {
            append(decimal: hours)
            append(UInt8(ascii: "H"))
        }
        if minutes != 0 {
            append(decimal: minutes)
            append(UInt8(ascii: "M"))
        }
        if milliseconds == 0 { return }
        if milliseconds < 0 { append(UInt8(ascii: "-")) }
        append(digits: milliseconds.magnitude / 1000)
        if milliseconds % 1000 != 0 {
            append(trimmed: Int64(milliseconds.magnitude % 1000) * 1_000_000)
        }
        append(UInt8(ascii: "S"))
    }

    /// `java.time.Period.toString` of years and months: `P1Y2M`.
    mutating func append(periodMonths value: Int32) {
        if value == 0 {
            append("P0D")
            return
        }
        append(UInt8(ascii: "P"))
        if value / 12 != 0 {
            append(decimal: Int64(value / 12))
            append(UInt8(ascii: "Y"))
        }
        if value % 12 != 0 {
            append(decimal: Int64(value % 12))
            append(UInt8(ascii: "M"))
        }
    }
}
