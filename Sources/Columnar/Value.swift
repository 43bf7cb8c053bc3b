/// One value on its own: for literals, messages and tests. Rows that flow stay in columns.
public indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// All integers of up to 64 bits, dates, times, timestamps and intervals.
    case integer(Int64)
    case float(Float)
    case double(Double)
    /// Unscaled decimals, and the nanoseconds of instants.
    case wide(Int128)
    /// Strings, and the digits of big integers and decimals.
    case string(String)
    case bytes([UInt8])
    case list([Value])
    /// Maps and multisets, in the order of the column.
    case map([Entry])
    case row([Value])

    public struct Entry: Hashable, Sendable {
        public var key: Value
        public var value: Value

        public init(_ key: Value, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// The value as plain Swift: nil, `Bool`, `Int64`, `Float`, `Double`, `Int128`, `String`,
    /// `[UInt8]`, `[Any?]` (lists and rows) or `[(Any?, Any?)]` (maps).
    public var plain: Any? {
        switch self {
        case .null: nil
        case .boolean(let value): value
        case .integer(let value): value
        case .float(let value): value
        case .double(let value): value
        case .wide(let value): value
        case .string(let value): value
        case .bytes(let value): value
        case .list(let values), .row(let values): values.map(\.plain)
        case .map(let entries): entries.map { ($0.key.plain, $0.value.plain) }
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
}

extension Column {
    /// A value, copied out of the column.
    public func value(at index: Int) -> Value {
        precondition(index >= 0 && index < count)
        if !isValid(index) { return .null }
        switch type.layout {
        case .none: return .null
        case .bits: return .boolean(bit(index))
        case .fixed(1): return .integer(Int64(values(as: Int8.self)[index]))
        case .fixed(2): return .integer(Int64(values(as: Int16.self)[index]))
        case .fixed(4):
            if type.kind == .float { return .float(values(as: Float.self)[index]) }
            return .integer(Int64(values(as: Int32.self)[index]))
        case .fixed(8):
            if type.kind == .double { return .double(values(as: Double.self)[index]) }
            return .integer(values(as: Int64.self)[index])
        case .fixed: return .wide(values(as: Int128.self)[index])
        case .variable(.bytes): return .bytes(Array(bytes(index)))
        case .variable: return .string(String(decoding: bytes(index), as: UTF8.self))
        case .list where children.count == 2:
            return .map(
                elements(index).map {
                    Value.Entry(children[0].value(at: $0), children[1].value(at: $0))
                })
        case .list: return .list(elements(index).map { children[0].value(at: $0) })
        case .fields: return .row(children.map { $0.value(at: offset + index) })
        }
    }

    /// All values, copied out of the column.
    public var allValues: [Value] { (0..<count).map { value(at: $0) } }

    /// A column of the given values.
    public init(_ values: [Value], type: DataType) {
        let builder = ColumnBuilder(type, capacity: values.count)
        for value in values { builder.append(value) }
        self = builder.finish()
    }
}

extension ColumnBuilder {
    /// Appends a value of the column's type; anything else is a programming error.
    public func append(_ value: Value) {
        switch (value, layout) {
        case (.null, _): appendNull()
        case (.boolean(let value), .bits): append(value)
        case (.integer(let value), .fixed(1)): append(Int8(value))
        case (.integer(let value), .fixed(2)): append(Int16(value))
        case (.integer(let value), .fixed(4)) where type.kind == .float: append(Float(value))
        case (.integer(let value), .fixed(4)): append(Int32(value))
        case (.integer(let value), .fixed(8)) where type.kind == .double: append(Double(value))
        case (.integer(let value), .fixed(8)): append(value)
        case (.integer(let value), .fixed(16)): append(Int128(value))
        case (.wide(let value), .fixed(16)): append(value)
        case (.float(let value), .fixed(4)): append(value)
        case (.double(let value), .fixed(8)): append(value)
        case (.double(let value), .fixed(4)): append(Float(value))
        case (.string(let value), .variable): append(value)
        case (.bytes(let value), .variable): append(bytes: value)
        case (.list(let values), .list):
            for value in values { children[0].append(value) }
            appendList()
        case (.map(let entries), .list):
            for entry in entries {
                children[0].append(entry.key)
                children[1].append(entry.value)
            }
            appendList()
        case (.row(let values), .fields), (.list(let values), .fields):
            precondition(values.count == children.count, "a row of \(values.count) fields")
            for (value, child) in zip(values, children) { child.append(value) }
            appendRow()
        default: preconditionFailure("\(value) is not a value of \(type)")
        }
    }
}
