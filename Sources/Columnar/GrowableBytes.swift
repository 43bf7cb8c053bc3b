#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory that grows while a column is built and then becomes a `Buffer` without a copy.
///
/// Invariants: `count <= capacity`; `base` is 64-byte aligned and, where `capacity > 0`, from
/// `BufferStorage.allocate`; the first `count` bytes are initialised. One variable owns the
/// memory: it is never copied, and its owner calls `deallocate()` in the end. (A type that is not
/// copyable would say so, but crashes the optimiser of Swift 6.3.1 as a property of a class.)
@usableFromInline
struct GrowableBytes {
    @usableFromInline private(set) var base: UnsafeMutableRawPointer
    @usableFromInline private(set) var count: Int
    @usableFromInline private(set) var capacity: Int
    /// Columns hold 32-bit offsets, so a buffer that they point into must not grow beyond them.
    @usableFromInline let limit: Int
    /// What the last buffer taken held: the next one likely needs as much.
    @usableFromInline private(set) var expected = 0

    @usableFromInline
    init(limit: Int = .max) {
        base = UnsafeMutableRawPointer(bitPattern: 64)!
        count = 0
        capacity = 0
        self.limit = limit
    }

    func deallocate() {
        if capacity > 0 { free(base) }
    }

    /// Makes room for `additional` bytes after `count`.
    @inlinable @inline(__always)
    mutating func reserve(_ additional: Int) {
        if additional > capacity &- count { grow(additional) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ additional: Int) {
        let (needed, overflow) = count.addingReportingOverflow(additional)
        precondition(!overflow && needed <= limit, "a column holds more than 2 GiB of data")
        let size = (max(needed, min(capacity * 2, limit), expected, 256) + 63) & ~63
        let memory = BufferStorage.allocate(byteCount: size)
        memcpy(memory, base, count)
        if capacity > 0 { free(base) }
        base = memory
        capacity = size
    }

    /// Makes room like `reserve`, but to exactly the size needed.
    mutating func reserveExactly(_ additional: Int) {
        guard additional > capacity - count else { return }
        if count == 0 && capacity == 0 {
            precondition(additional <= limit, "a column holds more than 2 GiB of data")
            base = BufferStorage.allocate(byteCount: additional)
            capacity = (additional + 63) & ~63
        } else {
            grow(additional)
        }
    }

    @inlinable @inline(__always)
    mutating func append<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        base.storeBytes(of: value, toByteOffset: count, as: T.self)
        count &+= MemoryLayout<T>.size
    }

    @inlinable @inline(__always)
    mutating func append(_ bytes: UnsafeRawPointer, count size: Int) {
        reserve(size)
        memcpy(base + count, bytes, size)
        count &+= size
    }

    /// Room for `size` more bytes, which the caller must fill.
    @inlinable @inline(__always)
    mutating func appendUninitialized(_ size: Int) -> UnsafeMutableRawPointer {
        reserve(size)
        defer { count &+= size }
        return base + count
    }

    mutating func append(zeros size: Int) {
        memset(appendUninitialized(size), 0, size)
    }

    @inlinable
    mutating func removeLast(_ size: Int) {
        assert(size <= count)
        count &-= size
    }

    /// Hands over what was written, and starts again with room for as much.
    mutating func take() -> Buffer {
        let size = count
        if capacity == 0 { return Buffer.empty }
        let buffer = Buffer(storage: BufferStorage(owning: base, capacity: size), count: size)
        base = UnsafeMutableRawPointer(bitPattern: 64)!
        count = 0
        capacity = 0
        expected = size
        return buffer
    }
}

/// A bitmap that grows. Invariant: `bytes.count == Bitmap.byteCount(count)`.
@usableFromInline
struct GrowableBits {
    @usableFromInline var bytes = GrowableBytes()
    @usableFromInline private(set) var count = 0

    @usableFromInline init() {}

    @inlinable @inline(__always)
    mutating func append(_ value: Bool) {
        if count & 7 == 0 {
            bytes.append(value ? 1 as UInt8 : 0)
        } else if value {
            let byte = bytes.base + count >> 3
            byte.storeBytes(
                of: byte.load(as: UInt8.self) | 1 << UInt8(truncatingIfNeeded: count & 7),
                as: UInt8.self)
        }
        count &+= 1
    }

    mutating func append(repeating value: Bool, count additional: Int) {
        let start = count
        extend(additional)
        Bitmap.fill(bytes.base, from: start, count: additional, value)
    }

    mutating func append(_ source: UnsafeRawPointer, from start: Int, count additional: Int) {
        let end = count
        extend(additional)
        Bitmap.copy(from: source, at: start, to: bytes.base, at: end, count: additional)
    }

    /// Adds bits, those in bytes that are new being 0.
    private mutating func extend(_ additional: Int) {
        count += additional
        let fresh = Bitmap.byteCount(count) - bytes.count
        if fresh > 0 { bytes.append(zeros: fresh) }
    }

    func deallocate() { bytes.deallocate() }

    mutating func take() -> Buffer {
        count = 0
        return bytes.take()
    }
}
