#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension BatchCodec {
    /// The length of the body that `encode` makes, in bytes.
    public static func encodedSize(
        _ batch: Batch, includeTimestamps: Bool = false, includeRowKinds: Bool = false
    ) -> Int {
        Plan(batch, includeTimestamps, includeRowKinds).byteCount
    }

    /// Encodes a batch without copying its large buffers.
    ///
    /// - Parameters:
    ///   - includeTimestamps: adds the event times; nulls if the batch has none.
    ///   - includeRowKinds: adds the row kinds; insertions if the batch has none.
    /// - Throws: if the body would be longer than `maxBodyLength`: split the batch.
    public static func encode(
        _ batch: Batch, includeTimestamps: Bool = false, includeRowKinds: Bool = false
    ) throws(BatchCodecError) -> BatchFrame {
        let plan = Plan(batch, includeTimestamps, includeRowKinds)
        try plan.checkSize()
        return plan.frame()
    }

    /// Encodes a batch into memory of at least `encodedSize` bytes.
    /// - Returns: the number of bytes written.
    @discardableResult
    public static func encode(
        _ batch: Batch, includeTimestamps: Bool = false, includeRowKinds: Bool = false,
        into target: UnsafeMutableRawBufferPointer
    ) throws(BatchCodecError) -> Int {
        let plan = Plan(batch, includeTimestamps, includeRowKinds)
        try plan.checkSize()
        precondition(target.count >= plan.byteCount, "no room for the batch")
        guard let base = target.baseAddress else { return 0 }
        plan.writeTable(to: base)
        var end = plan.tableSize
        for (piece, position) in zip(plan.pieces, plan.positions) where piece.byteCount > 0 {
            memset(base + end, 0, position - end)
            piece.write(to: base + position)
            end = position + piece.byteCount
        }
        return plan.byteCount
    }
}

/// The bytes of one buffer on the wire, and how they come about.
private struct Piece {
    enum Source {
        /// As they are.
        case bytes(Buffer)
        /// Bits that start within a byte.
        case bits(Buffer, from: Int, count: Int)
        /// Offsets that do not start at 0.
        case offsets(Buffer, first: Int32)
        case zeros
    }

    let source: Source
    let byteCount: Int

    static var empty: Piece { Piece(source: .zeros, byteCount: 0) }

    func write(to target: UnsafeMutableRawPointer) {
        switch source {
        case .bytes(let buffer): memcpy(target, buffer.base, byteCount)
        case .bits(let buffer, let start, let count):
            target.storeBytes(of: 0, toByteOffset: byteCount - 1, as: UInt8.self)
            Bitmap.copy(from: buffer.base, at: start, to: target, at: 0, count: count)
        case .offsets(let buffer, let first):
            let offsets = buffer.base.assumingMemoryBound(to: Int32.self)
            let out = target.assumingMemoryBound(to: Int32.self)
            for index in 0..<byteCount / 4 { out[index] = offsets[index] &- first }
        case .zeros: memset(target, 0, byteCount)
        }
    }
}

/// What a body consists of, and where each piece lies in it.
private struct Plan {
    private(set) var pieces: [Piece] = []
    private(set) var positions: [Int] = []
    private(set) var byteCount = 0
    let rows: Int
    let tableSize: Int

    /// Pieces from this size on are sent from where they are; copying a smaller one is cheaper
    /// than an entry of an I/O vector.
    private static let referencedSize = 2048

    init(_ batch: Batch, _ includeTimestamps: Bool, _ includeRowKinds: Bool) {
        rows = batch.count
        var pieces: [Piece] = []
        for column in batch.columns { Self.collect(column, into: &pieces) }
        if includeTimestamps {
            if let timestamps = batch.timestamps {
                Self.collect(timestamps, into: &pieces)
            } else {
                pieces.append(Piece(source: .zeros, byteCount: Bitmap.byteCount(rows)))
                pieces.append(Piece(source: .zeros, byteCount: rows * 8))
            }
        }
        if includeRowKinds {
            if let rowKinds = batch.rowKinds {
                Self.collect(rowKinds, into: &pieces)
            } else {
                pieces.append(.empty)
                pieces.append(Piece(source: .zeros, byteCount: rows))
            }
        }
        tableSize = 8 + 8 * pieces.count
        byteCount = tableSize
        positions.reserveCapacity(pieces.count)
        for piece in pieces {
            if piece.byteCount == 0 {
                positions.append(0)
            } else {
                positions.append(BatchCodec.align(byteCount))
                byteCount = BatchCodec.align(byteCount) + piece.byteCount
            }
        }
        self.pieces = pieces
    }

    func checkSize() throws(BatchCodecError) {
        guard byteCount <= BatchCodec.maxBodyLength else {
            throw BatchCodecError(
                message: "a batch of \(rows) rows takes \(byteCount) bytes, more than 1 GiB",
                column: nil)
        }
    }

    // MARK: Collecting

    /// The buffers of a column in the order of the wire, its slice made to start at 0.
    private static func collect(_ column: Column, into pieces: inout [Piece]) {
        let layout = column.type.layout
        if layout == .none { return }
        if let validity = column.validity, column.hasNulls {
            pieces.append(bits(validity, column))
        } else {
            pieces.append(.empty)
        }
        switch layout {
        case .none: break
        case .bits: pieces.append(bits(column.buffers[0], column))
        case .fixed(let width):
            let start = column.offset * width
            let size = column.count * width
            pieces.append(
                Piece(source: .bytes(column.buffers[0][start..<start + size]), byteCount: size))
        case .variable:
            let range = offsets(column, into: &pieces)
            pieces.append(
                Piece(source: .bytes(column.buffers[1][range]), byteCount: range.count))
        case .list:
            let range = offsets(column, into: &pieces)
            for child in column.children { collect(child.slice(range), into: &pieces) }
        case .fields:
            for index in column.children.indices { collect(column.field(index), into: &pieces) }
        }
    }

    private static func bits(_ buffer: Buffer, _ column: Column) -> Piece {
        let size = Bitmap.byteCount(column.count)
        if column.offset & 7 == 0 {
            let start = column.offset >> 3
            return Piece(source: .bytes(buffer[start..<start + size]), byteCount: size)
        }
        return Piece(
            source: .bits(buffer, from: column.offset, count: column.count), byteCount: size)
    }

    /// Adds the offsets, and returns what they point into.
    private static func offsets(_ column: Column, into pieces: inout [Piece]) -> Range<Int> {
        let size = (column.count + 1) * 4
        if column.count == 0 {
            pieces.append(Piece(source: .zeros, byteCount: size))
            return 0..<0
        }
        let first = column.offsets[0]
        let start = column.offset * 4
        let buffer = column.buffers[0][start..<start + size]
        pieces.append(
            Piece(
                source: first == 0 ? .bytes(buffer) : .offsets(buffer, first: first),
                byteCount: size))
        return Int(first)..<Int(column.offsets[column.count])
    }

    // MARK: Writing

    func writeTable(to base: UnsafeMutableRawPointer) {
        let words = base.assumingMemoryBound(to: UInt32.self)
        words[0] = UInt32(rows).littleEndian
        words[1] = UInt32(pieces.count).littleEndian
        for index in pieces.indices {
            words[2 + 2 * index] = UInt32(positions[index]).littleEndian
            words[3 + 2 * index] = UInt32(pieces[index].byteCount).littleEndian
        }
    }

    /// The piece's own memory, if it is worth sending from there.
    private func referenced(_ piece: Piece) -> Buffer? {
        guard case .bytes(let buffer) = piece.source, piece.byteCount >= Self.referencedSize
        else { return nil }
        return buffer
    }

    func frame() -> BatchFrame {
        // What is copied, in the order of the body: the table, small pieces and all padding.
        let copied = pieces.reduce(byteCount) { $0 - (referenced($1)?.count ?? 0) }
        var parts: [(range: Range<Int>, then: Buffer?)] = []
        let arena = Buffer(count: copied, of: UInt8.self) { target in
            let base = UnsafeMutableRawPointer(target.baseAddress.unsafelyUnwrapped)
            writeTable(to: base)
            var start = 0
            var used = tableSize
            var end = tableSize
            for (piece, position) in zip(pieces, positions) where piece.byteCount > 0 {
                memset(base + used, 0, position - end)
                used += position - end
                if let buffer = referenced(piece) {
                    parts.append((start..<used, buffer))
                    start = used
                } else {
                    piece.write(to: base + used)
                    used += piece.byteCount
                }
                end = position + piece.byteCount
            }
            if start < used { parts.append((start..<used, nil)) }
            assert(used == copied)
        }
        var segments: [Buffer] = []
        segments.reserveCapacity(parts.count * 2)
        for part in parts {
            if !part.range.isEmpty { segments.append(arena[part.range]) }
            if let buffer = part.then { segments.append(buffer) }
        }
        return BatchFrame(segments: segments, byteCount: byteCount)
    }
}
