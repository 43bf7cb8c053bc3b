extension RowCodec {
    /// Adds one row: the values of all columns, side by side.
    ///
    /// A null in a `NOT NULL` column is written as the type's zero.
    public func encode(_ columns: [Column], row: Int, into rows: EncodedRows) {
        encode(columns, rows: row..<row + 1, into: rows)
    }

    public func encode(_ column: Column, row: Int, into rows: EncodedRows) {
        encode([column], rows: row..<row + 1, into: rows)
    }

    /// Adds all rows, in one pass and without an allocation for each.
    public func encode(_ columns: [Column], into rows: EncodedRows) {
        encode(columns, rows: 0..<(columns.first?.count ?? 0), into: rows)
    }

    public func encode(_ column: Column, into rows: EncodedRows) {
        encode([column], rows: 0..<column.count, into: rows)
    }

    public func encode(_ columns: [Column], rows range: Range<Int>, into rows: EncodedRows) {
        precondition(columns.count == types.count, "\(columns.count) columns of \(types.count)")
        precondition(
            columns.allSatisfy { range.lowerBound >= 0 && range.upperBound <= $0.count })
        withEncoder(columns, rows) { encoder in
            encoder.reserve(range.count)
            for row in range {
                var index = 0
                while index < encoder.count { index = encoder.encode(index, row) }
                encoder.endRow()
            }
        }
    }

    /// Adds a row for each value of a list column whose elements are of this codec's type: the
    /// elements one behind the other, without their count. So the bytes of two lists, joined, are
    /// those of the joined list. Nulls become empty lists.
    public func encodeElements(_ lists: Column, into rows: EncodedRows) {
        precondition(types.count == 1 && lists.children.count == 1, "not lists of one type")
        withEncoder(lists.children, rows) { encoder in
            encoder.reserve(lists.count)
            for row in 0..<lists.count {
                if lists.isValid(row) {
                    for element in lists.elements(row) { _ = encoder.encode(0, element) }
                }
                encoder.endRow()
            }
        }
    }

    /// Lends an encoder that holds the addresses of all buffers.
    private func withEncoder(
        _ columns: [Column], _ rows: EncodedRows, _ body: (inout RowEncoder) -> Void
    ) {
        withExtendedLifetime(columns) {
            withUnsafeTemporaryAllocation(of: RowEncoder.Source.self, capacity: nodes.count) {
                sources in
                var index = 0
                for column in columns { collect(column, into: sources, &index) }
                assert(index == nodes.count)
                var encoder = RowEncoder(
                    sources: UnsafeBufferPointer(rebasing: sources[..<index]), rows: rows)
                body(&encoder)
                encoder.finish(rows)
            }
        }
    }

    private func collect(
        _ column: Column, into sources: UnsafeMutableBufferPointer<RowEncoder.Source>,
        _ index: inout Int
    ) {
        let node = nodes[index]
        var values: UnsafeRawPointer?
        if let buffer = column.buffers.first { values = buffer.base }
        let source = RowEncoder.Source(
            node: node, offset: column.offset, validity: column.validity?.base, values: values,
            data: column.buffers.count > 1 ? column.data : nil)
        sources.initializeElement(at: index, to: source)
        index += 1
        for child in column.children { collect(child, into: sources, &index) }
        precondition(index == node.end, "a column of type \(column.type) in a place for another")
    }
}

/// Writes values of columns. The memory is its own from `init` to `finish`, which gives it back.
private struct RowEncoder {
    /// A node of the codec, and where its column's buffers lie. They outlive the encoder.
    struct Source {
        let node: RowCodec.Node
        let offset: Int
        let validity: UnsafeRawPointer?
        let values: UnsafeRawPointer?
        let data: UnsafeRawPointer?
    }

    private let sources: UnsafeBufferPointer<Source>
    private var out: GrowableBytes
    private var ends: GrowableBytes

    init(sources: UnsafeBufferPointer<Source>, rows: EncodedRows) {
        self.sources = sources
        out = rows.bytes
        ends = rows.ends
    }

    func finish(_ rows: EncodedRows) {
        rows.bytes = out
        rows.ends = ends
    }

    var count: Int { sources.count }

    mutating func reserve(_ rows: Int) {
        ends.reserve(rows * MemoryLayout<Int>.size)
        out.reserve(rows * 9)
    }

    mutating func endRow() { ends.append(out.count) }

    /// Writes a value of the node at `index`, `row` counted as in its column.
    /// - Returns: the index behind the node and its children.
    mutating func encode(_ index: Int, _ row: Int) -> Int {
        let source = sources[index]
        let node = source.node
        let row = row &+ source.offset
        var isValid = true
        if let validity = source.validity { isValid = Bitmap.get(validity, row) }
        if node.form == .nothing { isValid = false }
        if node.hasPresence {
            out.append(isValid ? 1 as UInt8 : 0)
            if !isValid { return node.end }
        } else if !isValid {
            return encodeZero(index)
        }
        switch node.form {
        case .nothing: break
        case .boolean:
            out.append(Bitmap.get(source.values.unsafelyUnwrapped, row) ? 1 as UInt8 : 0)
        case .int8: write(load(source, row, UInt8.self) ^ 1 << 7)
        case .int16: write(load(source, row, UInt16.self) ^ 1 << 15)
        case .int32: write(load(source, row, UInt32.self) ^ 1 << 31)
        case .int64: write(load(source, row, UInt64.self) ^ 1 << 63)
        case .int128: write(load(source, row, UInt128.self) ^ 1 << 127)
        case .float: write(OrderedBits.encode(load(source, row, Float.self)))
        case .double: write(OrderedBits.encode(load(source, row, Double.self)))
        case .bytes, .utf8, .decimal: write(bytes(source, row))
        case .integer: writeInteger(bytes(source, row))
        case .list, .map:
            let elements = range(source, row)
            writeLength(elements.count)
            for element in elements {
                let next = encode(index &+ 1, element)
                if node.form == .map { _ = encode(next, element) }
            }
        case .fields:
            var child = index &+ 1
            while child < node.end { child = encode(child, row) }
        }
        return node.end
    }

    /// What stands for a null where none is allowed.
    private mutating func encodeZero(_ index: Int) -> Int {
        let node = sources[index].node
        if node.hasPresence {
            out.append(0 as UInt8)
            return node.end
        }
        switch node.form {
        case .nothing: break
        case .boolean: out.append(0 as UInt8)
        case .int8: write(1 << 7 as UInt8)
        case .int16: write(1 << 15 as UInt16)
        case .int32: write(1 << 31 as UInt32)
        case .int64: write(1 << 63 as UInt64)
        case .int128: write(1 << 127 as UInt128)
        case .float: write(OrderedBits.encode(0 as Float))
        case .double: write(OrderedBits.encode(0 as Double))
        case .bytes, .utf8, .list, .map: writeLength(0)
        case .integer, .decimal:
            writeLength(1)
            out.append(UInt8(ascii: "0"))
        case .fields:
            var child = index + 1
            while child < node.end { child = encodeZero(child) }
        }
        return node.end
    }

    // MARK: Reading columns

    @inline(__always)
    private func load<T: BitwiseCopyable>(_ source: Source, _ row: Int, _: T.Type) -> T {
        source.values.unsafelyUnwrapped.load(
            fromByteOffset: row &* MemoryLayout<T>.size, as: T.self)
    }

    @inline(__always)
    private func range(_ source: Source, _ row: Int) -> Range<Int> {
        let offsets = source.values.unsafelyUnwrapped.assumingMemoryBound(to: Int32.self)
        return Int(offsets[row])..<Int(offsets[row &+ 1])
    }

    @inline(__always)
    private func bytes(_ source: Source, _ row: Int) -> UnsafeRawBufferPointer {
        let range = range(source, row)
        return UnsafeRawBufferPointer(
            start: source.data.unsafelyUnwrapped + range.lowerBound, count: range.count)
    }

    // MARK: Writing

    @inline(__always)
    private mutating func write<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        // The place may be any, and `storeBytes` takes any.
        out.append(value.bigEndian)
    }

    @inline(__always)
    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        writeLength(bytes.count)
        if let base = bytes.baseAddress { out.append(base, count: bytes.count) }
    }

    /// Digits without leading zeros, and zero without a sign: one text for each number.
    private mutating func writeInteger(_ digits: UnsafeRawBufferPointer) {
        let isNegative = digits.first == UInt8(ascii: "-")
        var start = isNegative ? 1 : 0
        while start < digits.count &- 1, digits[start] == UInt8(ascii: "0") { start &+= 1 }
        let rest = UnsafeRawBufferPointer(rebasing: digits[start...])
        guard isNegative, rest.first != UInt8(ascii: "0") else { return write(rest) }
        writeLength(rest.count &+ 1)
        out.append(UInt8(ascii: "-"))
        if let base = rest.baseAddress { out.append(base, count: rest.count) }
    }

    @inline(__always)
    private mutating func writeLength(_ length: Int) {
        if length < 1 << 7 {
            out.append(UInt8(truncatingIfNeeded: length))
        } else {
            writeLongLength(length)
        }
    }

    private mutating func writeLongLength(_ length: Int) {
        let value = UInt32(length)
        switch length {
        case ..<(1 << 14): write(UInt16(value) | 0x8000)
        case ..<(1 << 21):
            out.append(UInt8(value >> 16) | 0xC0)
            write(UInt16(truncatingIfNeeded: value))
        case ..<(1 << 28): write(value | 0xE000_0000)
        default:
            out.append(0xF0 as UInt8)
            write(value)
        }
    }
}
