/// Java's natural order of values.
enum Ordering {
    /// - Throws: `ClassCastException` if the two have no common order.
    static func compare(_ left: GatewayValue, _ right: GatewayValue) throws -> Int {
        switch (left, right) {
        case (.bool(let a), .bool(let b)): return a == b ? 0 : (a ? 1 : -1)
        case (.char(let a), .char(let b)): return order(a, b)
        case (.int32(let a), .int32(let b)): return order(a, b)
        case (.int64(let a), .int64(let b)): return order(a, b)
        case (.float(let a), .float(let b)): return order(Double(a), Double(b))
        case (.double(let a), .double(let b)): return order(a, b)
        case (.string(let a), .string(let b)): return order(a, b)
        case (.decimal(let a), .decimal(let b)): return DecimalMath.compare(a, b)
        case (.object(let a as any GatewayComparable), _): return try a.gatewayCompare(to: right)
        default: break
        }
        if left.isNull || right.isNull { throw JavaThrowable.nullPointer("a comparable value") }
        throw JavaThrowable(
            "java.lang.ClassCastException",
            "class \(left.javaClassName ?? "null") cannot be compared with class "
                + (right.javaClassName ?? "null"))
    }

    static func sorted(_ values: [GatewayValue]) throws -> [GatewayValue] {
        // The standard library's sort is stable, as Java's is.
        try values.sorted { try compare($0, $1) < 0 }
    }

    private static func order<Value: Comparable>(_ a: Value, _ b: Value) -> Int {
        a < b ? -1 : (a == b ? 0 : 1)
    }

    /// As `Double.compare`: NaN is the largest, -0.0 is below 0.0.
    private static func order(_ a: Double, _ b: Double) -> Int {
        if a < b { return -1 }
        if a > b { return 1 }
        if a.isNaN || b.isNaN { return a.isNaN ? (b.isNaN ? 0 : 1) : -1 }
        if a == 0, b == 0 { return order(b.sign.rawValue, a.sign.rawValue) }
        return 0
    }

    /// By UTF-16 units, as `String.compareTo`.
    private static func order(_ a: String, _ b: String) -> Int {
        if a == b { return 0 }
        return a.utf16.lexicographicallyPrecedes(b.utf16) ? -1 : 1
    }
}
