import CArrow

extension Column {
    /// Takes an array over from another Arrow implementation, without copying where the layouts
    /// agree. The array is moved: its `release` is null afterwards, also if this throws. The
    /// schema stays its owner's.
    ///
    /// 64-bit offsets, dictionaries, unsigned integers, and times of other units are converted.
    /// - Throws: for types that have no place here (views, unions, run-end encoding, …), and for
    ///   arrays that contradict their schema. Arrow tells no lengths of buffers, so those are
    ///   taken on trust.
    public static func importArrow(
        _ array: UnsafeMutablePointer<ArrowArray>, schema: UnsafePointer<ArrowSchema>
    ) throws(ArrowError) -> Column {
        guard array.pointee.release != nil else {
            throw ArrowError(message: "an Arrow array that has been released")
        }
        let owner = ArrowOwner(moving: array)
        let field = try ArrowField(schema, depth: 0)
        return try ArrowImport(owner: owner).column(field, owner.array)
    }
}

extension Batch {
    /// Takes over a record batch, which Arrow passes as a struct: see `Column.importArrow`.
    public static func importArrow(
        _ array: UnsafeMutablePointer<ArrowArray>, schema: UnsafePointer<ArrowSchema>
    ) throws(ArrowError) -> (batch: Batch, names: [String]) {
        let column = try Column.importArrow(array, schema: schema)
        guard case .row(let fields, _) = column.type.kind else {
            throw ArrowError(message: "a batch must be a struct, not \(column.type)")
        }
        guard !column.hasNulls else { throw ArrowError(message: "a batch with null rows") }
        let columns = column.children.indices.map { column.field($0) }
        return (Batch(count: column.count, columns: columns), fields.map(\.name))
    }
}

/// An array that was moved here; released with the last buffer that refers to it.
///
/// Sound to send: nothing writes to the array after `init`, and Arrow requires that `release` may
/// be called from any thread.
private final class ArrowOwner: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<ArrowArray>
    var array: ArrowArray { memory.pointee }

    init(moving array: UnsafeMutablePointer<ArrowArray>) {
        memory = .allocate(capacity: 1)
        memory.initialize(to: array.pointee)
        array.pointee.release = nil
    }

    deinit {
        memory.pointee.release?(memory)
        memory.deallocate()
    }
}

private struct ArrowImport {
    let owner: ArrowOwner

    func column(_ field: ArrowField, _ array: ArrowArray) throws(ArrowError) -> Column {
        let limit = Int64(Int32.max)
        guard array.length >= 0, array.offset >= 0, array.length < limit, array.offset < limit,
            array.length + array.offset < limit, array.n_buffers >= 0, array.n_buffers < 16
        else { throw ArrowError(message: "an Arrow array of \(array.length) values") }
        if let values = field.dictionary.first { return try decoded(field, values, array) }
        let count = Int(array.length)
        let offset = Int(array.offset)
        let type = field.type
        if type.layout == .none {
            return Column(type: type, count: count, validity: nil, buffers: [])
        }
        let validity =
            array.null_count == 0
            ? nil : try buffer(array, 0, Bitmap.byteCount(offset + count), isOptional: true)
        func make(_ buffers: [Buffer], _ children: [Column] = []) -> Column {
            Column(
                type: type, count: count, offset: offset, validity: validity, buffers: buffers,
                children: children)
        }
        switch (field.conversion, type.layout) {
        case (.none, .bits): return make([try buffer(array, 1, Bitmap.byteCount(offset + count))])
        case (.none, .fixed(let width)):
            return make([try buffer(array, 1, (offset + count) * width, alignment: width)])
        case (.none, .variable), (.wideOffsets, .variable):
            let (offsets, size) = try offsets(field, array)
            return make([offsets, try buffer(array, 2, size)])
        case (.none, .list), (.wideOffsets, .list), (.entries, .list):
            let (offsets, size) = try offsets(field, array)
            let elements = try child(field, array, 0, atLeast: size)
            return make(
                [offsets],
                field.conversion == .entries
                    ? elements.children.indices.map { elements.field($0) } : [elements])
        case (.none, .fields):
            var children: [Column] = []
            for index in field.children.indices {
                children.append(try child(field, array, index, atLeast: offset + count))
            }
            return make([], children)
        case (.fixedBytes(let size), _):
            return make([
                try steps(of: size, offset + count), try buffer(array, 1, (offset + count) * size),
            ])
        case (.fixedList(let size), _):
            let elements = try child(field, array, 0, atLeast: (offset + count) * size)
            return make([try steps(of: size, offset + count)], [elements])
        case (.integers(let width, let isSigned, let times, let over), .fixed(let target)):
            let source = try buffer(array, 1, (offset + count) * width, alignment: width)
            return make([
                ArrowIntegers(source: source, width: width, isSigned: isSigned)
                    .converted(to: target, times: times, over: over)
            ])
        case (.dayTime, _):
            let source = try buffer(array, 1, (offset + count) * 8, alignment: 4)
            let pairs = source.base.assumingMemoryBound(to: Int32.self)
            return make([
                Buffer(count: offset + count, of: Int64.self) { target in
                    for index in target.indices {
                        target[index] =
                            Int64(pairs[2 * index]) * 86_400_000 + Int64(pairs[2 * index + 1])
                    }
                }
            ])
        default: throw ArrowError(message: "an Arrow array that is not of type \(type)")
        }
    }

    // MARK: Parts

    /// A buffer of at least `size` bytes, borrowed from the owner; copied if it is not aligned.
    private func buffer(
        _ array: ArrowArray, _ index: Int, _ size: Int, alignment: Int = 1, isOptional: Bool
    ) throws(ArrowError) -> Buffer? {
        guard index < Int(array.n_buffers), let buffers = array.buffers else {
            throw ArrowError(message: "an Arrow array with \(array.n_buffers) buffers")
        }
        guard let base = buffers[index] else {
            if isOptional { return nil }
            guard size == 0 else { throw ArrowError(message: "an Arrow array without its values") }
            return .empty
        }
        if Int(bitPattern: base) & (alignment - 1) != 0 {
            return Buffer(copying: UnsafeRawBufferPointer(start: base, count: size))
        }
        let storage = BufferStorage(borrowing: base, capacity: size) { [owner] _ in
            withExtendedLifetime(owner) {}
        }
        return Buffer(storage: storage, count: size)
    }

    private func buffer(
        _ array: ArrowArray, _ index: Int, _ size: Int, alignment: Int = 1
    ) throws(ArrowError) -> Buffer {
        try buffer(array, index, size, alignment: alignment, isOptional: false) ?? .empty
    }

    private func child(
        _ field: ArrowField, _ array: ArrowArray, _ index: Int, atLeast count: Int
    ) throws(ArrowError) -> Column {
        guard index < Int(array.n_children), index < field.children.count,
            let child = array.children?[index]
        else { throw ArrowError(message: "an Arrow array with \(array.n_children) children") }
        let column = try column(field.children[index], child.pointee)
        guard column.count >= count else {
            throw ArrowError(message: "an Arrow child of \(column.count) values, not \(count)")
        }
        return column
    }

    /// The offsets, from the first of the buffer on, and where the last one points.
    private func offsets(
        _ field: ArrowField, _ array: ArrowArray
    ) throws(ArrowError) -> (Buffer, Int) {
        let isWide = field.conversion == .wideOffsets
        let count = Int(array.offset + array.length)
        let width = isWide ? 8 : 4
        let isAbsent = count == 0 && array.buffers?[1] == nil
        let source =
            isAbsent
            ? Buffer(zeros: 8) : try buffer(array, 1, (count + 1) * width, alignment: width)
        func checked<T: FixedWidthInteger>(_ type: T.Type) throws(ArrowError) -> Int {
            let offsets = source.base.assumingMemoryBound(to: T.self)
            var isAscending = offsets[0] >= 0
            for index in 0..<count {
                isAscending = isAscending && offsets[index + 1] >= offsets[index]
            }
            guard isAscending, offsets[count] <= Int32.max else {
                throw ArrowError(message: "Arrow offsets that decrease, or exceed 2 GiB")
            }
            return Int(offsets[count])
        }
        if !isWide { return (source, try checked(Int32.self)) }
        let size = try checked(Int64.self)
        let wide = source.base.assumingMemoryBound(to: Int64.self)
        let narrow = Buffer(count: count + 1, of: Int32.self) { target in
            for index in target.indices { target[index] = Int32(truncatingIfNeeded: wide[index]) }
        }
        return (narrow, size)
    }

    /// The offsets of values that all have the same size.
    private func steps(of size: Int, _ count: Int) throws(ArrowError) -> Buffer {
        guard count * size <= Int32.max else {
            throw ArrowError(message: "an Arrow array of more than 2 GiB")
        }
        return Buffer(count: count + 1, of: Int32.self) { target in
            for index in target.indices { target[index] = Int32(index * size) }
        }
    }

    private func decoded(
        _ field: ArrowField, _ values: ArrowField, _ array: ArrowArray
    ) throws(ArrowError) -> Column {
        guard let dictionary = array.dictionary else {
            throw ArrowError(message: "an Arrow array without its dictionary")
        }
        let source = try column(values, dictionary.pointee)
        let count = Int(array.length)
        let offset = Int(array.offset)
        guard case .integers(let width, let isSigned, _, _) = field.conversion else {
            throw ArrowError(message: "an Arrow dictionary without integers as indices")
        }
        let raw = ArrowIntegers(
            source: try buffer(array, 1, (offset + count) * width, alignment: width),
            width: width, isSigned: isSigned)
        let validity =
            array.null_count == 0
            ? nil : try buffer(array, 0, Bitmap.byteCount(offset + count), isOptional: true)
        var indices = [Int32](repeating: -1, count: count)
        for index in 0..<count {
            if let validity, !Bitmap.get(validity.base, offset + index) { continue }
            let value = raw[offset + index]
            guard value >= 0, value < source.count else {
                throw ArrowError(message: "an Arrow dictionary without index \(value)")
            }
            indices[index] = Int32(value)
        }
        let result = indices.withUnsafeBufferPointer { source.gather(indicesOrNull: $0) }
        return Column(
            type: field.type, count: count, validity: result.validity, buffers: result.buffers,
            children: result.children)
    }
}
