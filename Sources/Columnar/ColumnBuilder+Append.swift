#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ColumnBuilder {
    /// Appends a value as it lies in memory (see `docs/types.md`): `Int64` for `BIGINT`,
    /// `Int128` for `DECIMAL`, `Int32` days for `DATE`, …
    @inlinable @inline(__always)
    public func append<T: BitwiseCopyable>(_ value: T) {
        assert(layout == .fixed(width: MemoryLayout<T>.size), "\(T.self) is not a value of \(type)")
        values.append(value)
        didAppendValid()
    }

    @inlinable @inline(__always)
    public func append(_ value: Bool) {
        assert(layout == .bits)
        bits.append(value)
        didAppendValid()
    }

    /// Appends a value, or a null for nil.
    @inlinable @inline(__always)
    public func append<T: BitwiseCopyable>(_ value: T?) {
        if let value { append(value) } else { appendNull() }
    }

    @inlinable @inline(__always)
    public func append(_ value: Bool?) {
        if let value { append(value) } else { appendNull() }
    }

    /// Appends a string. The bytes must be valid UTF-8.
    @inlinable @inline(__always)
    public func append(utf8: UnsafeRawBufferPointer) { append(bytes: utf8) }

    /// Appends a value of a string or binary type.
    @inlinable @inline(__always)
    public func append(bytes: UnsafeRawBufferPointer) {
        assert({ if case .variable = layout { true } else { false } }())
        if let base = bytes.baseAddress { data.append(base, count: bytes.count) }
        values.append(Int32(truncatingIfNeeded: data.count))
        didAppendValid()
    }

    @inlinable
    public func append(_ string: String) {
        var string = string
        string.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    public func append(_ string: String?) {
        if let string { append(string) } else { appendNull() }
    }

    @inlinable
    public func append(bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(bytes: $0) }
    }

    /// Appends a string or binary value of `count` bytes that `fill` writes, without a copy.
    @inlinable @inline(__always)
    public func appendBytes(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        fill(.init(start: data.appendUninitialized(count), count: count))
        values.append(Int32(truncatingIfNeeded: data.count))
        didAppendValid()
    }

    /// Appends a string or binary value of at most `capacity` bytes; `fill` writes it and
    /// returns how many they are.
    @inlinable @inline(__always)
    public func appendBytes(
        capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let used = fill(.init(start: data.appendUninitialized(capacity), count: capacity))
        precondition(used >= 0 && used <= capacity)
        data.removeLast(capacity &- used)
        values.append(Int32(truncatingIfNeeded: data.count))
        didAppendValid()
    }

    // MARK: Many at once

    /// Appends values that are not null, as they lie in memory.
    @inlinable
    public func append<T: BitwiseCopyable>(contentsOf source: UnsafeBufferPointer<T>) {
        let target = appendUninitialized(count: source.count, of: T.self)
        if let base = source.baseAddress {
            target.baseAddress!.update(from: base, count: source.count)
        }
    }

    @inlinable
    public func append<T: BitwiseCopyable>(repeating value: T, count: Int) {
        appendUninitialized(count: count, of: T.self).update(repeating: value)
    }

    /// Appends `count` values that are not null, which the caller must fill before the next call.
    @inlinable
    public func appendUninitialized<T: BitwiseCopyable>(
        count: Int, of type: T.Type
    ) -> UnsafeMutableBufferPointer<T> {
        precondition(layout == .fixed(width: MemoryLayout<T>.size))
        let target = values.appendUninitialized(count &* MemoryLayout<T>.size)
        length &+= count
        if hasNulls { appendValid(count) }
        return .init(start: target.assumingMemoryBound(to: T.self), count: count)
    }

    @usableFromInline
    func appendValid(_ count: Int) { validity.append(repeating: true, count: count) }
}
