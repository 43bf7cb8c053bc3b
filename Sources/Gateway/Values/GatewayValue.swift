import Py4J

/// A value as Java would hold it: the exact number type matters for choosing an overload and for
/// what Python receives.
public enum GatewayValue: Sendable {
    /// What a method without a result returns.
    case void
    case null
    case bool(Bool)
    /// One UTF-16 unit.
    case char(UInt16)
    case int32(Int32)
    case int64(Int64)
    case float(Float)
    case double(Double)
    /// A `BigDecimal`: digits in plain notation.
    case decimal(String)
    case string(String)
    /// A `byte[]`; Python receives `bytes`, a copy.
    case bytes([UInt8])
    case object(any GatewayObject)
}

extension GatewayValue {
    /// The Python object, if this value is a reference to one.
    public var proxy: PythonProxy? {
        if case .object(let object) = self { object as? PythonProxy } else { nil }
    }

    public var isNull: Bool {
        switch self {
        case .null, .void: true
        default: false
        }
    }

    /// Name of the Java class of the value, `getClass().getName()`; nil for null.
    public var javaClassName: String? {
        switch self {
        case .void, .null: nil
        case .bool: "java.lang.Boolean"
        case .char: "java.lang.Character"
        case .int32: "java.lang.Integer"
        case .int64: "java.lang.Long"
        case .float: "java.lang.Float"
        case .double: "java.lang.Double"
        case .decimal: "java.math.BigDecimal"
        case .string: "java.lang.String"
        case .bytes: "[B"
        case .object(let object): object.gatewayTypeName
        }
    }
}

extension GatewayValue: Hashable {
    /// Java's `equals`: an `Integer` never equals a `Long`.
    public static func == (left: GatewayValue, right: GatewayValue) -> Bool {
        var nesting = Nesting()
        return nesting.equals(left, right)
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .void, .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .char(let value): hasher.combine(value)
        case .int32(let value): hasher.combine(value)
        case .int64(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value.bitPattern)
        case .double(let value): hasher.combine(value.bitPattern)
        case .decimal(let text): hasher.combine(text)
        case .string(let text): hasher.combine(text)
        case .bytes(let content): hasher.combine(content)
        case .object(let object): hasher.combine(object.gatewayHashCode)
        }
    }

    /// Java's `hashCode`; 0 for null.
    public var javaHashCode: Int32 {
        var nesting = Nesting()
        return nesting.hash(self)
    }
}

extension GatewayValue: CustomStringConvertible {
    /// Java's `String.valueOf`.
    public var description: String {
        var nesting = Nesting()
        return nesting.describe(self)
    }
}
