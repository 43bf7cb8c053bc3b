import Py4J

/// Follows nested values without trusting them to be shallow, small or free of cycles: a list may
/// contain itself, or the same list twice at every of a hundred levels, and neither may overflow a
/// stack or keep a thread busy for good.
struct Nesting {
    /// Beyond this depth, or after this many collections or elements, text is cut, hashes stop
    /// telling values apart and equality is identity.
    static let maximumDepth = 128
    private var collections = 1 << 18
    private var elements = 1 << 22
    private var depth = 0

    /// - Returns: nil when the walk has gone deep or far enough.
    private mutating func enter<Result>(
        _ body: (inout Nesting) -> Result
    ) -> Result? {
        guard depth < Self.maximumDepth, collections > 0, elements > 0 else { return nil }
        depth += 1
        collections -= 1
        defer { depth -= 1 }
        return body(&self)
    }

    /// Counts one element.
    /// - Returns: Whether to go on.
    mutating func spend() -> Bool {
        elements -= 1
        return elements > 0
    }

    mutating func describe(_ value: GatewayValue) -> String {
        switch value {
        case .void, .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .char(let unit): return String(decoding: [unit], as: UTF16.self)
        case .int32(let value): return String(value)
        case .int64(let value): return String(value)
        case .float(let value): return JavaNumberFormat.string(value)
        case .double(let value): return JavaNumberFormat.string(value)
        case .decimal(let text), .string(let text): return text
        case .bytes(let content):
            return "[B@" + String(UInt32(truncatingIfNeeded: content.count), radix: 16)
        case .object(let object):
            guard let nested = object as? NestedObject else { return object.gatewayDescription }
            return enter { nested.describe(&$0) } ?? "..."
        }
    }

    mutating func hash(_ value: GatewayValue) -> Int32 {
        switch value {
        case .void, .null: return 0
        case .bool(let value): return value ? 1231 : 1237
        case .char(let unit): return Int32(unit)
        case .int32(let value): return value
        case .int64(let value): return Self.fold(UInt64(bitPattern: value))
        case .float(let value): return Int32(bitPattern: value.bitPattern)
        case .double(let value): return Self.fold(value.bitPattern)
        case .decimal(let text), .string(let text): return Self.hash(text)
        case .bytes(let content):
            return content.reduce(1) { $0 &* 31 &+ Int32(Int8(bitPattern: $1)) }
        case .object(let object):
            guard let nested = object as? NestedObject else { return object.gatewayHashCode }
            return enter { nested.hash(&$0) } ?? 0
        }
    }

    /// Java's `String.hashCode`, which wraps around by definition.
    static func hash(_ text: String) -> Int32 {
        text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) }
    }

    mutating func equals(_ left: GatewayValue, _ right: GatewayValue) -> Bool {
        switch (left, right) {
        case (.null, .null), (.void, .void), (.null, .void), (.void, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.char(let a), .char(let b)): return a == b
        case (.int32(let a), .int32(let b)): return a == b
        case (.int64(let a), .int64(let b)): return a == b
        // By bits, as Java's boxes: NaN equals itself, 0.0 is not -0.0.
        case (.float(let a), .float(let b)): return a.bitPattern == b.bitPattern
        case (.double(let a), .double(let b)): return a.bitPattern == b.bitPattern
        case (.decimal(let a), .decimal(let b)): return a == b
        case (.string(let a), .string(let b)): return a == b
        case (.bytes(let a), .bytes(let b)): return a == b
        case (.object(let a), .object(let b)):
            if a === b { return true }
            guard a is NestedObject else { return a.gatewayEquals(right) }
            return freeze(left) == freeze(right)
        default: return false
        }
    }

    /// A copy to compare and hash by content, which nobody can change behind one's back.
    mutating func freeze(_ value: GatewayValue) -> FrozenValue {
        guard case .object(let object) = value, let nested = object as? NestedObject else {
            return .plain(value)
        }
        return enter { nested.freeze(&$0) } ?? .identity(ObjectIdentifier(object))
    }

    private static func fold(_ bits: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: bits ^ (bits >> 32))
    }
}

/// The content of a value at one moment. Keys of maps are looked up by it, because comparing live
/// collections inside a map's lock could come back to the same lock.
indirect enum FrozenValue: Hashable, Sendable {
    case plain(GatewayValue)
    case list([FrozenValue])
    case set(Set<FrozenValue>)
    case map([FrozenValue: FrozenValue])
    case identity(ObjectIdentifier)
}

/// The class of everything that contains values: collections, maps, arrays.
public class NestedObject: GatewayObject, @unchecked Sendable {
    // Sound: this class has no state, and each subclass guards its own with a mutex.

    /// No collection gets more elements than this, so that a few calls that double a list cannot
    /// take all memory.
    static let maximumCount = 1 << 26

    static func checkCount(_ count: Int) throws {
        guard count <= maximumCount else {
            throw JavaThrowable(
                "java.lang.OutOfMemoryError",
                "The gateway keeps no more than \(maximumCount) elements")
        }
    }

    public class var gatewayName: String { "java.lang.Object" }
    public var gatewayTypeName: String { Self.gatewayName }
    public class var parameterType: ParameterType { .reference(gatewayName) }

    init() {}

    func describe(_ nesting: inout Nesting) -> String { gatewayTypeName }
    func hash(_ nesting: inout Nesting) -> Int32 { 0 }
    func freeze(_ nesting: inout Nesting) -> FrozenValue { .identity(ObjectIdentifier(self)) }
    /// Takes the elements out, when the object is about to go.
    func takeElements() -> [GatewayValue] { [] }

    public final var gatewayDescription: String {
        var nesting = Nesting()
        return nesting.describe(.object(self))
    }

    public final var gatewayHashCode: Int32 {
        var nesting = Nesting()
        return nesting.hash(.object(self))
    }

    public final func gatewayEquals(_ other: GatewayValue) -> Bool {
        var nesting = Nesting()
        return nesting.equals(.object(self), other)
    }
}
