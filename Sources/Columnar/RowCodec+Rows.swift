/// Byte strings one behind the other in one piece of memory: rows that `RowCodec` has written.
///
/// Belongs to one thread, and is meant to be reused: `removeAll()` keeps the memory.
public final class EncodedRows {
    // Only this class and `RowCodec` touch these, never while one of them is at work already.
    @exclusivity(unchecked) @usableFromInline var bytes = GrowableBytes()
    /// Where each row ends in `bytes`, as `Int`.
    @exclusivity(unchecked) @usableFromInline var ends = GrowableBytes()

    public init() {}

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    @inlinable public var count: Int { ends.count / MemoryLayout<Int>.size }

    /// The bytes of all rows.
    @inlinable public var byteCount: Int { bytes.count }

    /// The bytes of a row; valid until rows are added or removed.
    @inlinable
    public subscript(row: Int) -> UnsafeRawBufferPointer {
        precondition(row >= 0 && row < count)
        let ends = UnsafeRawPointer(ends.base).assumingMemoryBound(to: Int.self)
        let start = row == 0 ? 0 : ends[row &- 1]
        return UnsafeRawBufferPointer(start: bytes.base + start, count: ends[row] &- start)
    }

    @inlinable
    public func append(_ row: UnsafeRawBufferPointer) {
        if let base = row.baseAddress { bytes.append(base, count: row.count) }
        ends.append(bytes.count)
    }

    public func append(_ row: [UInt8]) { row.withUnsafeBytes { append($0) } }

    /// Forgets all rows, and keeps the memory.
    public func removeAll() {
        bytes.removeLast(bytes.count)
        ends.removeLast(ends.count)
    }

    public func reserve(rows: Int, bytes size: Int) {
        ends.reserve(rows * MemoryLayout<Int>.size)
        bytes.reserve(size)
    }
}
