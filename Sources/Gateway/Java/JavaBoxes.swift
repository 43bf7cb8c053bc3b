import Py4J

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The classes of numbers, booleans and characters, and `Math`. Their values travel by value, so
/// only static members and constructors can be called.
enum JavaBoxes {
    static func register(in registry: inout TypeRegistry) {
        registry.register(TypeRegistration<any GatewayObject>("java.lang.Number"))
        registerIntegers(in: &registry)
        registerFloats(in: &registry)
        registerOthers(in: &registry)
        registerMath(in: &registry)
    }

    private static let parents = ["java.lang.Number", "java.lang.Comparable"]

    static func parse<Number: FixedWidthInteger>(
        _ text: String, radix: Int32 = 10, as type: Number.Type = Number.self
    ) throws -> Number {
        guard (2...36).contains(radix), let number = Number(text, radix: Int(radix)) else {
            throw JavaThrowable.numberFormat(text)
        }
        return number
    }

    static func parseDouble(_ text: String) throws -> Double {
        let trimmed = text.drop { $0 == " " }
        var wire = "d" + String(trimmed.reversed().drop { $0 == " " }.reversed())
        let value = wire.withUTF8 { utf8 in try? WireValue.parse(UnsafeRawBufferPointer(utf8)) }
        guard case .double(let number)? = value else { throw JavaThrowable.numberFormat(text) }
        return number
    }

    private static func integers<
        Number: FixedWidthInteger & SignedInteger & GatewayConvertible & Sendable
    >(
        _ name: String, _ parseName: String, _ type: Number.Type
    ) -> TypeRegistration<any GatewayObject> {
        TypeRegistration<any GatewayObject>(name, extends: parents)
            .constructor(Number.self) { $0 }
            .constructor(String.self) { try parse($0, as: Number.self) }
            .staticMethod("valueOf", Number.self) { $0 }
            .staticMethod("valueOf", String.self) { try parse($0, as: Number.self) }
            .staticMethod(parseName, String.self) { try parse($0, as: Number.self) }
            .staticMethod(parseName, String.self, Int32.self) {
                try parse($0, radix: $1, as: Number.self)
            }
            .staticMethod("toString", Number.self) { String($0) }
            .staticMethod("compare", Number.self, Number.self) { a, b in
                Int32(a < b ? -1 : (a == b ? 0 : 1))
            }
            .constant("MIN_VALUE", Number.min)
            .constant("MAX_VALUE", Number.max)
    }

    private static func registerIntegers(in registry: inout TypeRegistry) {
        registry.register(integers("java.lang.Byte", "parseByte", Int8.self))
        registry.register(integers("java.lang.Short", "parseShort", Int16.self))
        registry.register(
            integers("java.lang.Integer", "parseInt", Int32.self)
                .staticMethod("toHexString", Int32.self) {
                    String(UInt32(bitPattern: $0), radix: 16)
                }
                .staticMethod("toBinaryString", Int32.self) {
                    String(UInt32(bitPattern: $0), radix: 2)
                }
                .staticMethod("max", Int32.self, Int32.self) { Swift.max($0, $1) }
                .staticMethod("min", Int32.self, Int32.self) { Swift.min($0, $1) })
        registry.register(
            integers("java.lang.Long", "parseLong", Int64.self)
                .staticMethod("toHexString", Int64.self) {
                    String(UInt64(bitPattern: $0), radix: 16)
                }
                .staticMethod("max", Int64.self, Int64.self) { Swift.max($0, $1) }
                .staticMethod("min", Int64.self, Int64.self) { Swift.min($0, $1) })
    }

    private static func registerFloats(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>("java.lang.Double", extends: parents)
                .constructor(Double.self) { $0 }
                .constructor(String.self) { try parseDouble($0) }
                .staticMethod("valueOf", Double.self) { $0 }
                .staticMethod("valueOf", String.self) { try parseDouble($0) }
                .staticMethod("parseDouble", String.self) { try parseDouble($0) }
                .staticMethod("toString", Double.self) { JavaNumberFormat.string($0) }
                .staticMethod("isNaN", Double.self) { $0.isNaN }
                .staticMethod("isInfinite", Double.self) { $0.isInfinite }
                .staticMethod("compare", Double.self, Double.self) {
                    Int32(try Ordering.compare(.double($0), .double($1)))
                }
                .constant("MAX_VALUE", Double.greatestFiniteMagnitude)
                .constant("MIN_VALUE", Double.leastNonzeroMagnitude)
                .constant("POSITIVE_INFINITY", Double.infinity)
                .constant("NEGATIVE_INFINITY", -Double.infinity)
                .constant("NaN", Double.nan))
        registry.register(
            TypeRegistration<any GatewayObject>("java.lang.Float", extends: parents)
                .constructor(Float.self) { $0 }
                .constructor(String.self) { Float(try parseDouble($0)) }
                .staticMethod("valueOf", Float.self) { $0 }
                .staticMethod("valueOf", String.self) { Float(try parseDouble($0)) }
                .staticMethod("parseFloat", String.self) { Float(try parseDouble($0)) }
                .staticMethod("toString", Float.self) { JavaNumberFormat.string($0) }
                .constant("MAX_VALUE", Float.greatestFiniteMagnitude)
                .constant("MIN_VALUE", Float.leastNonzeroMagnitude))
        registry.register(
            TypeRegistration<any GatewayObject>("java.math.BigDecimal", extends: parents)
                .constructor(JavaDecimal.self) { $0 }
                .constructor(String.self) { try decimal($0) }
                .constructor(Int32.self) { try decimal(String($0)) }
                .constructor(Int64.self) { try decimal(String($0)) }
                .staticMethod("valueOf", Int64.self) { try decimal(String($0)) }
                .staticMethod("valueOf", Double.self) { try decimal(JavaNumberFormat.string($0)) })
    }

    private static func decimal(_ text: String) throws -> JavaDecimal {
        guard let decimal = JavaDecimal(text) else { throw JavaThrowable.numberFormat(text) }
        return decimal
    }

    private static func registerOthers(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>(
                "java.lang.Boolean", extends: ["java.lang.Comparable"]
            )
            .constructor(Bool.self) { $0 }
            .staticMethod("valueOf", Bool.self) { $0 }
            .staticMethod("valueOf", String.self) { $0.lowercased() == "true" }
            .staticMethod("parseBoolean", String.self) { $0.lowercased() == "true" }
            .staticMethod("toString", Bool.self) { $0 ? "true" : "false" }
            .constant("TRUE", true)
            .constant("FALSE", false))
        registry.register(
            TypeRegistration<any GatewayObject>(
                "java.lang.Character", extends: ["java.lang.Comparable"]
            )
            .constructor(JavaChar.self) { $0 }
            .staticMethod("valueOf", JavaChar.self) { $0 }
            .staticMethod("toString", JavaChar.self) { $0.gatewayValue.description })
    }

    private static func registerMath(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>("java.lang.Math")
                // The smallest number has no positive counterpart: as in Java it stays itself.
                .staticMethod("abs", Int32.self) { Int32(truncatingIfNeeded: $0.magnitude) }
                .staticMethod("abs", Int64.self) { Int64(truncatingIfNeeded: $0.magnitude) }
                .staticMethod("abs", Double.self) { $0.magnitude }
                .staticMethod("max", Int32.self, Int32.self) { Swift.max($0, $1) }
                .staticMethod("max", Int64.self, Int64.self) { Swift.max($0, $1) }
                .staticMethod("max", Double.self, Double.self) { Double.maximum($0, $1) }
                .staticMethod("min", Int32.self, Int32.self) { Swift.min($0, $1) }
                .staticMethod("min", Int64.self, Int64.self) { Swift.min($0, $1) }
                .staticMethod("min", Double.self, Double.self) { Double.minimum($0, $1) }
                .staticMethod("pow", Double.self, Double.self) { pow($0, $1) }
                .staticMethod("sqrt", Double.self) { $0.squareRoot() }
                .staticMethod("exp", Double.self) { exp($0) }
                .staticMethod("log", Double.self) { log($0) }
                .staticMethod("sin", Double.self) { sin($0) }
                .staticMethod("cos", Double.self) { cos($0) }
                .staticMethod("floor", Double.self) { $0.rounded(.down) }
                .staticMethod("ceil", Double.self) { $0.rounded(.up) }
                .staticMethod("round", Double.self) { number in
                    // Java clamps instead of failing, and NaN is 0.
                    let rounded = (number + 0.5).rounded(.down)
                    if rounded.isNaN { return Int64(0) }
                    return Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max)
                }
                .staticMethod("random") { Double.random(in: 0..<1) }
                .constant("PI", Double.pi)
                .constant("E", M_E))
    }
}
