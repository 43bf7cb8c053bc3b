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
        guard let base = utf8.baseAddress else { return 0 }
        var code: UInt32 = 0
        var index = 0
        while utf8.count &- index >= 8 {
            let word = UInt64(
                littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            if word & 0x8080_8080_8080_8080 != 0 {
                return unicode(base, from: index, count: utf8.count, code)
            }
            // Eight at once shorten the chain of multiplications: 31⁸, and two halves of four.
            let low = UInt32(truncatingIfNeeded: word)
            let high = UInt32(truncatingIfNeeded: word >> 32)
            code = code &* 0x94446F01 &+ (four(low) &* 923_521 &+ four(high))
            index &+= 8
        }
        while index < utf8.count {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte >= 0x80 { return unicode(base, from: index, count: utf8.count, code) }
            code = 31 &* code &+ UInt32(byte)
            index &+= 1
        }
        return Int32(bitPattern: code)
    }

    @inline(__always)
    private static func four(_ ascii: UInt32) -> UInt32 {
        (ascii & 0xFF) &* 29791 &+ (ascii >> 8 & 0xFF) &* 961 &+ (ascii >> 16 & 0xFF) &* 31
            &+ ascii >> 24
    }

    /// The rest of a string, character by character.
    private static func unicode(
        _ base: UnsafeRawPointer, from start: Int, count: Int, _ initial: UInt32
    ) -> Int32 {
        var code = initial
        var index = start
        while index < count {
            let lead = UInt32(base.load(fromByteOffset: index, as: UInt8.self))
            let size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            var scalar = size == 1 ? lead : lead & (0x7F >> UInt32(size))
            for step in 1..<max(size, 1) {
                let next = base.load(fromByteOffset: index &+ step, as: UInt8.self)
                scalar = scalar << 6 | UInt32(next & 0x3F)
            }
            if size == 4 {
                code = 31 &* code &+ (0xD7C0 &+ scalar >> 10)
                code = 31 &* code &+ (0xDC00 | scalar & 0x3FF)
            } else {
                code = 31 &* code &+ scalar
            }
            index &+= size
        }
        return Int32(bitPattern: code)
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
