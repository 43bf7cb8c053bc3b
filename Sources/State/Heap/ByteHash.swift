/// A hash of byte strings: wyhash's construction, of 64 × 64 bit multiplications.
enum ByteHash {
    private static let k0: UInt64 = 0xA076_1D64_78BD_642F
    private static let k1: UInt64 = 0xE703_7ED1_A0B4_28DB

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func read8(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always)
    private static func read4(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        let count = bytes.count
        var seed = seed ^ k0
        var a: UInt64 = 0
        var b: UInt64 = 0
        if let base = bytes.baseAddress, count > 0 {
            if count > 16 {
                var start = 0
                while count &- start > 16 {
                    seed = mix(read8(base, start) ^ k1, read8(base, start &+ 8) ^ seed)
                    start &+= 16
                }
                a = read8(base, count &- 16)
                b = read8(base, count &- 8)
            } else if count >= 4 {
                let step = (count >> 3) << 2
                a = read4(base, 0) << 32 | read4(base, step)
                b = read4(base, count &- 4) << 32 | read4(base, count &- 4 &- step)
            } else {
                a =
                    UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8
                    | UInt64(bytes[count &- 1])
            }
        }
        return mix(k1 ^ UInt64(truncatingIfNeeded: count), mix(a ^ k1, b ^ seed))
    }
}
