/// How the values of a type lie in memory: the one table that every operation over columns of
/// any type (building, gathering, the wire, Arrow) dispatches on, once for each column.
public enum Layout: Hashable, Sendable {
    /// `NULL`: no buffers at all.
    case none
    /// A bit for each value.
    case bits
    /// `width` bytes for each value: 1, 2, 4, 8 or 16.
    case fixed(width: Int)
    /// `count + 1` offsets, and the bytes that they point into.
    case variable(Content)
    /// `count + 1` offsets, and one child (two for maps and multisets) that they point into.
    case list
    /// A child for each field, as long as the column itself.
    case fields

    /// What the bytes of a variable-length value must be.
    public enum Content: Hashable, Sendable {
        case bytes
        case utf8
        /// Decimal digits after an optional `-`.
        case integer
        /// Plain notation: an integer, optionally followed by `.` and digits.
        case decimal
    }

    /// The column's own buffers besides its validity.
    public var bufferCount: Int {
        switch self {
        case .none, .fields: 0
        case .bits, .fixed, .list: 1
        case .variable: 2
        }
    }
}

extension DataType {
    /// How values of this type lie in memory.
    public var layout: Layout {
        switch kind {
        case .null: .none
        case .boolean: .bits
        case .tinyInt: .fixed(width: 1)
        case .smallInt: .fixed(width: 2)
        case .int, .float, .date, .time, .yearMonthInterval: .fixed(width: 4)
        case .bigInt, .double, .timestamp, .timestampLtz, .dayTimeInterval: .fixed(width: 8)
        case .decimal, .instant: .fixed(width: 16)
        case .bigInteger: .variable(.integer)
        case .bigDecimal: .variable(.decimal)
        case .char, .varchar: .variable(.utf8)
        case .binary, .varbinary, .pickled, .raw: .variable(.bytes)
        case .array, .map, .multiset: .list
        case .row: .fields
        }
    }

    /// The types of a column's children, in order.
    public var childTypes: [DataType] {
        switch kind {
        case .array(let element, _): [element]
        case .map(let key, let value): [key, value]
        case .multiset(let element): [element, DataType.int.notNull()]
        case .row(let fields, _): fields.map(\.type)
        default: []
        }
    }

    /// The number of buffers that a column of this type and its children have on the wire.
    public var wireBufferCount: Int {
        let layout = layout
        if layout == .none { return 0 }
        return 1 + layout.bufferCount + childTypes.reduce(0) { $0 + $1.wireBufferCount }
    }
}
