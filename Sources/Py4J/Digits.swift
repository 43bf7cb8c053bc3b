/// Reads numbers straight from the bytes of a line.
enum Digits {
    /// Decimal digits only, at least one; nil if there is anything else or it does not fit.
    @inline(__always)
    static func unsigned(_ bytes: UnsafeRawBufferPointer, from start: Int) -> UInt64? {
        guard start < bytes.count else { return nil }
        var value: UInt64 = 0
        for index in start..<bytes.count {
            // Wraps around below "0", to something larger than 9.
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// An optional sign and digits; nil if malformed or outside of 64 bits.
    @inline(__always)
    static func signed(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int64? {
        guard start < bytes.count else { return nil }
        let negative = bytes[start] == UInt8(ascii: "-")
        let first = negative || bytes[start] == UInt8(ascii: "+") ? start + 1 : start
        guard let magnitude = unsigned(bytes, from: first) else { return nil }
        if negative {
            guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
            // Two's complement: also right for the one magnitude that Int64 cannot hold.
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        return Int64(exactly: magnitude)
    }

    /// What Java's `Double.parseDouble` and Python's `repr` write; nil if malformed.
    static func double(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Double? {
        let text = String(decoding: bytes[start...], as: UTF8.self)
        switch text {
        case "Infinity", "+Infinity", "inf": return .infinity
        case "-Infinity", "-inf": return -.infinity
        case "NaN", "nan": return .nan
        default: break
        }
        // `Double(_:)` also reads hexadecimal and spelled-out forms that the wire does not have.
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                continue
            default: return nil
            }
        }
        return Double(text)
    }
}
