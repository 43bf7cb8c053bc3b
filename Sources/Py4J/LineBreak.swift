/// Searches for line breaks a word at a time; frames may be hundreds of megabytes on one line.
enum LineBreak {
    @inline(__always)
    static func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let pattern = ones &* UInt64(Wire.newline)
        // A byte of `word ^ pattern` is zero exactly where the line break is; the wrapping
        // subtraction borrows into the high bit of the lowest such byte, and of none before it.
        while index + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let difference = word ^ pattern
            let zeros = (difference &- ones) & ~difference & highs
            if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] == Wire.newline { return index }
            index += 1
        }
        return nil
    }
}
