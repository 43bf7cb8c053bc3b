/// A pattern for one name: `*`, `?`, `[abc]`, `[a-z]`, `[!a-z]`, and `\` before any of them.
struct Glob: Hashable, Sendable {
    private enum Piece: Hashable {
        case scalar(Unicode.Scalar)
        case any
        case anyRun
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    private var pieces: [Piece] = []
    /// A leading `.` or `_` is only matched by itself, so that hidden files stay so.
    private let showsHidden: Bool

    init(_ text: some StringProtocol) {
        let scalars = Array(text.unicodeScalars)
        showsHidden = scalars.first == "." || scalars.first == "_"
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*":
                if pieces.last != .anyRun { pieces.append(.anyRun) }
            case "?": pieces.append(.any)
            case "[":
                if let (set, end) = Self.set(scalars, from: index) {
                    pieces.append(set)
                    index = end
                } else {
                    pieces.append(.scalar(scalar))
                }
            case "\\" where index < scalars.count:
                pieces.append(.scalar(scalars[index]))
                index += 1
            default: pieces.append(.scalar(scalar))
            }
        }
    }

    /// The set that begins behind a bracket, and the place behind it; nil if it is not closed.
    private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Piece, Int)? {
        var index = start
        var negated = false
        if index < scalars.count, scalars[index] == "!" || scalars[index] == "^" {
            negated = true
            index += 1
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        let first = index
        while index < scalars.count {
            let low = scalars[index]
            // A bracket in first place stands for itself.
            if low == "]", index > first { return (.set(ranges, negated: negated), index + 1) }
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                let high = scalars[index + 2]
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return nil
    }

    func matches(_ name: some StringProtocol) -> Bool {
        let scalars = Array(name.unicodeScalars)
        if !showsHidden, scalars.first == "." || scalars.first == "_" { return false }
        // The usual two pointers: on a mismatch the last run takes one character more. O(n·m).
        var piece = 0
        var index = 0
        var retry: (piece: Int, index: Int)?
        while index < scalars.count {
            if piece < pieces.count {
                if pieces[piece] == .anyRun {
                    retry = (piece, index)
                    piece += 1
                    continue
                }
                if Self.matches(pieces[piece], scalars[index]) {
                    piece += 1
                    index += 1
                    continue
                }
            }
            guard let last = retry else { return false }
            retry = (last.piece, last.index + 1)
            piece = last.piece + 1
            index = last.index + 1
        }
        return pieces[piece...].allSatisfy { $0 == .anyRun }
    }

    private static func matches(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
        switch piece {
        case .scalar(let expected): expected == scalar
        case .any: true
        case .anyRun: false
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
        }
    }

    /// Whether a path has anything for a glob in it.
    static func isPattern(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains { "*?[{".unicodeScalars.contains($0) }
    }

    /// `a{b,c{d,e}}` as `ab`, `acd`, `ace`; braces that do not match stand for themselves.
    static func expandingBraces(_ text: String, limit: Int = 4096) -> [String] {
        var results: [String] = []
        var open = [text]
        while let next = open.popLast() {
            if let alternatives = alternatives(next) {
                open += alternatives.reversed()
            } else {
                results.append(next)
            }
            // Groups multiply; nobody needs so many, and neither time nor memory is endless.
            if results.count + open.count > limit { return [text] }
        }
        return results
    }

    /// What the first group of braces stands for; nil: there is none.
    private static func alternatives(_ text: String) -> [String]? {
        let scalars = Array(text.unicodeScalars)
        guard let open = scalars.firstIndex(of: "{") else { return nil }
        var depth = 0
        var cuts: [Int] = [open]
        var close: Int?
        scan: for index in open..<scalars.count {
            switch scalars[index] {
            case "{": depth += 1
            case "}":
                depth -= 1
                if depth == 0 {
                    close = index
                    break scan
                }
            case "," where depth == 1: cuts.append(index)
            default: break
            }
        }
        guard let close else { return nil }
        cuts.append(close)
        func string(_ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[range])
            return String(view)
        }
        let prefix = string(0..<open)
        let suffix = string(close + 1..<scalars.count)
        return zip(cuts, cuts.dropFirst()).map { from, to in
            prefix + string(from + 1..<to) + suffix
        }
    }
}
