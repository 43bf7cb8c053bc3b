/// Text that is not a type, with the place where it stops being one.
public struct TypeSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a sentence without the place.
    public let message: String
    /// Where, in UTF-8 bytes from the start of the text.
    public let position: Int
    /// The text from there on, shortened.
    public let fragment: String

    public var description: String {
        fragment.isEmpty
            ? "\(message), at the end of the type"
            : "\(message), at position \(position): '\(fragment)'"
    }
}

extension DataType {
    /// The deepest nesting of types that `init(parsing:)` accepts.
    public static let maxDepth = 64

    /// Reads a type in the grammar of `docs/types.md`: that of Flink's `LogicalTypeParser` with
    /// its synonyms (`INTEGER`, `DEC`, `CHARACTER VARYING`, `INT ARRAY`, …) and our additions.
    ///
    /// The intervals of Flink that have a narrower resolution (`INTERVAL HOUR TO MINUTE`) become
    /// the full `YEAR TO MONTH` or `DAY TO SECOND` that holds them.
    public init(parsing text: String) throws(TypeSyntaxError) {
        var parser = TypeParser(text)
        self = try parser.wholeType()
    }
}

/// A recursive descent over the bytes of a type's text. Text arrives from other processes, so
/// recursion and the height of the result are both bounded by `DataType.maxDepth`.
private struct TypeParser {
    private let text: [UInt8]
    private var position = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    mutating func wholeType() throws(TypeSyntaxError) -> DataType {
        let type = try type(depth: 0).type
        skipSpace()
        guard position == text.count else { throw error("unexpected text after the type") }
        return type
    }

    /// A type and how deep it nests.
    private typealias Parsed = (type: DataType, height: Int)

    private mutating func type(depth: Int) throws(TypeSyntaxError) -> Parsed {
        skipSpace()
        let start = position
        guard depth < DataType.maxDepth else { throw tooDeep(at: start) }
        let (kind, height) = try kind(depth: depth)
        var parsed: Parsed = (DataType(kind, nullable: try nullability()), height)
        while true {
            if accept(word: "ARRAY") {
                parsed.type = DataType(.array(parsed.type, style: .array))
            } else if accept(word: "MULTISET") {
                parsed.type = DataType(.multiset(parsed.type))
            } else {
                return parsed
            }
            parsed.height += 1
            guard depth + parsed.height <= DataType.maxDepth else { throw tooDeep(at: start) }
            parsed.type.isNullable = try nullability()
        }
    }

    private mutating func nullability() throws(TypeSyntaxError) -> Bool {
        if accept(word: "NOT") {
            try expect(word: "NULL")
            return false
        }
        _ = accept(word: "NULL")
        return true
    }

    private mutating func kind(depth: Int) throws(TypeSyntaxError) -> (DataType.Kind, Int) {
        let start = position
        let name = word()
        if let kind = Self.plainTypes[name] { return (kind, 1) }
        switch name {
        case "ARRAY": return try collection(depth) { .array($0, style: .array) }
        case "LIST": return try collection(depth) { .array($0, style: .list) }
        case "MULTISET": return try collection(depth) { .multiset($0) }
        case "MAP":
            try expect("<")
            let key = try type(depth: depth + 1)
            try expect(",")
            let value = try type(depth: depth + 1)
            try expect(">")
            return (.map(key: key.type, value: value.type), 1 + max(key.height, value.height))
        case "ROW": return try fields(depth, style: .row)
        case "TUPLE": return try fields(depth, style: .tuple)
        case "RAW":
            try expect("(")
            let className = try quoted(by: "'", "a class name in quotes")
            try expect(",")
            let snapshot = try quoted(by: "'", "a serializer snapshot in quotes")
            try expect(")")
            return (.raw(className: className, snapshot: snapshot), 1)
        case "INTERVAL": return (try interval(), 1)
        case "":
            throw error("expected a type")
        default:
            guard let kind = try parametric(name) else {
                throw error("unknown type \(name)", at: start)
            }
            return (kind, 1)
        }
    }

    private static let plainTypes: [String: DataType.Kind] = [
        "BOOLEAN": .boolean, "TINYINT": .tinyInt, "SMALLINT": .smallInt, "INT": .int,
        "INTEGER": .int, "BIGINT": .bigInt, "FLOAT": .float, "BIG_INTEGER": .bigInteger,
        "BIG_DECIMAL": .bigDecimal, "STRING": .varchar(DataType.maxLength),
        "BYTES": .varbinary(DataType.maxLength), "PICKLED": .pickled, "DATE": .date,
        "INSTANT": .instant, "NULL": .null,
    ]

    private mutating func parametric(
        _ name: String
    ) throws(TypeSyntaxError) -> DataType.Kind? {
        switch name {
        case "DOUBLE":
            _ = accept(word: "PRECISION")
            return .double
        case "DECIMAL", "DEC", "NUMERIC":
            guard accept("(") else { return .decimal(precision: 10, scale: 0) }
            let precision = try number(in: 1...38, "the precision of a decimal")
            let scale =
                accept(",") ? try number(in: 0...precision, "the scale of a decimal") : 0
            try expect(")")
            return .decimal(precision: precision, scale: scale)
        case "CHAR", "CHARACTER":
            return accept(word: "VARYING") ? .varchar(try length()) : .char(try length())
        case "VARCHAR": return .varchar(try length())
        case "BINARY":
            return accept(word: "VARYING") ? .varbinary(try length()) : .binary(try length())
        case "VARBINARY": return .varbinary(try length())
        case "TIME":
            let precision = try parameter(in: 0...9, default: 0, "the precision of a time")
            if accept(word: "WITHOUT") { try expect(words: "TIME", "ZONE") }
            return .time(precision: precision)
        case "TIMESTAMP":
            let precision = try parameter(in: 0...9, default: 6, "the precision of a timestamp")
            if accept(word: "WITHOUT") {
                try expect(words: "TIME", "ZONE")
            } else if accept(word: "WITH") {
                try expect(words: "LOCAL", "TIME", "ZONE")
                return .timestampLtz(precision: precision)
            }
            return .timestamp(precision: precision)
        case "TIMESTAMP_LTZ":
            return .timestampLtz(
                precision: try parameter(in: 0...9, default: 6, "the precision of a timestamp"))
        default: return nil
        }
    }

    private mutating func interval() throws(TypeSyntaxError) -> DataType.Kind {
        skipSpace()
        let start = position
        let units = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"]
        guard let first = units.firstIndex(of: word()) else {
            throw error("expected a unit of time after INTERVAL", at: start)
        }
        var year = 2
        var day = 2
        var second = 6
        if first == 0 { year = try parameter(in: 1...4, default: 2, "the precision of years") }
        if first == 2 { day = try parameter(in: 1...6, default: 2, "the precision of days") }
        var last = first
        if accept(word: "TO") {
            skipSpace()
            let start = position
            guard let unit = units.firstIndex(of: word()), unit > first, (unit < 2) == (first < 2)
            else { throw error("expected a smaller unit of time after TO", at: start) }
            last = unit
        }
        if last == 5 { second = try parameter(in: 0...9, default: 6, "the precision of seconds") }
        return first < 2
            ? .yearMonthInterval(precision: year)
            : .dayTimeInterval(dayPrecision: day, secondPrecision: second)
    }

    private mutating func collection(
        _ depth: Int, _ kind: (DataType) -> DataType.Kind
    ) throws(TypeSyntaxError) -> (DataType.Kind, Int) {
        try expect("<")
        let element = try type(depth: depth + 1)
        try expect(">")
        return (kind(element.type), 1 + element.height)
    }

    private mutating func fields(
        _ depth: Int, style: DataType.RowStyle
    ) throws(TypeSyntaxError) -> (DataType.Kind, Int) {
        let close: Unicode.Scalar
        if style == .row, accept("(") {
            close = ")"
        } else {
            try expect("<")
            close = ">"
        }
        var fields: [DataType.Field] = []
        var height = 0
        if accept(close) { return (.row([], style: style), 1) }
        repeat {
            let name = style == .row ? try fieldName() : "f\(fields.count)"
            let type = try type(depth: depth + 1)
            height = max(height, type.height)
            var field = DataType.Field(name, type.type)
            if style == .row, peek == UInt8(ascii: "'") {
                field.comment = try quoted(by: "'", "a comment")
            }
            fields.append(field)
        } while accept(",")
        try expect(close)
        return (.row(fields, style: style), 1 + height)
    }

    private mutating func fieldName() throws(TypeSyntaxError) -> String {
        if peek == UInt8(ascii: "`") { return try quoted(by: "`", "a field name") }
        let start = position
        while position < text.count, !Self.isDelimiter(text[position]) { position += 1 }
        guard position > start else { throw error("expected the name of a field") }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func length() throws(TypeSyntaxError) -> Int {
        try parameter(in: 1...DataType.maxLength, default: 1, "the length")
    }

    /// A number in parentheses, if there is one.
    private mutating func parameter(
        in range: ClosedRange<Int>, default value: Int, _ what: String
    ) throws(TypeSyntaxError) -> Int {
        guard accept("(") else { return value }
        let number = try number(in: range, what)
        try expect(")")
        return number
    }

    private mutating func number(
        in range: ClosedRange<Int>, _ what: String
    ) throws(TypeSyntaxError) -> Int {
        skipSpace()
        let start = position
        var value = 0
        while let byte = peekByte, byte >= 0x30, byte <= 0x39 {
            value = min(value * 10 + Int(byte - 0x30), Int(UInt32.max))
            position += 1
        }
        guard position > start, range.contains(value) else {
            throw error(
                "\(what) must be between \(range.lowerBound) and \(range.upperBound)", at: start)
        }
        return value
    }

    private mutating func quoted(
        by quote: Unicode.Scalar, _ what: String
    ) throws(TypeSyntaxError) -> String {
        let quote = UInt8(ascii: quote)
        skipSpace()
        let start = position
        guard peekByte == quote else { throw error("expected \(what)") }
        position += 1
        var content: [UInt8] = []
        while let byte = peekByte {
            position += 1
            if byte == quote {
                guard peekByte == quote else { return String(decoding: content, as: UTF8.self) }
                position += 1
            }
            content.append(byte)
        }
        throw error("a quote is not closed", at: start)
    }

    // MARK: Scanning

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        isSpace(byte) || "<>(),'`".utf8.contains(byte)
    }

    private var peekByte: UInt8? { position < text.count ? text[position] : nil }

    /// The next byte that is not white space.
    private var peek: UInt8? {
        mutating get {
            skipSpace()
            return peekByte
        }
    }

    private mutating func skipSpace() {
        while position < text.count, Self.isSpace(text[position]) { position += 1 }
    }

    /// The next keyword in upper case; empty if there is none.
    private mutating func word() -> String {
        skipSpace()
        let start = position
        while let byte = peekByte, byte == 0x5F || Self.isAlphanumeric(byte) { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self).uppercased()
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }

    private mutating func accept(word expected: String) -> Bool {
        let start = position
        if word() == expected { return true }
        position = start
        return false
    }

    private mutating func accept(_ symbol: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: Unicode.Scalar) throws(TypeSyntaxError) {
        guard accept(symbol) else { throw error("expected '\(symbol)'") }
    }

    private mutating func expect(word: String) throws(TypeSyntaxError) {
        guard accept(word: word) else { throw error("expected \(word)") }
    }

    private mutating func expect(words: String...) throws(TypeSyntaxError) {
        for word in words { try expect(word: word) }
    }

    private func tooDeep(at position: Int) -> TypeSyntaxError {
        error("types are nested more than \(DataType.maxDepth) deep", at: position)
    }

    private func error(_ message: String, at place: Int? = nil) -> TypeSyntaxError {
        let start = place ?? position
        let end = min(text.count, start + 32)
        return TypeSyntaxError(
            message: message, position: start,
            fragment: String(decoding: text[start..<end], as: UTF8.self)
                + (end < text.count ? "…" : ""))
    }
}
