import CArrow

extension DataType {
    /// The type of the columns that `Column.importArrow` makes for this schema, which stays its
    /// owner's.
    public init(arrow schema: UnsafePointer<ArrowSchema>) throws(ArrowError) {
        self = try ArrowField(schema, depth: 0).type
    }
}

/// What an Arrow schema says, in our terms: the type that comes out, and how it gets there.
struct ArrowField {
    let type: DataType
    let name: String
    let conversion: Conversion
    let children: [ArrowField]
    /// The values of a dictionary; `conversion` then tells what its indices are.
    let dictionary: [ArrowField]

    /// The way from Arrow's buffers to ours.
    enum Conversion: Hashable {
        /// The buffers are ours already.
        case none
        /// 64-bit offsets.
        case wideOffsets
        /// `size` bytes for each value without offsets.
        case fixedBytes(Int)
        /// `size` elements for each value without offsets.
        case fixedList(Int)
        /// Integers of another width or sign, times a factor, divided by a divisor.
        case integers(width: Int, isSigned: Bool, times: Int64, over: Int64)
        /// Days and milliseconds as two 32-bit integers.
        case dayTime
        /// A child of pairs, which become two children.
        case entries
    }

    init(_ schema: UnsafePointer<ArrowSchema>, depth: Int) throws(ArrowError) {
        guard depth < DataType.maxDepth else {
            throw ArrowError(message: "an Arrow type nested more than \(DataType.maxDepth) deep")
        }
        guard schema.pointee.release != nil, let format = schema.pointee.format else {
            throw ArrowError(message: "an Arrow schema that has been released")
        }
        var children: [ArrowField] = []
        for index in 0..<Int(max(schema.pointee.n_children, 0)) {
            guard let child = schema.pointee.children?[index] else {
                throw ArrowError(message: "an Arrow schema without its child \(index)")
            }
            children.append(try ArrowField(child, depth: depth + 1))
        }
        name = schema.pointee.name.map { String(cString: $0) } ?? ""
        self.children = children
        let text = String(cString: format)
        var (kind, conversion) = try Self.kind(text, children)
        if let dictionary = schema.pointee.dictionary {
            let values = try ArrowField(dictionary, depth: depth + 1)
            self.dictionary = [values]
            switch (conversion, DataType(kind).layout) {
            case (.integers, _): break
            case (.none, .fixed(let width)) where width <= 8:
                conversion = .integers(width: width, isSigned: true, times: 1, over: 1)
            default: throw ArrowError(message: "an Arrow dictionary with indices of '\(text)'")
            }
            kind = values.type.kind
        } else {
            dictionary = []
        }
        let isNullable = schema.pointee.flags & Int64(ARROW_FLAG_NULLABLE) != 0
        var type = DataType(kind, nullable: isNullable)
        if let declared = Self.declared(schema) {
            if declared.kind == .instant, conversion == .fixedBytes(16) { conversion = .none }
            if conversion == .none && declared.kind == .instant || Self.agree(declared, type) {
                type = DataType(declared.kind, nullable: isNullable)
            }
        }
        self.type = type
        self.conversion = conversion
    }

    /// Our own type, if the schema names one of our extensions.
    private static func declared(_ schema: UnsafePointer<ArrowSchema>) -> DataType? {
        let metadata = schema.pointee.metadata
        guard let name = ArrowFormat.value(of: ArrowFormat.extensionName, in: metadata),
            name.hasPrefix(ArrowFormat.extensionPrefix),
            let text = ArrowFormat.value(of: ArrowFormat.extensionMetadata, in: metadata)
        else { return nil }
        return try? DataType(parsing: text)
    }

    /// Whether a column of one type may be seen as one of the other.
    private static func agree(_ a: DataType, _ b: DataType) -> Bool {
        func content(_ layout: Layout) -> Layout {
            if case .variable = layout { .variable(.bytes) } else { layout }
        }
        return content(a.layout) == content(b.layout) && a.childTypes.count == b.childTypes.count
            && zip(a.childTypes, b.childTypes).allSatisfy { agree($0, $1) }
    }

    private static func kind(
        _ format: String, _ children: [ArrowField]
    ) throws(ArrowError) -> (DataType.Kind, Conversion) {
        if let plain = plainFormats[format] { return plain }
        func unsupported() -> ArrowError {
            ArrowError(message: "Arrow's format '\(format)' is not supported")
        }
        func child() throws(ArrowError) -> ArrowField {
            guard children.count == 1 else {
                throw ArrowError(message: "'\(format)' with \(children.count) children")
            }
            return children[0]
        }
        switch format {
        case "+l": return (.array(try child().type, style: .array), .none)
        case "+L": return (.array(try child().type, style: .array), .wideOffsets)
        case "+s":
            return (.row(children.map { .init($0.name, $0.type) }, style: .row), .none)
        case "+m":
            let entries = try child()
            guard entries.children.count == 2, entries.type.layout == .fields else {
                throw ArrowError(message: "an Arrow map without pairs")
            }
            return (
                .map(key: entries.children[0].type, value: entries.children[1].type), .entries
            )
        default: break
        }
        let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.count == 2 ? parts[1].split(separator: ",").map { Int($0) } : []
        switch (String(parts[0]), numbers.count) {
        case ("w", 1):
            guard let size = numbers[0], size >= 0, size <= 1 << 20 else { throw unsupported() }
            return (.binary(max(size, 1)), .fixedBytes(size))
        case ("+w", 1):
            guard let size = numbers[0], size >= 0, size <= 1 << 20 else { throw unsupported() }
            return (.array(try child().type, style: .array), .fixedList(size))
        case ("d", 2), ("d", 3):
            guard let precision = numbers[0], let scale = numbers[1], 1...38 ~= precision,
                0...precision ~= scale
            else { throw unsupported() }
            let kind = DataType.Kind.decimal(precision: precision, scale: scale)
            switch numbers.count == 3 ? numbers[2] : 128 {
            case 128: return (kind, .none)
            case 64: return (kind, .integers(width: 8, isSigned: true, times: 1, over: 1))
            case 32: return (kind, .integers(width: 4, isSigned: true, times: 1, over: 1))
            default: throw unsupported()
            }
        case ("tss", _), ("tsm", _), ("tsu", _), ("tsn", _):
            let precision = ["tss": 0, "tsm": 3, "tsu": 6, "tsn": 9][String(parts[0])]!
            let hasZone = parts.count == 2 && !parts[1].isEmpty
            let conversion: Conversion =
                precision == 0 ? .integers(width: 8, isSigned: true, times: 1000, over: 1) : .none
            return (
                hasZone ? .timestampLtz(precision: precision) : .timestamp(precision: precision),
                conversion
            )
        default: throw unsupported()
        }
    }

    private static func integers(
        _ width: Int, signed: Bool = true, times: Int64 = 1, over: Int64 = 1
    ) -> Conversion {
        .integers(width: width, isSigned: signed, times: times, over: over)
    }

    private static let plainFormats: [String: (DataType.Kind, Conversion)] = [
        "n": (.null, .none), "b": (.boolean, .none), "c": (.tinyInt, .none),
        "s": (.smallInt, .none), "i": (.int, .none), "l": (.bigInt, .none),
        "C": (.smallInt, integers(1, signed: false)), "S": (.int, integers(2, signed: false)),
        "I": (.bigInt, integers(4, signed: false)),
        "L": (.decimal(precision: 20, scale: 0), integers(8, signed: false)),
        "f": (.float, .none), "g": (.double, .none),
        "u": (DataType.string.kind, .none), "U": (DataType.string.kind, .wideOffsets),
        "z": (DataType.bytes.kind, .none), "Z": (DataType.bytes.kind, .wideOffsets),
        "tdD": (.date, .none), "tdm": (.date, integers(8, over: 86_400_000)),
        "tts": (.time(precision: 0), integers(4, times: 1000)), "ttm": (.time(precision: 3), .none),
        "ttu": (.time(precision: 6), integers(8, over: 1000)),
        "ttn": (.time(precision: 9), integers(8, over: 1_000_000)),
        "tiM": (.yearMonthInterval(precision: 2), .none), "tiD": (interval, .dayTime),
        "tDs": (interval, integers(8, times: 1000)), "tDm": (interval, .none),
        "tDu": (interval, integers(8, over: 1000)), "tDn": (interval, integers(8, over: 1_000_000)),
    ]

    private static let interval = DataType.Kind.dayTimeInterval(
        dayPrecision: 2, secondPrecision: 6)
}
