/// Decimal numbers as text, in the form of Java's `BigDecimal.toPlainString()`.
public enum PlainDecimal {
    /// Beyond this many zeros an exponent stays an exponent, so that a short input such as
    /// `1E+999999999` cannot become a long output.
    static let maximumShift = 10_000

    /// - Returns: The number without sign `+`, leading zeros or exponent; nil if `text` is no
    ///   decimal number (`NaN` and infinities are none, as for `BigDecimal`).
    public static func normalize(_ text: String) -> String? {
        var bytes = Array(text.utf8)[...]
        var negative = false
        if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            negative = first == UInt8(ascii: "-")
            bytes.removeFirst()
        }
        var digits: [UInt8] = []
        var fraction = 0
        var seenPoint = false
        var exponent = 0
        scan: while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte)
                if seenPoint { fraction += 1 }
            case UInt8(ascii: "."):
                guard !seenPoint else { return nil }
                seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                let rest = String(decoding: bytes.dropFirst(), as: UTF8.self)
                // Java's exponents are 32 bits wide.
                guard let value = Int32(rest) else { return nil }
                exponent = Int(value)
                break scan
            default: return nil
            }
            bytes.removeFirst()
        }
        guard !digits.isEmpty else { return nil }
        return assemble(digits: digits, scale: fraction - exponent, negative: negative)
    }

    /// Writes `digits` with the point `scale` places from the right.
    private static func assemble(digits: [UInt8], scale: Int, negative: Bool) -> String {
        var digits = digits
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let isZero = significant.isEmpty
        digits = isZero ? [UInt8(ascii: "0")] : Array(significant)
        var result = negative && !isZero ? "-" : ""
        if scale <= 0 {
            let zeros = isZero ? 0 : -scale
            let text = String(decoding: digits, as: UTF8.self)
            guard zeros <= maximumShift else { return result + text + "E+\(zeros)" }
            result += text
            result += String(repeating: "0", count: zeros)
        } else {
            guard scale <= maximumShift + digits.count else {
                return result + String(decoding: digits, as: UTF8.self) + "E-\(scale)"
            }
            let missing = scale + 1 - digits.count
            if missing > 0 { digits.insert(contentsOf: repeatElement(0x30, count: missing), at: 0) }
            let point = digits.count - scale
            result += String(decoding: digits[..<point], as: UTF8.self)
            result += "."
            result += String(decoding: digits[point...], as: UTF8.self)
        }
        return result
    }
}
