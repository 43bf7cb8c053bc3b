extension RowCodec {
    /// Appends the values of one row, which must fill `bytes`, to a builder for each type.
    ///
    /// Any bytes may come: those that are no values throw, and the builders, which may then hold
    /// half a value, are of no more use.
    public func decode(
        _ bytes: UnsafeRawBufferPointer, into builders: [ColumnBuilder]
    ) throws(RowCodecError) {
        precondition(builders.count == types.count)
        var decoder = RowDecoder(nodes, bytes)
        var index = 0
        for builder in builders { index = try decoder.decode(index, into: builder) }
        try decoder.finish()
    }

    public func decode(
        _ bytes: UnsafeRawBufferPointer, into builder: ColumnBuilder
    ) throws(RowCodecError) {
        precondition(types.count == 1)
        var decoder = RowDecoder(nodes, bytes)
        _ = try decoder.decode(0, into: builder)
        try decoder.finish()
    }

    /// The rows as columns.
    public func decode(_ rows: EncodedRows) throws(RowCodecError) -> [Column] {
        let builders = types.map { ColumnBuilder($0, capacity: rows.count) }
        for row in 0..<rows.count { try decode(rows[row], into: builders) }
        return builders.map { $0.finish() }
    }

    /// Appends a list of the elements that `bytes` consist of: see `encodeElements`.
    public func decodeElements(
        _ bytes: UnsafeRawBufferPointer, into lists: ColumnBuilder
    ) throws(RowCodecError) {
        precondition(types.count == 1 && lists.children.count == 1)
        var decoder = RowDecoder(nodes, bytes)
        let elements = lists.children[0]
        while !decoder.isAtEnd { _ = try decoder.decode(0, into: elements) }
        lists.appendList()
    }

    /// The length of the row at the start of `bytes`, which may go on behind it.
    public func length(of bytes: UnsafeRawBufferPointer) throws(RowCodecError) -> Int {
        var decoder = RowDecoder(nodes, bytes)
        var index = 0
        while index < nodes.count { index = try decoder.skip(index) }
        return decoder.position
    }
}

/// Reads values from bytes that may be anything: every read is checked against the end.
private struct RowDecoder {
    private let nodes: [RowCodec.Node]
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ nodes: [RowCodec.Node], _ bytes: UnsafeRawBufferPointer) {
        self.nodes = nodes
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    func finish() throws(RowCodecError) {
        guard isAtEnd else { throw error("\(bytes.count - position) bytes too many") }
    }

    private func error(_ message: String) -> RowCodecError {
        RowCodecError(message: message, position: position)
    }

    /// Appends a value of the node at `index`.
    /// - Returns: the index behind the node and its children.
    mutating func decode(
        _ index: Int, into builder: ColumnBuilder
    ) throws(RowCodecError) -> Int {
        let node = nodes[index]
        if node.hasPresence, try !readBoolean() {
            builder.appendNull()
            return node.end
        }
        switch node.form {
        case .nothing: throw error("a value of a type that has none")
        case .boolean: builder.append(try readBoolean())
        case .int8: builder.append(try read(UInt8.self) ^ 1 << 7)
        case .int16: builder.append(try read(UInt16.self) ^ 1 << 15)
        case .int32: builder.append(try read(UInt32.self) ^ 1 << 31)
        case .int64: builder.append(try read(UInt64.self) ^ 1 << 63)
        case .int128: builder.append(try read(UInt128.self) ^ 1 << 127)
        case .float: builder.append(OrderedBits.decode(try read(UInt32.self)))
        case .double: builder.append(OrderedBits.decode(try read(UInt64.self)))
        case .bytes, .utf8, .integer, .decimal:
            builder.append(bytes: try readBytes(node.form))
        case .list:
            for _ in 0..<(try readLength()) {
                _ = try decode(index &+ 1, into: builder.children[0])
            }
            builder.appendList()
        case .map:
            for _ in 0..<(try readLength()) {
                let next = try decode(index &+ 1, into: builder.children[0])
                _ = try decode(next, into: builder.children[1])
            }
            builder.appendList()
        case .fields:
            var child = index &+ 1
            for field in builder.children { child = try decode(child, into: field) }
            builder.appendRow()
        }
        return node.end
    }

    /// Goes past a value as `decode` does, without looking into strings.
    mutating func skip(_ index: Int) throws(RowCodecError) -> Int {
        let node = nodes[index]
        if node.hasPresence, try !readBoolean() { return node.end }
        switch node.form {
        case .nothing: throw error("a value of a type that has none")
        case .boolean: _ = try readBoolean()
        case .int8: try advance(1)
        case .int16: try advance(2)
        case .int32, .float: try advance(4)
        case .int64, .double: try advance(8)
        case .int128: try advance(16)
        case .bytes, .utf8, .integer, .decimal: try advance(try readLength())
        case .list, .map:
            for _ in 0..<(try readLength()) {
                var child = index &+ 1
                while child < node.end { child = try skip(child) }
            }
        case .fields:
            var child = index &+ 1
            while child < node.end { child = try skip(child) }
        }
        return node.end
    }

    private mutating func advance(_ count: Int) throws(RowCodecError) {
        guard count <= bytes.count &- position else { throw error("the bytes end in a value") }
        position &+= count
    }

    @inline(__always)
    private mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _: T.Type
    ) throws(RowCodecError) -> T {
        let start = position
        try advance(MemoryLayout<T>.size)
        return T(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: T.self))
    }

    private mutating func readBoolean() throws(RowCodecError) -> Bool {
        let byte = try read(UInt8.self)
        guard byte <= 1 else { throw error("\(byte) where there is 0 or 1") }
        return byte == 1
    }

    /// A length or a count. Everything counted takes a byte at least, so neither can be more than
    /// the bytes that are left.
    private mutating func readLength() throws(RowCodecError) -> Int {
        let first = try read(UInt8.self)
        let length: Int
        let least: Int
        switch first {
        case ..<0x80: (length, least) = (Int(first), 0)
        case ..<0xC0: (length, least) = (Int(first & 0x3F) << 8 | Int(try read(UInt8.self)), 1 << 7)
        case ..<0xE0:
            (length, least) = (Int(first & 0x1F) << 16 | Int(try read(UInt16.self)), 1 << 14)
        case ..<0xF0:
            let high = Int(first & 0x0F) << 24 | Int(try read(UInt8.self)) << 16
            (length, least) = (high | Int(try read(UInt16.self)), 1 << 21)
        case 0xF0: (length, least) = (Int(try read(UInt32.self)), 1 << 28)
        default: throw error("\(first) does not start a length")
        }
        guard length >= least else { throw error("a length written longer than need be") }
        guard length <= bytes.count &- position else {
            throw error("a length of \(length) where \(bytes.count - position) bytes are left")
        }
        return length
    }

    private mutating func readBytes(
        _ form: RowCodec.Form
    ) throws(RowCodecError) -> UnsafeRawBufferPointer {
        let length = try readLength()
        let value = UnsafeRawBufferPointer(rebasing: bytes[position..<position &+ length])
        switch form {
        case .utf8:
            guard UTF8Validation.isASCII(value) || UTF8Validation.isValid(value) else {
                throw error("text that is not valid UTF-8")
            }
        case .integer, .decimal:
            guard DecimalDigits.isNumber(value, fraction: form == .decimal) else {
                throw error("digits that are not a number")
            }
        default: break
        }
        position &+= length
        return value
    }
}
