import Testing

@testable import Columnar

@Suite("Batches as bytes")
struct BatchCodecTests {
    private func batch(_ types: [DataType], _ count: Int, _ random: inout SplitMix64) -> Batch {
        Batch(
            count: count,
            columns: types.map { .random($0, count: count, using: &random) },
            timestamps: Bool.random(using: &random)
                ? .random(.bigInt, count: count, using: &random) : nil,
            rowKinds: Bool.random(using: &random)
                ? Column(
                    (0..<count).map { _ in UInt8.random(in: 0...3, using: &random) },
                    type: .tinyInt.notNull()) : nil)
    }

    @Test("A batch comes back as it was", arguments: sampleTypes)
    func roundTrip(type: DataType) throws {
        var random = SplitMix64(seed: 21)
        for count in [0, 1, 3, 8, 9, 70, 700] {
            let batch = batch([type, .string, type], count, &random)
            let frame = try BatchCodec.encode(
                batch, includeTimestamps: true, includeRowKinds: true)
            let body = frame.contiguous()
            #expect(frame.byteCount == body.count)
            #expect(
                frame.byteCount
                    == BatchCodec.encodedSize(
                        batch, includeTimestamps: true, includeRowKinds: true))
            #expect(frame.segments.allSatisfy { $0.count > 0 })
            var direct = [UInt8](repeating: 0xAA, count: body.count)
            try direct.withUnsafeMutableBytes {
                let size = try BatchCodec.encode(
                    batch, includeTimestamps: true, includeRowKinds: true, into: $0)
                #expect(size == body.count)
            }
            #expect(direct == body.copiedBytes)
            let decoded = try BatchCodec.decode(
                body: body, types: [type, .string, type], hasTimestamps: true, hasRowKinds: true)
            #expect(decoded.count == count)
            #expect(decoded.rows == batch.rows)
            for row in 0..<count {
                #expect(decoded.timestamp(row) == batch.timestamp(row))
                #expect(decoded.rowKind(row) == batch.rowKind(row))
            }
        }
    }

    @Test("A body that is not aligned is read all the same")
    func unaligned() throws {
        var random = SplitMix64(seed: 22)
        let batch = batch([.bigInt, .string], 50, &random)
        let body = try BatchCodec.encode(batch).contiguous()
        let shifted = Buffer(copying: [0, 0, 0] + body.copiedBytes)[3..<body.count + 3]
        #expect(try BatchCodec.decode(body: shifted, types: [.bigInt, .string]).rows == batch.rows)
    }

    @Test("Large buffers are sent from where they are")
    func segments() throws {
        let column = Column(Array(0..<10_000 as Range<Int64>), type: .bigInt)
        let frame = try BatchCodec.encode(Batch(column.slice(8..<9000)))
        #expect(frame.segments.count == 2)
        #expect(frame.segments[1].base == column.buffers[0].base + 64)
        #expect(frame.segments[0].count == 64)
    }

    /// A body of one column with the given table entries, for what an encoder never writes.
    private func body(rows: UInt32, _ buffers: [[UInt8]], table: [(Int, UInt32)] = []) -> Buffer {
        var words = [rows, UInt32(buffers.count)]
        var data: [UInt8] = []
        let start = BatchCodec.align(8 + 8 * buffers.count)
        for buffer in buffers {
            words += [UInt32(start + data.count), UInt32(buffer.count)]
            data +=
                buffer + [UInt8](repeating: 0, count: BatchCodec.align(buffer.count) - buffer.count)
        }
        for (index, value) in table { words[index] = value }
        var bytes = words.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        bytes += [UInt8](repeating: 0, count: start - bytes.count) + data
        return Buffer(copying: bytes)
    }

    private func offsets(_ values: Int32...) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    }

    @Test("What is wrong with bytes is said, not read")
    func refused() throws {
        func fails(
            _ body: Buffer, _ type: DataType, _ message: String,
            _ place: SourceLocation = #_sourceLocation
        ) {
            let error = #expect(throws: BatchCodecError.self, sourceLocation: place) {
                try BatchCodec.decode(body: body, types: [type])
            }
            #expect(error?.message == message, sourceLocation: place)
        }
        let text = Array("abé".utf8)
        #expect(throws: Never.self) {
            try BatchCodec.decode(body: body(rows: 1, [[], offsets(0, 4), text]), types: [.string])
        }
        fails(Buffer(copying: [1, 2, 3] as [UInt8]), .string, "3 bytes are no batch")
        fails(body(rows: 1, [[]]), .bigInt, "1 buffers where the types have 2")
        fails(body(rows: 2, [[], [0]]), .bigInt, "1 bytes of values where there must be 16")
        fails(body(rows: 9, [[1], [1, 1]]), .boolean, "a validity bitmap of 1 bytes for 9 values")
        fails(body(rows: 2, [[], offsets(0, 2, 1), text]), .string, "offsets that decrease")
        fails(body(rows: 1, [[], offsets(1, 2), text]), .string, "offsets that start at 1")
        fails(
            body(rows: 1, [[], offsets(0, 5), text]), .string,
            "4 bytes of data where there must be 5")
        fails(
            body(rows: 2, [[], offsets(0, 3, 4), text]), .string, "text that is not valid UTF-8")
        fails(body(rows: 1, [[], offsets(0, 1), [0x80]]), .string, "text that is not valid UTF-8")
        fails(
            body(rows: 1, [[], [UInt8](repeating: 0, count: 8)], table: [(4, 68)]), .bigInt,
            "a buffer at 68, which is not a multiple of 64")
        fails(
            body(rows: 1, [[], [UInt8](repeating: 0, count: 8)], table: [(5, 65)]), .bigInt,
            "a buffer that ends at 129 of 128")
        fails(body(rows: .max, [[], []]), .bigInt, "4294967295 rows")
        fails(body(rows: 1 << 30, []), DataType(.null), "1073741824 values without any bytes")
        fails(
            body(rows: 1, [[0], [UInt8](repeating: 0, count: 8)]), .bigInt.notNull(),
            "a null in a column of type BIGINT NOT NULL")
        fails(
            body(rows: 1, [[], offsets(0, 2), Array("1x".utf8)]), DataType(.bigInteger),
            "digits that are not a number, in row 0")
        let kinds = #expect(throws: BatchCodecError.self) {
            try BatchCodec.decode(body: body(rows: 1, [[], [4]]), types: [], hasRowKinds: true)
        }
        #expect(kinds?.description == "column 0: 4 is not a row kind")
    }

    @Test("Mangled bodies throw or decode to something readable", arguments: 0..<16)
    func fuzz(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        for _ in 0..<40 {
            let types = (0..<3).map { _ in sampleTypes.randomElement(using: &random)! }
            let batch = batch(types, .random(in: 0...40, using: &random), &random)
            let good = try BatchCodec.encode(
                batch, includeTimestamps: true, includeRowKinds: true
            ).contiguous().copiedBytes
            for _ in 0..<25 {
                var bytes = good
                for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                    let end = Bool.random(using: &random) ? min(bytes.count, 200) : bytes.count
                    let index = Int.random(in: 0..<end, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    case 1: bytes[index] = .random(in: 0...255, using: &random)
                    case 2: bytes.removeSubrange(index...)
                    default: bytes[index] = [0, 1, 0x7F, 0xFF].randomElement(using: &random)!
                    }
                }
                guard
                    let decoded = try? BatchCodec.decode(
                        body: Buffer(copying: bytes), types: types, hasTimestamps: true,
                        hasRowKinds: true)
                else { continue }
                guard decoded.count <= 10_000 else { continue }
                // Touches every byte that the columns claim to have.
                #expect(decoded.rows.count == decoded.count)
                use(decoded)
                let again = try BatchCodec.encode(decoded).contiguous()
                let second = try BatchCodec.decode(body: again, types: types)
                #expect(second.count == decoded.count)
            }
        }
    }

    /// Does what a job does with rows that came from elsewhere.
    private func use(_ batch: Batch) {
        for style in [TextStyle.java, .python] {
            var text: [UInt8] = []
            batch.appendLines(to: &text, style: style)
            #expect(String(validating: text, as: UTF8.self) != nil)
            for column in batch.columns { #expect(column.text(style: style).count == batch.count) }
        }
        for column in batch.columns {
            #expect(column.keyHashCodes().count == batch.count)
            #expect(column.byteCount >= 0)
        }
        let order = (0..<batch.count).reversed().map { Int32($0) }
        let twice = Batch.concatenate([batch.gather(indices: order), batch])
        #expect(twice.count == 2 * batch.count)
    }

    @Test("Extreme values are printed and hashed", arguments: sampleTypes)
    func extremes(type: DataType) throws {
        guard case .fixed(let width) = type.layout else { return }
        let patterns: [[UInt8]] = [
            [UInt8](repeating: 0xFF, count: width), [UInt8](repeating: 0, count: width),
            [UInt8](repeating: 0xFF, count: width - 1) + [0x7F],
            [UInt8](repeating: 0, count: width - 1) + [0x80],
        ]
        let body = body(rows: UInt32(patterns.count), [[], patterns.flatMap { $0 }])
        use(try BatchCodec.decode(body: body, types: [type]))
    }

    @Test("UTF-8 is judged as the standard library judges it")
    func utf8() {
        var random = SplitMix64(seed: 23)
        let pieces: [[UInt8]] = [
            [0x61], Array("漢字".utf8), Array("é".utf8), Array("😀".utf8), [0xC0, 0x80],
            [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98], [0x80],
            Array("0123456789abcdef".utf8), [0xF0, 0x80, 0x80, 0x80],
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in
                Int.random(in: 0..<4, using: &random) < 3
                    ? pieces[Int.random(in: 0..<4, using: &random)]
                    : pieces.randomElement(using: &random)!
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            bytes.withUnsafeBytes {
                #expect(UTF8Validation.isValid($0) == expected)
                #expect(UTF8Validation.isASCII($0) == bytes.allSatisfy { $0 < 0x80 })
            }
        }
        let long = [UInt8](repeating: 0x61, count: 1000)
        for place in 0..<1000 {
            var bytes = long
            bytes[place] = 0x80
            #expect(!bytes.withUnsafeBytes { UTF8Validation.isASCII($0) })
        }
    }
}
