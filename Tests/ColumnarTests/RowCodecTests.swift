import Testing

@testable import Columnar

@Suite("Values as bytes of state")
struct RowCodecTests {
    private func encode(_ value: Value, _ type: DataType) -> [UInt8] {
        let rows = EncodedRows()
        RowCodec(type).encode(Column([value], type: type), row: 0, into: rows)
        return Array(rows[0])
    }

    private func decode(_ bytes: [UInt8], _ type: DataType) throws -> Value {
        let builder = ColumnBuilder(type)
        try bytes.withUnsafeBytes { try RowCodec(type).decode($0, into: builder) }
        return builder.finish().value(at: 0)
    }

    @Test("Rows come back as they were, from any slice", arguments: sampleTypes)
    func roundTrip(type: DataType) throws {
        var random = SplitMix64(seed: 31)
        let codec = RowCodec([type, .string, type.notNull()])
        let rows = EncodedRows()
        for count in [0, 1, 2, 9, 200] {
            let columns = [type, .string, type].map {
                Column.random($0, count: count, using: &random)
            }
            rows.removeAll()
            codec.encode(columns, into: rows)
            #expect(rows.count == count)
            let single = EncodedRows()
            for row in 0..<count { codec.encode(columns, row: row, into: single) }
            #expect((0..<count).allSatisfy { Array(rows[$0]) == Array(single[$0]) })
            for row in 0..<count { #expect(try codec.length(of: rows[row]) == rows[row].count) }
            let decoded = try codec.decode(rows)
            #expect(decoded[0].allValues == columns[0].allValues)
            #expect(decoded[1].allValues == columns[1].allValues)
            for row in 0..<count where columns[2].isValid(row) && type.layout != .none {
                #expect(decoded[2].value(at: row) == columns[2].value(at: row))
            }
        }
    }

    @Test("Equal values have equal bytes wherever they stand", arguments: sampleTypes)
    func canonical(type: DataType) {
        var random = SplitMix64(seed: 32)
        let codec = RowCodec(type)
        for _ in 0..<20 {
            let column = Column.random(type, count: 6, using: &random)
            let rows = EncodedRows()
            codec.encode(column, into: rows)
            for row in 0..<6 {
                #expect(encode(column.value(at: row), type) == Array(rows[row]))
                for other in 0..<row {
                    #expect(
                        (Array(rows[row]) == Array(rows[other]))
                            == (column.value(at: row) == column.value(at: other)))
                }
            }
        }
    }

    @Test("Bytes are ordered as the numbers are, and strings by length and then by bytes")
    func order() throws {
        func check(_ values: [Value], _ type: DataType, _ place: SourceLocation = #_sourceLocation)
        {
            let encoded = values.map { encode($0, type) }
            for (a, b) in zip(encoded, encoded.dropFirst()) {
                #expect(a.lexicographicallyPrecedes(b), sourceLocation: place)
            }
        }
        let integers: [Value] = [nil, -128, -1, 0, 1, 127]
        for type in [DataType.tinyInt, .smallInt, .int, .bigInt, DataType(.date)] {
            check(integers, type)
        }
        check([.integer(.min), -1, 0, 255, 256, .integer(.max)], .bigInt.notNull())
        check(
            [nil, .wide(-1 << 90), -1, 0, .wide(1 << 90)],
            DataType(.decimal(precision: 38, scale: 0)))
        let doubles: [Double] = [
            -.infinity, -1e300, -1, -0.0, 0, 1e-300, 2, .infinity, .nan,
        ]
        check(doubles.map { .double($0) }, .double)
        check(
            [-.infinity, -1e30, -1, -0.0, 0, 1e-30, 2, .infinity, .nan].map { .float($0) }, .float)
        let lengths = [0, 1, 2, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152, 2_097_200]
        check(lengths.map { .string(String(repeating: "z", count: $0)) }, .string)
        check(["b", "c", "aa", "ab"], .string)
    }

    @Test("The bytes are what the table says")
    func bytes() {
        #expect(encode(1, .bigInt.notNull()) == [0x80, 0, 0, 0, 0, 0, 0, 1])
        #expect(encode(-1, .int) == [1, 0x7F, 0xFF, 0xFF, 0xFF])
        #expect(encode(nil, .int) == [0])
        #expect(encode("ab", .string) == [1, 2, 0x61, 0x62])
        #expect(encode([true, nil], try! DataType(parsing: "ARRAY<BOOLEAN>")) == [1, 2, 1, 1, 0])
        #expect(encode(nil, DataType(.null, nullable: false)) == [0])
        #expect(encode(.row([]), DataType(.row([], style: .row), nullable: false)) == [1])
        let long = encode(.bytes([UInt8](repeating: 7, count: 300)), .bytes)
        #expect(Array(long.prefix(4)) == [1, 0x81, 0x2C, 7])
    }

    @Test("One text for each integer, one NaN, and zero for a null where none may be")
    func normal() throws {
        let integer = DataType(.bigInteger)
        for (text, same) in [("007", "7"), ("-0", "0"), ("-00", "0"), ("-010", "-10"), ("0", "0")] {
            #expect(encode(.string(text), integer) == encode(.string(same), integer))
        }
        #expect(
            encode(.double(.nan), .double)
                == encode(.double(-Double(nan: 5, signaling: false)), .double))
        for type in sampleTypes where type.layout != .none && type.kind != .row([], style: .row) {
            let nulls = Column.nulls(type, count: 2)
            let rows = EncodedRows()
            RowCodec(type.notNull()).encode(nulls, into: rows)
            let column = try RowCodec(type.notNull()).decode(rows)[0]
            #expect(column.nullCount == 0)
        }
    }

    @Test("Lists are their elements, and join")
    func elements() throws {
        var random = SplitMix64(seed: 33)
        for type in sampleTypes {
            let listType = DataType(.array(type, style: .list))
            let lists = Column.random(listType, count: 12, using: &random)
            let codec = RowCodec(type)
            let rows = EncodedRows()
            codec.encodeElements(lists, into: rows)
            #expect(rows.count == 12)
            let builder = ColumnBuilder(listType)
            for row in 0..<11 {
                let joined = Array(rows[row]) + Array(rows[row + 1])
                try joined.withUnsafeBytes { try codec.decodeElements($0, into: builder) }
            }
            let decoded = builder.finish()
            func elements(_ row: Int) -> [Value] {
                if case .list(let values) = lists.value(at: row) { values } else { [] }
            }
            for row in 0..<11 {
                #expect(decoded.value(at: row) == .list(elements(row) + elements(row + 1)))
            }
        }
    }

    @Test("Truncated and mangled bytes throw, or are some value", arguments: 0..<8)
    func fuzz(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(100 + seed))
        for type in sampleTypes {
            let codec = RowCodec([type, type])
            let rows = EncodedRows()
            codec.encode(
                [
                    .random(type, count: 4, using: &random),
                    .random(type, count: 4, using: &random),
                ], into: rows)
            for row in 0..<4 {
                let good = Array(rows[row])
                for end in 0..<good.count {
                    #expect(throws: RowCodecError.self) {
                        try good[..<end].withUnsafeBytes {
                            try codec.decode($0, into: [ColumnBuilder(type), ColumnBuilder(type)])
                        }
                    }
                }
                #expect(throws: RowCodecError.self) {
                    try (good + [0]).withUnsafeBytes {
                        try codec.decode($0, into: [ColumnBuilder(type), ColumnBuilder(type)])
                    }
                }
                for _ in 0..<20 {
                    var bytes = good
                    let place = Int.random(in: bytes.indices, using: &random)
                    bytes[place] = [.random(in: 0...255, using: &random), 0, 0x7F, 0xF0, 0xFF]
                        .randomElement(using: &random)!
                    let builders = [ColumnBuilder(type), ColumnBuilder(type)]
                    let isValue = bytes.withUnsafeBytes { bytes in
                        (try? codec.decode(bytes, into: builders)) != nil
                    }
                    if isValue { #expect(builders.allSatisfy { $0.finish().count == 1 }) }
                }
            }
        }
    }

    @Test("What is wrong is said")
    func refused() {
        func message(_ bytes: [UInt8], _ type: DataType) -> String? {
            let error = #expect(throws: RowCodecError.self) { try decode(bytes, type) }
            return error?.description
        }
        #expect(message([2], .int) == "malformed value at byte 1: 2 where there is 0 or 1")
        #expect(message([1, 0], .int) == "malformed value at byte 1: the bytes end in a value")
        #expect(message([0, 0], .int) == "malformed value at byte 1: 1 bytes too many")
        #expect(
            message([1, 5, 0x61], .string)
                == "malformed value at byte 2: a length of 5 where 1 bytes are left")
        #expect(
            message([1, 0x80, 1, 0x61], .string)
                == "malformed value at byte 3: a length written longer than need be")
        #expect(
            message([1, 1, 0x80], .string)
                == "malformed value at byte 2: text that is not valid UTF-8")
        #expect(message([1], DataType(.null)) != nil)
        #expect(
            message([1, 1, 0x78], DataType(.bigInteger))
                == "malformed value at byte 2: digits that are not a number")
    }
}
