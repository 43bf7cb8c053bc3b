import Py4J

/// A Swift type that parameters, results and fields of registered types may have.
public protocol GatewayConvertible: SendableMetatype {
    /// The Java type it stands for.
    static var parameterType: ParameterType { get }
    /// - Throws: ``JavaThrowable`` if the value is of another type or does not fit.
    static func fromGateway(_ value: GatewayValue) throws -> Self
    var gatewayValue: GatewayValue { get }
}

/// `java.lang.Object`: any value, as it came.
extension GatewayValue: GatewayConvertible {
    public static var parameterType: ParameterType { .object }
    public static func fromGateway(_ value: GatewayValue) -> GatewayValue { value }
    public var gatewayValue: GatewayValue { self }
}

extension Bool: GatewayConvertible {
    public static var parameterType: ParameterType { .boolean }
    public static func fromGateway(_ value: GatewayValue) throws -> Bool {
        guard case .bool(let bool) = value else {
            throw JavaThrowable.classCast(value, to: "java.lang.Boolean")
        }
        return bool
    }
    public var gatewayValue: GatewayValue { .bool(self) }
}

/// `byte`. As in Py4J an `int` argument keeps its lowest eight bits.
extension Int8: GatewayConvertible {
    public static var parameterType: ParameterType { .byte }
    public static func fromGateway(_ value: GatewayValue) throws -> Int8 {
        Int8(truncatingIfNeeded: try Int32.fromGateway(value))
    }
    public var gatewayValue: GatewayValue { .int32(Int32(self)) }
}

/// `short`. As in Py4J an `int` argument keeps its lowest sixteen bits.
extension Int16: GatewayConvertible {
    public static var parameterType: ParameterType { .short }
    public static func fromGateway(_ value: GatewayValue) throws -> Int16 {
        Int16(truncatingIfNeeded: try Int32.fromGateway(value))
    }
    public var gatewayValue: GatewayValue { .int32(Int32(self)) }
}

/// `int`.
extension Int32: GatewayConvertible {
    public static var parameterType: ParameterType { .int }
    public static func fromGateway(_ value: GatewayValue) throws -> Int32 {
        guard case .int32(let number) = value else {
            throw JavaThrowable.classCast(value, to: "java.lang.Integer")
        }
        return number
    }
    public var gatewayValue: GatewayValue { .int32(self) }
}

/// `long`.
extension Int64: GatewayConvertible {
    public static var parameterType: ParameterType { .long }
    public static func fromGateway(_ value: GatewayValue) throws -> Int64 {
        switch value {
        case .int64(let number): return number
        case .int32(let number): return Int64(number)
        default: throw JavaThrowable.classCast(value, to: "java.lang.Long")
        }
    }
    public var gatewayValue: GatewayValue { .int64(self) }
}

/// `long`.
extension Int: GatewayConvertible {
    public static var parameterType: ParameterType { .long }
    public static func fromGateway(_ value: GatewayValue) throws -> Int {
        Int(try Int64.fromGateway(value))
    }
    public var gatewayValue: GatewayValue { .int64(Int64(self)) }
}

/// `float`.
extension Float: GatewayConvertible {
    public static var parameterType: ParameterType { .float }
    public static func fromGateway(_ value: GatewayValue) throws -> Float {
        switch value {
        case .float(let number): return number
        case .double(let number): return Float(number)
        default: throw JavaThrowable.classCast(value, to: "java.lang.Float")
        }
    }
    public var gatewayValue: GatewayValue { .float(self) }
}

/// `double`.
extension Double: GatewayConvertible {
    public static var parameterType: ParameterType { .double }
    public static func fromGateway(_ value: GatewayValue) throws -> Double {
        switch value {
        case .double(let number): return number
        case .float(let number): return Double(number)
        default: throw JavaThrowable.classCast(value, to: "java.lang.Double")
        }
    }
    public var gatewayValue: GatewayValue { .double(self) }
}

extension String: GatewayConvertible {
    public static var parameterType: ParameterType { .string }
    public static func fromGateway(_ value: GatewayValue) throws -> String {
        guard case .string(let text) = value else {
            throw JavaThrowable.classCast(value, to: "java.lang.String")
        }
        return text
    }
    public var gatewayValue: GatewayValue { .string(self) }
}

/// `char`: one UTF-16 unit. A string argument gives its first.
public struct JavaChar: GatewayConvertible, Hashable, Sendable {
    public var unit: UInt16

    public init(_ unit: UInt16) { self.unit = unit }

    public static var parameterType: ParameterType { .char }
    public static func fromGateway(_ value: GatewayValue) throws -> JavaChar {
        switch value {
        case .char(let unit): return JavaChar(unit)
        case .string(let text):
            guard let unit = text.utf16.first else {
                throw JavaThrowable(
                    "java.lang.StringIndexOutOfBoundsException", "index 0, length 0")
            }
            return JavaChar(unit)
        default: throw JavaThrowable.classCast(value, to: "java.lang.Character")
        }
    }
    public var gatewayValue: GatewayValue { .char(unit) }
}

/// `java.math.BigDecimal`: digits in plain notation.
public struct JavaDecimal: GatewayConvertible, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    /// - Returns: nil if the text is no decimal number.
    public init?(_ text: String) {
        guard let plain = PlainDecimal.normalize(text) else { return nil }
        self.text = plain
    }

    public static var parameterType: ParameterType { .reference("java.math.BigDecimal") }
    public static func fromGateway(_ value: GatewayValue) throws -> JavaDecimal {
        guard case .decimal(let text) = value, let decimal = JavaDecimal(text) else {
            throw JavaThrowable.classCast(value, to: "java.math.BigDecimal")
        }
        return decimal
    }
    public var gatewayValue: GatewayValue { .decimal(text) }
}

/// `byte[]`.
extension [UInt8]: GatewayConvertible {
    public static var parameterType: ParameterType { .bytes }
    public static func fromGateway(_ value: GatewayValue) throws -> [UInt8] {
        guard case .bytes(let content) = value else {
            throw JavaThrowable.classCast(value, to: "[B")
        }
        return content
    }
    public var gatewayValue: GatewayValue { .bytes(self) }
}

/// The boxed type: null is nil.
extension Optional: GatewayConvertible where Wrapped: GatewayConvertible {
    public static var parameterType: ParameterType { Wrapped.parameterType.boxed }
    public static func fromGateway(_ value: GatewayValue) throws -> Wrapped? {
        value.isNull ? nil : try Wrapped.fromGateway(value)
    }
    public var gatewayValue: GatewayValue { self?.gatewayValue ?? .null }
}
