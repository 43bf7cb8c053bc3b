/// Sums and comparisons of decimals in plain notation, digit by digit.
public enum DecimalMath {
    private struct Parts {
        var negative: Bool
        var digits: [UInt8]
        var scale: Int

        init(_ text: String) {
            negative = text.hasPrefix("-")
            digits = []
            scale = 0
            var seenPoint = false
            for byte in text.utf8 {
                if byte == UInt8(ascii: ".") {
                    seenPoint = true
                } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                    digits.append(byte - UInt8(ascii: "0"))
                    if seenPoint { scale += 1 }
                }
            }
        }

        mutating func align(scale wanted: Int, length: Int) {
            digits.append(contentsOf: repeatElement(0, count: wanted - scale))
            scale = wanted
            digits.insert(contentsOf: repeatElement(0, count: length - digits.count), at: 0)
        }
    }

    private static func aligned(_ left: String, _ right: String) -> (Parts, Parts) {
        var a = Parts(left)
        var b = Parts(right)
        let scale = max(a.scale, b.scale)
        let length =
            1
            + max(
                a.digits.count + scale - a.scale, b.digits.count + scale - b.scale)
        a.align(scale: scale, length: length)
        b.align(scale: scale, length: length)
        return (a, b)
    }

    public static func compare(_ left: String, _ right: String) -> Int {
        let (a, b) = aligned(left, right)
        let isZero = { (parts: Parts) in parts.digits.allSatisfy { $0 == 0 } }
        if isZero(a), isZero(b) { return 0 }
        if a.negative != b.negative { return a.negative ? -1 : 1 }
        if a.digits == b.digits { return 0 }
        let smaller = a.digits.lexicographicallyPrecedes(b.digits)
        return smaller != a.negative ? -1 : 1
    }

    /// The exact sum; its scale is the larger of the two, as in `BigDecimal.add`.
    public static func add(_ left: String, _ right: String) -> String {
        var (a, b) = aligned(left, right)
        if a.negative == b.negative {
            var carry: UInt8 = 0
            for index in a.digits.indices.reversed() {
                let sum = a.digits[index] + b.digits[index] + carry
                a.digits[index] = sum % 10
                carry = sum / 10
            }
        } else {
            if a.digits.lexicographicallyPrecedes(b.digits) { swap(&a, &b) }
            var borrow: Int8 = 0
            for index in a.digits.indices.reversed() {
                var difference = Int8(a.digits[index]) - Int8(b.digits[index]) - borrow
                borrow = difference < 0 ? 1 : 0
                if difference < 0 { difference += 10 }
                a.digits[index] = UInt8(difference)
            }
        }
        let text = String(decoding: a.digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        let point = text.index(text.endIndex, offsetBy: -a.scale)
        let plain =
            a.scale > 0 ? "\(text[..<point]).\(text[point...])" : text
        return JavaDecimal((a.negative ? "-" : "") + plain)?.text ?? plain
    }
}
