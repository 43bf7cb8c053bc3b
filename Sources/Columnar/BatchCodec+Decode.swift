extension BatchCodec {
    /// Reads a batch whose columns reference `body` instead of copying it.
    ///
    /// Bytes come from another process, so everything that later reads rely on is checked here:
    /// bounds, alignment, lengths against the number of rows, offsets, UTF-8, digits, row kinds,
    /// and that `NOT NULL` columns hold no null. Where no row has a timestamp, or every row is an
    /// insertion, the batch has no such column.
    ///
    /// - Parameter types: of the columns besides timestamps and row kinds.
    public static func decode(
        body: Buffer, types: [DataType], hasTimestamps: Bool = false, hasRowKinds: Bool = false
    ) throws(BatchCodecError) -> Batch {
        // The reads below and those of the columns are aligned; 16 is the widest value.
        let isAligned = Int(bitPattern: body.base) & 15 == 0
        var types = types
        if hasTimestamps { types.append(timestampType) }
        if hasRowKinds { types.append(rowKindType) }
        var decoder = try BatchDecoder(isAligned ? body : Buffer(copying: body.bytes), types)
        var columns: [Column] = []
        columns.reserveCapacity(types.count)
        for (index, type) in types.enumerated() {
            decoder.column = index
            columns.append(try decoder.root(type))
        }
        var rowKinds: Column?
        if hasRowKinds, let kinds = columns.popLast() {
            // Written without early exit, so that it is a vector loop.
            let largest = kinds.values(as: UInt8.self).reduce(0, max)
            guard largest <= 3 else { throw decoder.error("\(largest) is not a row kind") }
            rowKinds = largest == 0 ? nil : kinds
        }
        var timestamps: Column?
        if hasTimestamps, let times = columns.popLast() {
            timestamps = times.nullCount == times.count ? nil : times
        }
        return Batch(
            count: decoder.rows, columns: columns, timestamps: timestamps, rowKinds: rowKinds)
    }
}

/// A walk over the table of buffers, in the order of the columns.
private struct BatchDecoder {
    let rows: Int
    /// The column being read, for messages.
    var column = 0
    private let body: Buffer
    private let bufferCount: Int
    private var next = 0

    /// Columns that have no bytes for each row say nothing about how many rows there can be.
    private static let maxRowsWithoutBytes = 1 << 24

    init(_ body: Buffer, _ types: [DataType]) throws(BatchCodecError) {
        func fail(_ message: String) -> BatchCodecError {
            BatchCodecError(message: message, column: nil)
        }
        guard body.count >= 8 else { throw fail("\(body.count) bytes are no batch") }
        guard body.count <= BatchCodec.maxBodyLength else {
            throw fail("a body of \(body.count) bytes")
        }
        let rows = UInt32(littleEndian: body.base.load(as: UInt32.self))
        let buffers = UInt32(littleEndian: body.base.load(fromByteOffset: 4, as: UInt32.self))
        let expected = types.reduce(0) { $0 + $1.wireBufferCount }
        guard Int(buffers) == expected else {
            throw fail("\(buffers) buffers where the types have \(expected)")
        }
        guard 8 + 8 * expected <= body.count else { throw fail("a table longer than the body") }
        guard rows < Int32.max else { throw fail("\(rows) rows") }
        self.body = body
        self.rows = Int(rows)
        self.bufferCount = expected
        if expected == 0 { try checkWithoutBytes(self.rows) }
    }

    func error(_ message: String) -> BatchCodecError {
        BatchCodecError(message: message, column: column)
    }

    mutating func root(_ type: DataType) throws(BatchCodecError) -> Column {
        let column = try read(type, count: rows)
        if !type.isNullable, column.validity != nil, column.hasNulls {
            throw error("a null in a column of type \(type)")
        }
        return column
    }

    private func checkWithoutBytes(_ count: Int) throws(BatchCodecError) {
        guard count <= Self.maxRowsWithoutBytes else {
            throw error("\(count) values without any bytes")
        }
    }

    // MARK: Columns

    private mutating func read(_ type: DataType, count: Int) throws(BatchCodecError) -> Column {
        let layout = type.layout
        if layout == .none {
            try checkWithoutBytes(count)
            return Column(type: type, count: count, validity: nil, buffers: [])
        }
        let validity = try validity(count)
        var buffers: [Buffer] = []
        var children: [Column] = []
        switch layout {
        case .none: break
        case .bits: buffers = [try buffer(Bitmap.byteCount(count), "values")]
        case .fixed(let width): buffers = [try buffer(count * width, "values")]
        case .variable(let content):
            let offsets = try offsets(count)
            let data = try buffer(Self.last(offsets, count), "data")
            buffers = [offsets, data]
            let column = Column(
                type: type, count: count, validity: validity, buffers: buffers, children: [])
            try check(column, content)
            return column
        case .list:
            let offsets = try offsets(count)
            buffers = [offsets]
            let elements = Self.last(offsets, count)
            for child in type.childTypes {
                children.append(try read(child, count: elements))
            }
        case .fields:
            try checkWithoutBytes(type.childTypes.isEmpty ? count : 0)
            for child in type.childTypes { children.append(try read(child, count: count)) }
        }
        return Column(
            type: type, count: count, validity: validity, buffers: buffers, children: children)
    }

    private mutating func validity(_ count: Int) throws(BatchCodecError) -> Buffer? {
        let (start, length) = try entry()
        if length == 0 { return nil }
        let size = Bitmap.byteCount(count)
        guard length >= size else {
            throw error("a validity bitmap of \(length) bytes for \(count) values")
        }
        return body[start..<start + size]
    }

    /// The next buffer, which must have at least `size` bytes, cut to just that many.
    private mutating func buffer(
        _ size: Int, _ what: String
    ) throws(BatchCodecError) -> Buffer {
        let (start, length) = try entry()
        guard length >= size else {
            throw error("\(length) bytes of \(what) where there must be \(size)")
        }
        return size == 0 ? .empty : body[start..<start + size]
    }

    /// The next entry of the table, within the body.
    private mutating func entry() throws(BatchCodecError) -> (start: Int, length: Int) {
        // As many calls as `wireBufferCount` has counted; the table itself is within the body.
        assert(next < bufferCount)
        let place = 8 + 8 * next
        next += 1
        let start = UInt32(littleEndian: body.base.load(fromByteOffset: place, as: UInt32.self))
        let length = UInt32(
            littleEndian: body.base.load(fromByteOffset: place + 4, as: UInt32.self))
        if length == 0 { return (0, 0) }
        guard Int(start) % BatchCodec.alignment == 0 else {
            throw error("a buffer at \(start), which is not a multiple of 64")
        }
        guard Int(start) + Int(length) <= body.count else {
            throw error("a buffer that ends at \(Int(start) + Int(length)) of \(body.count)")
        }
        return (Int(start), Int(length))
    }

    private static func last(_ offsets: Buffer, _ count: Int) -> Int {
        Int(offsets.base.load(fromByteOffset: 4 * count, as: Int32.self))
    }

    /// `count + 1` offsets that start at 0 and never decrease.
    private mutating func offsets(_ count: Int) throws(BatchCodecError) -> Buffer {
        // No offsets at all stand for those of no values, as in Arrow.
        let isAbsent = count == 0 && length(ofEntry: next) == 0
        let buffer = try buffer(isAbsent ? 0 : (count + 1) * 4, "offsets")
        if isAbsent { return Buffer(zeros: 4) }
        let offsets = buffer.base.assumingMemoryBound(to: Int32.self)
        guard offsets[0] == 0 else { throw error("offsets that start at \(offsets[0])") }
        var decreases = false
        for index in 0..<count { decreases = decreases || offsets[index + 1] < offsets[index] }
        guard !decreases else { throw error("offsets that decrease") }
        return buffer
    }

    private func length(ofEntry index: Int) -> UInt32 {
        UInt32(littleEndian: body.base.load(fromByteOffset: 12 + 8 * index, as: UInt32.self))
    }

    // MARK: Contents

    private func check(_ column: Column, _ content: Layout.Content) throws(BatchCodecError) {
        switch content {
        case .bytes: break
        case .utf8:
            let data = column.buffers[1].bytes
            if UTF8Validation.isASCII(data) { return }
            guard UTF8Validation.isValid(data) else {
                throw error("text that is not valid UTF-8")
            }
            // Valid as a whole, and cut between characters: so each is valid.
            for offset in column.offsets where Int(offset) < data.count {
                guard data[Int(offset)] & 0xC0 != 0x80 else {
                    throw error("text that is not valid UTF-8")
                }
            }
        case .integer, .decimal:
            for index in 0..<column.count where column.isValid(index) {
                guard DecimalDigits.isNumber(column.bytes(index), fraction: content == .decimal)
                else { throw error("digits that are not a number, in row \(index)") }
            }
        }
    }
}
