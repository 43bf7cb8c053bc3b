#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory that is written once and then shared: 64-byte aligned, or borrowed from an owner.
///
/// Sound to send between threads because nothing writes to it after `init`: builders fill the
/// memory before they make the storage, and borrowed memory is immutable by its owner's contract.
public final class BufferStorage: @unchecked Sendable {
    public let base: UnsafeRawPointer
    public let capacity: Int
    @usableFromInline let release: (@Sendable (UnsafeRawPointer) -> Void)?

    /// Takes over memory from `allocate(byteCount:)`.
    @inlinable
    public init(owning base: UnsafeMutableRawPointer, capacity: Int) {
        self.base = UnsafeRawPointer(base)
        self.capacity = capacity
        self.release = nil
    }

    /// Borrows memory that stays valid and unchanged until `release` is called.
    public init(
        borrowing base: UnsafeRawPointer, capacity: Int,
        release: @escaping @Sendable (UnsafeRawPointer) -> Void
    ) {
        self.base = base
        self.capacity = capacity
        self.release = release
    }

    deinit {
        if let release { release(base) } else { free(UnsafeMutableRawPointer(mutating: base)) }
    }

    /// Uninitialised memory, 64-byte aligned, its size rounded up to a multiple of 64 bytes.
    public static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        var pointer: UnsafeMutableRawPointer?
        let size = max((byteCount + 63) & ~63, 64)
        guard posix_memalign(&pointer, 64, size) == 0, let pointer else {
            preconditionFailure("out of memory: \(size) bytes")
        }
        return pointer
    }
}

/// A range of shared, immutable bytes.
public struct Buffer: Sendable {
    public let storage: BufferStorage
    public let offset: Int
    public let count: Int

    @inlinable
    public init(storage: BufferStorage, offset: Int = 0, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= storage.capacity)
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// Valid for as long as the buffer is. Hold the buffer (or its column) in a variable while
    /// using it: a temporary, as in `makeBuffer().base`, is gone before the first access.
    @inlinable public var base: UnsafeRawPointer { storage.base + offset }

    /// Valid for as long as the buffer is, like `base`.
    @inlinable public var bytes: UnsafeRawBufferPointer { .init(start: base, count: count) }

    /// The bytes in an array of their own.
    public var copiedBytes: [UInt8] { withExtendedLifetime(storage) { Array(bytes) } }

    @inlinable
    public subscript(range: Range<Int>) -> Buffer {
        precondition(range.upperBound <= count)
        return Buffer(storage: storage, offset: offset + range.lowerBound, count: range.count)
    }

    /// 64 bytes of zeros seen as none: an empty buffer is also a valid list of zero offsets.
    public static let empty = Buffer(zeros: 64)[0..<0]

    /// `count` bytes of zeros.
    public init(zeros count: Int) {
        let memory = BufferStorage.allocate(byteCount: count)
        memset(memory, 0, count)
        self.init(storage: BufferStorage(owning: memory, capacity: count), count: count)
    }

    /// Copies `bytes` into memory of its own.
    public init(copying bytes: UnsafeRawBufferPointer) {
        let memory = BufferStorage.allocate(byteCount: bytes.count)
        if let base = bytes.baseAddress { memcpy(memory, base, bytes.count) }
        self.init(
            storage: BufferStorage(owning: memory, capacity: bytes.count), count: bytes.count)
    }

    public init<T: BitwiseCopyable>(copying values: [T]) {
        self = values.withUnsafeBytes { Buffer(copying: $0) }
    }

    /// Memory for `count` values, filled by `fill`, without zeroing it first.
    public init<T: BitwiseCopyable>(
        count: Int, of type: T.Type, _ fill: (UnsafeMutableBufferPointer<T>) throws -> Void
    ) rethrows {
        let size = count * MemoryLayout<T>.stride
        let memory = BufferStorage.allocate(byteCount: size)
        do {
            try fill(.init(start: memory.bindMemory(to: T.self, capacity: count), count: count))
        } catch {
            free(memory)
            throw error
        }
        self.init(storage: BufferStorage(owning: memory, capacity: size), count: size)
    }
}
