/// The part of MessagePack that the worker channel uses: no extensions, no 32-bit floats written.
///
/// Maps keep their order; keys are text, as in all messages of the channel.
public enum MessagePack: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case binary([UInt8])
    case array([MessagePack])
    case map([(key: String, value: MessagePack)])

    /// The value of a map's key; nil where it is missing or this is no map.
    public subscript(key: String) -> MessagePack? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var binary: [UInt8]? {
        if case .binary(let bytes) = self { bytes } else { nil }
    }

    /// The number, whichever kind it is.
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    public static func == (left: MessagePack, right: MessagePack) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.string(let a), .string(let b)): a == b
        case (.binary(let a), .binary(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.map(let a), .map(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.bitPattern)
        case .string(let text): hasher.combine(text)
        case .binary(let bytes): hasher.combine(bytes)
        case .array(let values): hasher.combine(values)
        case .map(let entries):
            for entry in entries {
                hasher.combine(entry.key)
                hasher.combine(entry.value)
            }
        }
    }
}

extension MessagePack: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Text, or nil for none.
    public init(_ text: String?) { self = text.map(MessagePack.string) ?? .null }
    public init(_ number: Int) { self = .int(Int64(number)) }
    public init(_ texts: [String]) { self = .array(texts.map(MessagePack.string)) }
}
