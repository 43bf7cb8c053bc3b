public import Columnar

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Builds one `STRING` column without nulls, copying each value once.
///
/// Invariants: `offsets` has room for `rowCapacity + 1` entries, of which `count + 1` are set;
/// `data` has room for `byteCapacity` bytes and `slack` more, so that a short value can be
/// copied in whole blocks that overshoot its end.
public struct StringColumnWriter: ~Copyable {
    /// Bytes that may be read past the end of every source given to `append`.
    public static let slack = 64

    public private(set) var count = 0
    public private(set) var byteCount = 0
    public let rowCapacity: Int
    private var byteCapacity: Int
    private let offsets: UnsafeMutablePointer<Int32>
    private var data: UnsafeMutableRawPointer

    public init(rowCapacity: Int, byteCapacity: Int) {
        self.rowCapacity = rowCapacity
        self.byteCapacity = byteCapacity
        offsets = BufferStorage.allocate(byteCount: (rowCapacity + 1) * 4)
            .bindMemory(to: Int32.self, capacity: rowCapacity + 1)
        offsets[0] = 0
        data = BufferStorage.allocate(byteCount: byteCapacity + Self.slack)
    }

    deinit {
        free(offsets)
        free(data)
    }

    public var isFull: Bool { count == rowCapacity }

    /// Whether a value of this length can be added without passing Arrow's 2 GiB of a column.
    public func fits(_ length: Int) -> Bool { byteCount + length <= Int(Int32.max) - Self.slack }

    /// Adds a value; `Self.slack` bytes beyond it must be readable. The writer must not be full
    /// and the value must fit.
    @inline(__always)
    public mutating func append(_ source: UnsafeRawPointer, count length: Int) {
        assert(count < rowCapacity && fits(length))
        if byteCount &+ length > byteCapacity { grow(to: byteCount + length) }
        let target = data + byteCount
        if length <= 64 {
            // Most lines are short: two or four vector moves beat a call of memcpy.
            var done = 0
            repeat {
                target.storeBytes(
                    of: source.loadUnaligned(fromByteOffset: done, as: SIMD4<UInt64>.self),
                    toByteOffset: done, as: SIMD4<UInt64>.self)
                done &+= 32
            } while done < length
        } else {
            memcpy(target, source, length)
        }
        byteCount &+= length
        count &+= 1
        offsets[count] = Int32(truncatingIfNeeded: byteCount)
    }

    /// Adds a value from memory with no slack behind it.
    public mutating func append(_ bytes: [UInt8]) {
        if byteCount + bytes.count > byteCapacity { grow(to: byteCount + bytes.count) }
        bytes.withUnsafeBytes {
            if let base = $0.baseAddress { memcpy(data + byteCount, base, $0.count) }
        }
        byteCount += bytes.count
        count += 1
        offsets[count] = Int32(byteCount)
    }

    private mutating func grow(to needed: Int) {
        let capacity = max(needed, byteCapacity * 2)
        let memory = BufferStorage.allocate(byteCount: capacity + Self.slack)
        memcpy(memory, data, byteCount)
        free(data)
        data = memory
        byteCapacity = capacity
    }

    /// The column of what was added.
    public consuming func finish(type: DataType = .string) -> Column {
        let column = Column(
            type: type, count: count, validity: nil,
            buffers: [
                Buffer(
                    storage: BufferStorage(
                        owning: UnsafeMutableRawPointer(offsets), capacity: (rowCapacity + 1) * 4),
                    count: (count + 1) * 4),
                Buffer(
                    storage: BufferStorage(owning: data, capacity: byteCapacity), count: byteCount),
            ])
        discard self
        return column
    }
}
