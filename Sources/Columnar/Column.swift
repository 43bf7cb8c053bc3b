/// An immutable sequence of values of one type, in the Arrow memory layout.
///
/// `buffers` and `children` stand in the order of `docs/types.md`. A slice shares the buffers of
/// its column and differs in `offset` and `count`; `offset` applies to the column's own buffers
/// (and, for rows, to its children as well), as in Arrow.
public struct Column: Sendable {
    public let type: DataType
    public let count: Int
    /// Index of the first value within the buffers.
    public let offset: Int
    /// Least-significant bit first, 1 = not null; nil: nothing is null.
    public let validity: Buffer?
    public let buffers: [Buffer]
    public let children: [Column]

    public init(
        type: DataType, count: Int, offset: Int = 0, validity: Buffer?, buffers: [Buffer],
        children: [Column] = []
    ) {
        self.type = type
        self.count = count
        self.offset = offset
        self.validity = validity
        self.buffers = buffers
        self.children = children
    }

    /// A fixed-width column that holds nothing null.
    public init<T: BitwiseCopyable>(_ values: [T], type: DataType) {
        precondition(
            type.layout == .fixed(width: MemoryLayout<T>.size),
            "\(T.self) is not a value of \(type)")
        self.init(
            type: type, count: values.count, validity: nil, buffers: [Buffer(copying: values)])
    }

    /// A `BOOLEAN` column that holds nothing null.
    public init(_ values: [Bool], type: DataType = .boolean) {
        let builder = ColumnBuilder(type, capacity: values.count)
        for value in values { builder.append(value) }
        self = builder.finish()
    }

    @inlinable
    public func isValid(_ index: Int) -> Bool {
        guard let validity else { return true }
        return Bitmap.get(validity.base, offset &+ index)
    }

    /// The fixed-width values, from this slice's first on. Valid while the column is.
    @inlinable
    public func values<T: BitwiseCopyable>(as type: T.Type) -> UnsafeBufferPointer<T> {
        UnsafeBufferPointer(
            start: buffers[0].base.assumingMemoryBound(to: T.self) + offset, count: count)
    }

    /// `count + 1` offsets of a string, binary, array or map column, from this slice's first on.
    @inlinable
    public var offsets: UnsafeBufferPointer<Int32> {
        UnsafeBufferPointer(
            start: buffers[0].base.assumingMemoryBound(to: Int32.self) + offset, count: count + 1)
    }

    /// The bytes that `offsets` of a string or binary column point into.
    @inlinable public var data: UnsafeRawPointer { buffers[1].base }

    /// The bytes of one value of a string or binary column.
    @inlinable
    public func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let offsets = offsets
        let start = Int(offsets[index])
        return UnsafeRawBufferPointer(
            start: data + start, count: Int(offsets[index + 1]) - start)
    }

    @inlinable
    public func slice(_ range: Range<Int>) -> Column {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return Column(
            type: type, count: range.count, offset: offset + range.lowerBound, validity: validity,
            buffers: buffers, children: children)
    }
}
