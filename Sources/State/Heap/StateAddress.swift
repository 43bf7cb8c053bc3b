#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Columnar

/// Where a value of a state is: what one row of `StateKeys` says, without the map key.
struct StateAddress {
    let keyGroup: UInt16
    let key: UnsafeRawBufferPointer
    let namespace: UnsafeRawBufferPointer

    @inline(__always)
    func hash(seed: UInt64) -> UInt32 {
        var hash = ByteHash.hash(key, seed: seed ^ UInt64(keyGroup))
        if !namespace.isEmpty { hash = ByteHash.hash(namespace, seed: hash) }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

@inline(__always)
func isEqual(_ bytes: UnsafeRawPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    guard let base = other.baseAddress else { return true }
    return memcmp(bytes, base, other.count) == 0
}

/// `memcmp` of the common part, then the shorter one first.
@inline(__always)
func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    if let first = a.baseAddress, let second = b.baseAddress {
        let order = memcmp(first, second, min(a.count, b.count))
        if order != 0 { return Int(order) }
    }
    return a.count - b.count
}

@inline(__always)
func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    if let base = bytes.baseAddress { memcpy(target, base, bytes.count) }
}

extension UnsafeRawBufferPointer {
    static var none: UnsafeRawBufferPointer { .init(start: nil, count: 0) }
}
