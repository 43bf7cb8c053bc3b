/// A pattern of Java's `DateTimeFormatter`, such as `yyyy-MM-dd--HH`, for writing times.
///
/// The letters `y u M L d D E a H k h K m s S` are known, quoted text, and any other characters as
/// they are; text is English.
public struct DateTimePattern: Hashable, Sendable {
    private enum Piece: Hashable {
        case text(String)
        case field(Character, Int)
    }

    private let pieces: [Piece]

    /// Why a pattern is refused.
    public struct Problem: Error, Hashable, Sendable {
        public var message: String
    }

    public init(_ pattern: String) throws(Problem) {
        var pieces: [Piece] = []
        var rest = pattern[...]
        func problem(_ what: String) -> Problem {
            Problem(message: "the date pattern '\(pattern)' \(what)")
        }
        func text(_ value: String) {
            if case .text(let before) = pieces.last {
                pieces[pieces.count - 1] = .text(before + value)
            } else {
                pieces.append(.text(value))
            }
        }
        while let first = rest.first {
            if first == "'" {
                let quoted = rest.dropFirst()
                guard let close = quoted.firstIndex(of: "'") else {
                    throw problem("ends inside of a quoted text")
                }
                // Two quotes are one, inside of a quoted text as well as outside.
                text(close == quoted.startIndex ? "'" : String(quoted[..<close]))
                rest = quoted[quoted.index(after: close)...]
                if close != quoted.startIndex, rest.first == "'" { text("'") }
            } else if first.isASCII, first.isLetter {
                let count = rest.prefix { $0 == first }.count
                rest = rest.dropFirst(count)
                guard Self.isKnown(first, count) else {
                    throw problem(
                        "has '\(String(repeating: first, count: count))', which is not known here")
                }
                pieces.append(.field(first, count))
            } else if "{}#[]".contains(first) {
                throw problem("has '\(first)', which must be quoted")
            } else {
                text(String(first))
                rest = rest.dropFirst()
            }
        }
        self.pieces = pieces
    }

    private static func isKnown(_ letter: Character, _ count: Int) -> Bool {
        switch letter {
        case "y", "u": count <= 9
        case "M", "L", "E": count <= 4
        case "D": count <= 3
        case "d", "H", "k", "h", "K", "m", "s": count <= 2
        case "S": count <= 9
        case "a": count == 1
        default: false
        }
    }

    /// The time as the pattern writes it.
    public func format(_ time: CivilTime) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .field(let letter, let count): result += Self.field(letter, count, of: time)
            }
        }
        return result
    }

    private static func field(_ letter: Character, _ count: Int, of time: CivilTime) -> String {
        switch letter {
        case "y", "u":
            if count == 2 { return padded(CivilTime.floorDivide(time.year, 100).remainder, 2) }
            // `y` is the year of its era, `u` goes on below zero.
            let year = letter == "y" && time.year <= 0 ? 1 - time.year : time.year
            return (year < 0 ? "-" : "") + padded(abs(year), count)
        case "M", "L":
            let name = months[time.month - 1]
            return count < 3
                ? padded(time.month, count) : count == 3 ? String(name.prefix(3)) : name
        case "E":
            let name = weekdays[time.weekday - 1]
            return count < 4 ? String(name.prefix(3)) : name
        case "d": return padded(time.day, count)
        case "D": return padded(time.dayOfYear, count)
        case "a": return time.hour < 12 ? "AM" : "PM"
        case "H": return padded(time.hour, count)
        case "k": return padded(time.hour == 0 ? 24 : time.hour, count)
        case "K": return padded(time.hour % 12, count)
        case "h": return padded(time.hour % 12 == 0 ? 12 : time.hour % 12, count)
        case "m": return padded(time.minute, count)
        case "s": return padded(time.second, count)
        default:
            return String((padded(time.millisecond, 3) + "000000").prefix(count))
        }
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}
