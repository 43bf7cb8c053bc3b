/// Numbers as text.
extension TextBuffer {
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(digits: value.magnitude)
    }

    /// At least `width` decimal digits.
    mutating func append(digits value: UInt128, width: Int = 1) {
        let billion2 = 1_000_000_000_000_000_000 as UInt128
        if value < billion2 {
            append(digits: UInt64(value), width: width)
        } else {
            append(digits: value / billion2, width: width - 18)
            append(digits: UInt64(value % billion2), width: 18)
        }
    }

    // MARK: Floating point

    /// How a language lays out the digits of a floating-point number.
    enum FloatLayout {
        /// `1.0E-5`, `0.001`, `1.0E7`: `Double.toString`.
        case java
        /// `1e-05`, `0.0001`, `1e+16`: `repr(float)`.
        case python
    }

    mutating func append(float value: Double, _ layout: FloatLayout) {
        if value.isFinite, value != 0 {
            append(ShortestDecimal(value), isNegative: value < 0, layout)
        } else {
            append(special: value, layout)
        }
    }

    mutating func append(float value: Float) {
        if value.isFinite, value != 0 {
            append(ShortestDecimal(value), isNegative: value < 0, .java)
        } else {
            append(special: Double(value), .java)
        }
    }

    private mutating func append(special value: Double, _ layout: FloatLayout) {
        if value.isNaN {
            append(layout == .java ? "NaN" : "nan")
            return
        }
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        if value == 0 {
            append("0.0")
        } else {
            append(layout == .java ? "Infinity" : "inf")
        }
    }

    private mutating func append(
        _ decimal: ShortestDecimal, isNegative: Bool, _ layout: FloatLayout
    ) {
        if isNegative { append(UInt8(ascii: "-")) }
        let start = count
        append(digits: decimal.digits)
        let length = count - start
        let exponent = decimal.exponent + length - 1
        let plain = layout == .java ? -3...6 : -4...15
        if plain.contains(exponent) {
            if exponent < 0 {
                insert(zeros: -exponent, at: start)
                insert(UInt8(ascii: "."), at: start + 1)
            } else if length > exponent + 1 {
                insert(UInt8(ascii: "."), at: start + exponent + 1)
            } else {
                append(repeating: 0x30, count: exponent + 1 - length)
                append(".0")
            }
            return
        }
        if length > 1 {
            insert(UInt8(ascii: "."), at: start + 1)
        } else if layout == .java {
            append(".0")
        }
        if layout == .java {
            append(UInt8(ascii: "E"))
            append(decimal: Int64(exponent))
        } else {
            append(exponent < 0 ? "e-" : "e+")
            append(digits: UInt64(exponent.magnitude), width: 2)
        }
    }

    // MARK: Decimals

    /// `BigDecimal.toString`, which is also Python's `str(Decimal)`.
    mutating func append(decimal unscaled: Int128, scale: Int) {
        if unscaled < 0 { append(UInt8(ascii: "-")) }
        let start = count
        append(digits: unscaled.magnitude)
        placePoint(from: start, scale: scale)
    }

    /// The same of a number in plain notation, whose scale is its number of decimals.
    mutating func append(plainDecimal text: UnsafeRawBufferPointer) {
        var digits = text[...]
        if digits.first == UInt8(ascii: "-") {
            append(UInt8(ascii: "-"))
            digits = digits.dropFirst()
        }
        let point = digits.firstIndex(of: UInt8(ascii: "."))
        let scale = point.map { digits.endIndex - 1 - $0 } ?? 0
        let start = count
        for byte in digits where byte != UInt8(ascii: ".") {
            if byte == 0x30, count == start { continue }
            append(byte)
        }
        if count == start { append(0x30) }
        placePoint(from: start, scale: scale)
    }

    /// Turns digits, the last of which `scale` follow the point, into `BigDecimal.toString`.
    private mutating func placePoint(from start: Int, scale: Int) {
        let length = count - start
        let exponent = length - 1 - scale
        if scale == 0 { return }
        if exponent >= -6 {
            if exponent < 0 {
                insert(zeros: -exponent, at: start)
            }
            insert(UInt8(ascii: "."), at: count - scale)
            return
        }
        if length > 1 { insert(UInt8(ascii: "."), at: start + 1) }
        append(UInt8(ascii: "E"))
        append(decimal: Int64(exponent))
    }
}
