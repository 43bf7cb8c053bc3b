extension Column {
    /// Whether any value is null: a scan of the bitmap, without looking at the values.
    public var hasNulls: Bool { nullCount > 0 }

    /// The number of nulls. All values of type `NULL` are.
    public var nullCount: Int {
        if type.layout == .none { return count }
        guard let validity else { return 0 }
        return count - Bitmap.countOnes(validity.base, from: offset, count: count)
    }

    /// A value of a `BOOLEAN` column.
    @inlinable
    public func bit(_ index: Int) -> Bool { Bitmap.get(buffers[0].base, offset &+ index) }

    /// A field of a row or tuple column, as long as the column itself.
    @inlinable
    public func field(_ index: Int) -> Column {
        children[index].slice(offset..<offset + count)
    }

    /// The elements of one value of an array, list, map or multiset, in its children.
    @inlinable
    public func elements(_ index: Int) -> Range<Int> {
        let offsets = offsets
        return Int(offsets[index])..<Int(offsets[index + 1])
    }

    /// The same values seen as another type of the same layout.
    public func retyped(_ type: DataType) -> Column {
        precondition(type.layout == self.type.layout, "\(self.type) seen as \(type)")
        return Column(
            type: type, count: count, offset: offset, validity: validity, buffers: buffers,
            children: zip(children, type.childTypes).map { $0.retyped($1) })
    }

    /// The bytes that this slice's values take, children included: what sending it costs.
    public var byteCount: Int {
        switch type.layout {
        case .none: return 0
        case .bits: return Bitmap.byteCount(count)
        case .fixed(let width): return count * width
        case .variable: return (count + 1) * 4 + Int(offsets[count] - offsets[0])
        case .list:
            let elements = Int(offsets[0])..<Int(offsets[count])
            return children.reduce((count + 1) * 4) { $0 + $1.slice(elements).byteCount }
        case .fields: return children.indices.reduce(0) { $0 + field($1).byteCount }
        }
    }

    /// `count` nulls.
    public static func nulls(_ type: DataType, count: Int) -> Column {
        let validity = type.layout == .none ? nil : Buffer(zeros: Bitmap.byteCount(count))
        let buffers: [Buffer]
        let children = type.childTypes
        switch type.layout {
        case .none: buffers = []
        case .bits: buffers = [Buffer(zeros: Bitmap.byteCount(count))]
        case .fixed(let width): buffers = [Buffer(zeros: count * width)]
        case .variable: buffers = [Buffer(zeros: (count + 1) * 4), .empty]
        case .list: buffers = [Buffer(zeros: (count + 1) * 4)]
        case .fields: buffers = []
        }
        let childCount = type.layout == .fields ? count : 0
        return Column(
            type: type, count: count, validity: validity, buffers: buffers,
            children: children.map { .nulls($0, count: childCount) })
    }
}

extension Batch {
    /// The kind of a row: an insertion where the batch has no column of kinds.
    @inlinable
    public func rowKind(_ row: Int) -> RowKind {
        guard let rowKinds else { return .insert }
        return RowKind(rawValue: rowKinds.values(as: UInt8.self)[row]) ?? .insert
    }

    /// The event time of a row in milliseconds; nil if it has none.
    @inlinable
    public func timestamp(_ row: Int) -> Int64? {
        guard let timestamps, timestamps.isValid(row) else { return nil }
        return timestamps.values(as: Int64.self)[row]
    }

    /// The bytes that the rows take, timestamps and row kinds included, as `Column.byteCount`.
    public var byteCount: Int {
        columns.reduce((timestamps?.byteCount ?? 0) + (rowKinds?.byteCount ?? 0)) {
            $0 + $1.byteCount
        }
    }
}
