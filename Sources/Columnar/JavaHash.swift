/// `hashCode` of Java's own classes. All arithmetic wraps around, as Java's int does.
enum JavaHash {
    /// `Long.hashCode`, and `java.util.Date.hashCode` of milliseconds.
    @inline(__always)
    static func long(_ value: Int64) -> Int32 {
        Int32(truncatingIfNeeded: value ^ value >> 32)
    }

    /// `Instant.hashCode` and `Duration.hashCode`.
    @inline(__always)
    static func instant(seconds: Int64, nanoseconds: Int64) -> Int32 {
        long(seconds) &+ 51 &* Int32(truncatingIfNeeded: nanoseconds)
    }

    /// `Arrays.hashCode(byte[])`.
    static func bytes(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        var code: Int32 = 1
        for byte in bytes { code = 31 &* code &+ Int32(Int8(bitPattern: byte)) }
        return code
    }

    /// `String.hashCode`: over UTF-16 code units. The bytes are valid UTF-8.
    static func string(_ utf8: UnsafeRawBufferPointer) -> Int32 {
        var code: Int32 = 0
        var index = 0
        let count = utf8.count
        guard let base = utf8.baseAddress else { return 0 }
        while count &- index >= 8 {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            // Four at once shorten the chain of multiplications.
            code = code &* 923_521 &+ four(base + index)
            code = code &* 923_521 &+ four(base + (index &+ 4))
            index &+= 8
        }
        while index < count {
            let lead = Int32(utf8[index])
            if lead < 0x80 {
                code = 31 &* code &+ lead
                index &+= 1
                continue
            }
            func rest(_ step: Int) -> Int32 { Int32(utf8[index &+ step] & 0x3F) }
            if lead < 0xE0 {
                code = 31 &* code &+ ((lead & 0x1F) << 6 | rest(1))
                index &+= 2
            } else if lead < 0xF0 {
                code = 31 &* code &+ ((lead & 0x0F) << 12 | rest(1) << 6 | rest(2))
                index &+= 3
            } else {
                let scalar = (lead & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3)
                code = 31 &* code &+ (0xD7C0 &+ scalar >> 10)
                code = 31 &* code &+ (0xDC00 | scalar & 0x3FF)
                index &+= 4
            }
        }
        return code
    }

    @inline(__always)
    private static func four(_ ascii: UnsafeRawPointer) -> Int32 {
        func unit(_ index: Int) -> Int32 {
            Int32(ascii.load(fromByteOffset: index, as: UInt8.self))
        }
        return (unit(0) &* 29791 &+ unit(1) &* 961) &+ (unit(2) &* 31 &+ unit(3))
    }

    /// `BigDecimal.hashCode` of an unscaled value.
    static func decimal(_ unscaled: Int128, scale: Int) -> Int32 {
        let magnitude = unscaled.magnitude
        var code: Int32 = 0
        // A leading word of 0 adds nothing.
        for shift in [96, 64, 32, 0] {
            code = 31 &* code &+ Int32(truncatingIfNeeded: magnitude >> UInt128(shift))
        }
        return 31 &* (unscaled < 0 ? 0 &- code : code) &+ Int32(truncatingIfNeeded: scale)
    }

    /// `BigInteger.hashCode` of decimal digits.
    static func bigInteger(_ digits: UnsafeRawBufferPointer) -> Int32 {
        // The magnitude in words, the lowest first: nine digits at a time.
        var words: [UInt32] = []
        var chunk: UInt32 = 0
        var factor: UInt32 = 1
        func push() {
            var carry = UInt64(chunk)
            for index in words.indices {
                carry += UInt64(words[index]) * UInt64(factor)
                words[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { words.append(UInt32(carry)) }
            chunk = 0
            factor = 1
        }
        for byte in digits where byte &- 0x30 <= 9 {
            chunk = chunk * 10 + UInt32(byte &- 0x30)
            factor *= 10
            if factor == 1_000_000_000 { push() }
        }
        push()
        let code = words.reversed().reduce(0 as Int32) { 31 &* $0 &+ Int32(bitPattern: $1) }
        return digits.first == UInt8(ascii: "-") ? 0 &- code : code
    }

    /// `BigDecimal.hashCode` of plain notation, whose scale is the number of digits after the dot.
    static func bigDecimal(_ text: UnsafeRawBufferPointer) -> Int32 {
        let scale = text.firstIndex(of: UInt8(ascii: ".")).map { text.count - 1 - $0 } ?? 0
        return 31 &* bigInteger(text) &+ Int32(truncatingIfNeeded: scale)
    }
}
