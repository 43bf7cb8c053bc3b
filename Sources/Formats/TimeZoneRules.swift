#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The offsets from UTC of a time zone over time, from the system's zone files (RFC 8536).
public struct TimeZoneRules: Hashable, Sendable {
    /// Points in time, in seconds since the epoch, from which on `offsets[i]` (seconds) holds.
    private var transitions: [Int64] = []
    private var offsets: [Int] = []
    /// Before the first transition.
    private var firstOffset = 0
    /// After the last one.
    private var rule: PosixZoneRule?

    /// Why a zone is not there.
    public struct Problem: Error, Hashable, Sendable {
        public var message: String
    }

    public static let utc = TimeZoneRules(fixed: 0)

    public init(fixed seconds: Int) { firstOffset = seconds }

    /// The zone of a name like `Europe/Berlin`, `UTC`, `Z`, `+02:00` or `GMT+2`.
    public init(named name: String) throws(Problem) {
        if let offset = Self.fixedOffset(name) {
            self.init(fixed: offset)
            return
        }
        // A name is a path below the zone files' directory and must not lead out of it.
        guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw Problem(message: "'\(name)' is no name of a time zone")
        }
        for directory in ["/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/etc/zoneinfo/"] {
            guard let bytes = Self.contents(directory + name) else { continue }
            guard let rules = TimeZoneRules(zoneFile: bytes) else {
                throw Problem(message: "\(directory + name) is not a time zone file")
            }
            self = rules
            return
        }
        let hint =
            Self.contents("/usr/share/zoneinfo/UTC") == nil
            ? "; this machine has no time zone files: install tzdata" : ""
        throw Problem(message: "the time zone '\(name)' is not known" + hint)
    }

    /// The machine's zone: that of `TZ`, else of `/etc/localtime`, else UTC.
    public static func system() -> TimeZoneRules {
        if let variable = getenv("TZ") {
            var name = String(cString: variable)
            if name.hasPrefix(":") { name.removeFirst() }
            if let zone = try? TimeZoneRules(named: name) { return zone }
            if name.hasPrefix("/"), let zone = contents(name).flatMap(TimeZoneRules.init(zoneFile:))
            {
                return zone
            }
            if let rule = PosixZoneRule(name[...]) { return TimeZoneRules(rule: rule) }
            return utc
        }
        return contents("/etc/localtime").flatMap(TimeZoneRules.init(zoneFile:)) ?? utc
    }

    private init(rule: PosixZoneRule) {
        firstOffset = rule.standardOffset
        transitions = [.min]
        offsets = [rule.standardOffset]
        self.rule = rule
    }

    /// The time on the zone's clocks at a point in time (milliseconds since the epoch).
    public func civilTime(_ milliseconds: Int64) -> CivilTime {
        let seconds = Int64(CivilTime.floorDivide(Int(milliseconds), 1000).quotient)
        return CivilTime(milliseconds: milliseconds + Int64(offset(at: seconds)) * 1000)
    }

    /// Seconds that the zone is ahead of UTC.
    public func offset(at seconds: Int64) -> Int {
        guard let first = transitions.first, seconds >= first else { return firstOffset }
        if let rule, seconds >= transitions[transitions.count - 1] {
            return rule.offset(at: seconds)
        }
        var low = 0
        var high = transitions.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle } else { high = middle }
        }
        return offsets[low]
    }

    private static func fixedOffset(_ name: String) -> Int? {
        var rest = name[...]
        if ["Z", "UTC", "GMT", "UT", "Etc/UTC"].contains(name) { return 0 }
        for prefix in ["UTC", "GMT", "UT"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
            break
        }
        guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
        rest = rest.dropFirst()
        var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, rest.count > 2 {
            let digits = Array(rest)
            guard digits.count % 2 == 0 else { return nil }
            parts = stride(from: 0, to: digits.count, by: 2).map { String(digits[$0...$0 + 1]) }
        }
        let numbers = parts.compactMap { $0.allSatisfy(\.isASCII) ? Int($0) : nil }
        guard numbers.count == parts.count, (1...3).contains(numbers.count), numbers[0] <= 18,
            numbers.allSatisfy({ (0..<60).contains($0) })
        else { return nil }
        let seconds = zip(numbers, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
        return sign == "-" ? -seconds : seconds
    }

    /// Reads the 64-bit part of a zone file; the 32-bit one of files of version 1.
    init?(zoneFile bytes: [UInt8]) {
        func integer(_ at: Int, _ width: Int) -> Int64 {
            var value: Int64 = at < bytes.count && bytes[at] >= 0x80 ? -1 : 0
            for index in at..<at + width { value = value << 8 | Int64(bytes[index]) }
            return value
        }
        func counts(_ at: Int) -> [Int]? {
            guard at + 44 <= bytes.count, Array(bytes[at..<at + 4]) == Array("TZif".utf8) else {
                return nil
            }
            let counts = (0..<6).map { Int(integer(at + 20 + 4 * $0, 4)) }
            return counts.allSatisfy { (0...100_000).contains($0) } ? counts : nil
        }
        // In the order of the file: UT flags, standard flags, leap seconds, transitions, types,
        // characters.
        func length(_ counts: [Int], _ width: Int) -> Int {
            counts[3] * (width + 1) + counts[4] * 6 + counts[5] + counts[2] * (width + 4)
                + counts[1] + counts[0]
        }
        guard var sizes = counts(0) else { return nil }
        var start = 44
        var width = 4
        if bytes[4] >= UInt8(ascii: "2") {
            start += length(sizes, 4)
            guard let second = counts(start) else { return nil }
            sizes = second
            start += 44
            width = 8
        }
        let (times, types) = (sizes[3], sizes[4])
        guard start + length(sizes, width) <= bytes.count, types > 0 else { return nil }
        let indices = start + times * width
        let table = indices + times
        func offset(_ type: Int) -> Int { Int(integer(table + 6 * type, 4)) }
        for index in 0..<times {
            let type = Int(bytes[indices + index])
            guard type < types else { return nil }
            transitions.append(integer(start + index * width, width))
            offsets.append(offset(type))
        }
        firstOffset = offset(0)
        guard width == 8 else { return }
        let footer = bytes[(start + length(sizes, width))...].dropFirst()
        let line = String(decoding: footer.prefix { $0 != 0x0A }, as: UTF8.self)
        rule = PosixZoneRule(line[...])
        if transitions.isEmpty, rule != nil {
            transitions = [.min]
            offsets = [firstOffset]
        }
    }

    private static func contents(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count > 0, ferror(file) == 0 else { return nil }
        return Array(bytes[..<count])
    }
}
