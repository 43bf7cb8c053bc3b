/// The rule of a zone for times to come, as POSIX's `TZ` writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZoneRule: Hashable, Sendable {
    private enum Day: Hashable {
        /// 1 to 365; the leap day is never counted.
        case julian(Int)
        /// 0 to 365.
        case ofYear(Int)
        /// The `week`th (5: last) `weekday` (0: Sunday) of a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    private struct Change: Hashable {
        var day: Day
        /// Seconds after midnight of the clock that is in force until then.
        var time: Int
    }

    private struct Summer: Hashable {
        var offset: Int
        var begin: Change
        var end: Change
    }

    /// Seconds ahead of UTC.
    let standardOffset: Int
    private var summer: Summer?

    /// nil: the text is no such rule.
    init?(_ text: Substring) {
        var rest = text
        guard Self.skipName(&rest), let standard = Self.time(&rest) else { return nil }
        standardOffset = -standard
        if rest.isEmpty { return }
        guard Self.skipName(&rest) else { return nil }
        var offset = standardOffset + 3600
        if rest.first != "," {
            guard let explicit = Self.time(&rest) else { return nil }
            offset = -explicit
        }
        guard let begin = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else {
            return nil
        }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standardOffset }
        let local = Int(seconds) + standardOffset
        let year = CivilTime.date(
            daysSinceEpoch: CivilTime.floorDivide(local, 86_400).quotient
        ).year
        let begin = Self.moment(summer.begin, year) - standardOffset
        let end = Self.moment(summer.end, year) - summer.offset
        let now = Int(seconds)
        // On the southern half of the world summer goes over the end of the year.
        let isSummer = begin < end ? (begin..<end).contains(now) : !(end..<begin).contains(now)
        return isSummer ? summer.offset : standardOffset
    }

    /// Seconds between the epoch and the change, on the clock in force until then.
    private static func moment(_ change: Change, _ year: Int) -> Int {
        let newYear = CivilTime.days(year, 1, 1)
        let day: Int
        switch change.day {
        case .julian(let number):
            let isLeap = CivilTime.days(year + 1, 1, 1) - newYear == 366
            day = newYear + number - (isLeap && number >= 60 ? 0 : 1)
        case .ofYear(let number): day = newYear + number
        case .weekday(let month, let week, let weekday):
            let first = CivilTime.days(year, month, 1)
            // 1970-01-01 was a Thursday.
            let ofFirst = CivilTime.floorDivide(first + 4, 7).remainder
            var candidate = first + (weekday - ofFirst + 7) % 7 + 7 * (week - 1)
            let next =
                month == 12 ? CivilTime.days(year + 1, 1, 1) : CivilTime.days(year, month + 1, 1)
            while candidate >= next { candidate -= 7 }
            day = candidate
        }
        return day * 86_400 + change.time
    }

    private static func skipName(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let close = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: close)...]
            return true
        }
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    private static func number(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits.count <= 4 ? Int(digits) : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    private static func time(_ rest: inout Substring) -> Int? {
        var sign = 1
        if rest.first == "+" || rest.first == "-" {
            if rest.removeFirst() == "-" { sign = -1 }
        }
        guard var seconds = number(&rest).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where rest.first == ":" {
            rest.removeFirst()
            guard let value = number(&rest) else { return nil }
            seconds += value * unit
        }
        return sign * seconds
    }

    private static func change(_ rest: inout Substring) -> Change? {
        guard rest.first == "," else { return nil }
        rest.removeFirst()
        let day: Day
        switch rest.first {
        case "M":
            rest.removeFirst()
            guard let month = number(&rest), (1...12).contains(month), rest.popFirst() == ".",
                let week = number(&rest), (1...5).contains(week), rest.popFirst() == ".",
                let weekday = number(&rest), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        case "J":
            rest.removeFirst()
            guard let value = number(&rest) else { return nil }
            day = .julian(value)
        default:
            guard let value = number(&rest) else { return nil }
            day = .ofYear(value)
        }
        guard rest.first == "/" else { return Change(day: day, time: 7200) }
        rest.removeFirst()
        return time(&rest).map { Change(day: day, time: $0) }
    }
}
