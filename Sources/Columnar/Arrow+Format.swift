/// Data from another Arrow implementation that has no place in our types.
public struct ArrowError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}

/// The names under which the Arrow C data interface knows our types.
///
/// Where Arrow has no such type, the nearest one stands in, with an extension name
/// (`martlet.instant`, …) and, as the extension's metadata, the text of the type. Readers that do
/// not know the extension see the plain type; we see our own again.
enum ArrowFormat {
    static let extensionName = "ARROW:extension:name"
    static let extensionMetadata = "ARROW:extension:metadata"
    static let extensionPrefix = "martlet."

    static func format(_ kind: DataType.Kind) -> String {
        switch kind {
        case .null: "n"
        case .boolean: "b"
        case .tinyInt: "c"
        case .smallInt: "s"
        case .int: "i"
        case .bigInt: "l"
        case .float: "f"
        case .double: "g"
        case .decimal(let precision, let scale): "d:\(precision),\(scale)"
        case .bigInteger, .bigDecimal, .char, .varchar: "u"
        case .binary, .varbinary, .pickled, .raw: "z"
        case .date: "tdD"
        case .time: "ttm"
        case .timestamp(let precision): "ts\(unit(precision)):"
        case .timestampLtz(let precision): "ts\(unit(precision)):UTC"
        case .instant: "w:16"
        case .yearMonthInterval: "tiM"
        case .dayTimeInterval: "tDm"
        case .array: "+l"
        case .map, .multiset: "+m"
        case .row: "+s"
        }
    }

    private static func unit(_ precision: Int) -> String {
        switch TimestampUnit(precision: precision) {
        case .millisecond: "m"
        case .microsecond: "u"
        case .nanosecond: "n"
        }
    }

    /// The extension that keeps what `format` loses; nil where it loses nothing that matters.
    static func extensionSuffix(_ kind: DataType.Kind) -> String? {
        switch kind {
        case .bigInteger: "big_integer"
        case .bigDecimal: "big_decimal"
        case .pickled: "pickled"
        case .raw: "raw"
        case .instant: "instant"
        case .array(_, .list): "list"
        case .multiset: "multiset"
        case .row(_, .tuple): "tuple"
        default: nil
        }
    }

    /// The schema's metadata: the number of pairs, then each key and value after its length.
    static func metadata(_ pairs: [(key: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: Int) {
            withUnsafeBytes(of: Int32(number)) { bytes.append(contentsOf: $0) }
        }
        append(pairs.count)
        for text in pairs.flatMap({ [$0.key, $0.value] }) {
            append(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        }
        return bytes
    }

    /// The value of a key in a schema's metadata.
    static func value(of key: String, in metadata: UnsafePointer<CChar>?) -> String? {
        guard let metadata else { return nil }
        var position = UnsafeRawPointer(metadata)
        func number() -> Int {
            defer { position += 4 }
            return Int(position.loadUnaligned(as: Int32.self))
        }
        func text() -> String {
            let count = max(number(), 0)
            defer { position += count }
            return String(
                decoding: UnsafeRawBufferPointer(start: position, count: count), as: UTF8.self)
        }
        for _ in 0..<max(number(), 0) {
            let found = text()
            let value = text()
            if found == key { return value }
        }
        return nil
    }
}
