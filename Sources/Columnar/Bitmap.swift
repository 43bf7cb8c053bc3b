/// Operations over bitmaps in Arrow's order: least-significant bit first.
///
/// No function reads or writes a byte that holds none of the bits it is asked about, so that
/// bitmaps at the very end of foreign memory are safe.
public enum Bitmap {
    @inlinable public static func byteCount(_ bits: Int) -> Int { (bits &+ 7) >> 3 }

    @inlinable
    public static func get(_ base: UnsafeRawPointer, _ index: Int) -> Bool {
        base.load(fromByteOffset: index >> 3, as: UInt8.self)
            & (1 << UInt8(truncatingIfNeeded: index & 7)) != 0
    }

    @inlinable
    public static func set(_ base: UnsafeMutableRawPointer, _ index: Int, _ value: Bool) {
        let byte = base.load(fromByteOffset: index >> 3, as: UInt8.self)
        let mask: UInt8 = 1 << UInt8(truncatingIfNeeded: index & 7)
        base.storeBytes(
            of: value ? byte | mask : byte & ~mask, toByteOffset: index >> 3, as: UInt8.self)
    }

    /// Sets `count` bits from `start` on.
    public static func fill(
        _ base: UnsafeMutableRawPointer, from start: Int, count: Int, _ value: Bool
    ) {
        var index = start
        let end = start + count
        while index < end, index & 7 != 0 {
            set(base, index, value)
            index += 1
        }
        let bytes = (end - index) >> 3
        if bytes > 0 {
            (base + index >> 3).initializeMemory(
                as: UInt8.self, repeating: value ? 0xFF : 0, count: bytes)
            index += bytes << 3
        }
        while index < end {
            set(base, index, value)
            index += 1
        }
    }

    /// The 1 bits among `count` bits from `start` on.
    public static func countOnes(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var ones = 0
        forEachWord(base, from: start, count: count) { word, _, _ in ones &+= word.nonzeroBitCount }
        return ones
    }

    /// Copies `count` bits; the ranges must not overlap.
    public static func copy(
        from source: UnsafeRawPointer, at sourceStart: Int,
        to target: UnsafeMutableRawPointer, at targetStart: Int, count: Int
    ) {
        var done = 0
        while done < count, (targetStart + done) & 7 != 0 {
            set(target, targetStart + done, get(source, sourceStart + done))
            done += 1
        }
        let out = target + (targetStart + done) >> 3
        forEachWord(source, from: sourceStart + done, count: count - done) { word, index, bits in
            if bits == 64 {
                out.storeBytes(of: word, toByteOffset: index >> 3, as: UInt64.self)
                return
            }
            // Whole bytes, then the bits of the last one, so that bits behind it stay.
            var word = word
            var bits = bits
            var byte = index >> 3
            while bits >= 8 {
                out.storeBytes(
                    of: UInt8(truncatingIfNeeded: word), toByteOffset: byte, as: UInt8.self)
                word >>= 8
                bits -= 8
                byte += 1
            }
            for bit in 0..<bits { set(out, byte << 3 + bit, word >> UInt64(bit) & 1 != 0) }
        }
    }

    /// Calls `body(word, index, bits)` for each 64 bits from `start` on; the last call may have
    /// fewer, and the bits of its word above them are 0. `index` counts from `start`.
    @inlinable @inline(__always)
    public static func forEachWord(
        _ base: UnsafeRawPointer, from start: Int, count: Int,
        _ body: (_ word: UInt64, _ index: Int, _ bits: Int) -> Void
    ) {
        let shift = UInt64(start & 7)
        let first = base + start >> 3
        var index = 0
        while count &- index >= 64 {
            // The 64 bits end within byte 8 if they do not start at a byte's first bit.
            var word = first.loadUnaligned(fromByteOffset: index >> 3, as: UInt64.self) >> shift
            if shift != 0 {
                let next = first.load(fromByteOffset: index >> 3 &+ 8, as: UInt8.self)
                word |= UInt64(next) << (64 &- shift)
            }
            body(word, index, 64)
            index &+= 64
        }
        let rest = count &- index
        guard rest > 0 else { return }
        var word: UInt64 = 0
        let bytes = (Int(shift) &+ rest &+ 7) >> 3
        for byte in 0..<min(bytes, 8) {
            let value = first.load(fromByteOffset: index >> 3 &+ byte, as: UInt8.self)
            word |= UInt64(value) << UInt64(byte &* 8)
        }
        word >>= shift
        if bytes > 8 {
            let value = first.load(fromByteOffset: index >> 3 &+ 8, as: UInt8.self)
            word |= UInt64(value) << (64 &- shift)
        }
        body(word & (1 << UInt64(rest) &- 1), index, rest)
    }
}
