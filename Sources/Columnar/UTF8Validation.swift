/// Whether bytes are text: ASCII at memory speed, anything else character by character.
public enum UTF8Validation {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    public static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var index = 0
        // Words, not SIMD types: the compiler makes vectors of these, and calls of those.
        while bytes.count &- index >= 128 {
            var bits: UInt64 = 0
            for step in 0..<16 {
                bits |= base.loadUnaligned(
                    fromByteOffset: index &+ 8 &* step, as: UInt64.self)
            }
            if bits & highBits != 0 { return false }
            index &+= 128
        }
        while bytes.count &- index >= 8 {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & highBits != 0 { return false }
            index &+= 8
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { return false }
            index &+= 1
        }
        return true
    }

    /// Whether bytes are UTF-8 as Unicode defines it (table 3-7): no overlong forms, surrogates,
    /// or code points beyond U+10FFFF.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var index = 0
        while index < count {
            let lead = base.load(fromByteOffset: index, as: UInt8.self)
            if lead < 0x80 {
                if count &- index >= 8 {
                    let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    let high = UInt64(littleEndian: word) & highBits
                    index &+= high == 0 ? 8 : high.trailingZeroBitCount >> 3
                } else {
                    index &+= 1
                }
                continue
            }
            let size: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: size = 2
            case 0xE0: (size, second) = (3, 0xA0...0xBF)
            case 0xED: (size, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: size = 3
            case 0xF0: (size, second) = (4, 0x90...0xBF)
            case 0xF4: (size, second) = (4, 0x80...0x8F)
            case 0xF1...0xF3: size = 4
            default: return false
            }
            guard count &- index >= size,
                second.contains(base.load(fromByteOffset: index &+ 1, as: UInt8.self))
            else { return false }
            for step in 2..<max(size, 2) {
                guard base.load(fromByteOffset: index &+ step, as: UInt8.self) & 0xC0 == 0x80
                else { return false }
            }
            index &+= size
        }
        return true
    }
}

/// The text of `BIG_INTEGER` and `BIG_DECIMAL` values.
enum DecimalDigits {
    /// `-`? digits, and where `fraction` is allowed, `.` digits.
    static func isNumber(_ bytes: UnsafeRawBufferPointer, fraction: Bool) -> Bool {
        var index = bytes.first == UInt8(ascii: "-") ? 1 : 0
        let start = index
        while index < bytes.count, bytes[index] &- 0x30 <= 9 { index += 1 }
        guard index > start else { return false }
        if index == bytes.count { return true }
        guard fraction, bytes[index] == UInt8(ascii: "."), index + 1 < bytes.count else {
            return false
        }
        return bytes[(index + 1)...].allSatisfy { $0 &- 0x30 <= 9 }
    }
}
