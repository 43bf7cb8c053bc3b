/// Floating-point numbers as Java prints them: shortest digits that read back as the same number,
/// plain between 10⁻³ and 10⁷ and as `d.dddE±n` outside.
public enum JavaNumberFormat {
    public static func string(_ value: Double) -> String {
        string(
            sign: value.sign, isNaN: value.isNaN, isInfinite: value.isInfinite,
            shortest: value.magnitude.description)
    }

    public static func string(_ value: Float) -> String {
        string(
            sign: value.sign, isNaN: value.isNaN, isInfinite: value.isInfinite,
            shortest: value.magnitude.description)
    }

    private static func string(
        sign: FloatingPointSign, isNaN: Bool, isInfinite: Bool, shortest: String
    ) -> String {
        if isNaN { return "NaN" }
        let prefix = sign == .minus ? "-" : ""
        if isInfinite { return prefix + "Infinity" }
        let (digits, exponent) = decompose(shortest)
        if digits.isEmpty { return prefix + "0.0" }
        // The value is 0.digits × 10^exponent.
        if exponent >= -2, exponent <= 7 {
            return prefix + plain(digits, exponent)
        }
        let fraction = digits.dropFirst()
        let tail = fraction.isEmpty ? "0" : String(decoding: fraction, as: UTF8.self)
        return prefix + String(decoding: digits.prefix(1), as: UTF8.self) + "." + tail
            + "E\(exponent - 1)"
    }

    private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
        if exponent <= 0 {
            return "0." + String(repeating: "0", count: -exponent)
                + String(decoding: digits, as: UTF8.self)
        }
        if digits.count <= exponent {
            return String(decoding: digits, as: UTF8.self)
                + String(repeating: "0", count: exponent - digits.count) + ".0"
        }
        return String(decoding: digits[..<exponent], as: UTF8.self) + "."
            + String(decoding: digits[exponent...], as: UTF8.self)
    }

    /// Splits Swift's shortest description into digits (no zeros at either end) and the exponent
    /// of the point in front of them.
    private static func decompose(_ text: String) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: bytes, as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var position = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        position -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, position)
    }
}
