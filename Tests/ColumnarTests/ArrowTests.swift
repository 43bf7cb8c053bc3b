import CArrow
import Testing

@testable import Columnar

@Suite("The Arrow C data interface")
struct ArrowTests {
    private func withExport<R>(
        _ column: Column,
        _ body: (UnsafeMutablePointer<ArrowSchema>, UnsafeMutablePointer<ArrowArray>) throws -> R
    ) rethrows -> R {
        var schema = ArrowSchema()
        var array = ArrowArray()
        column.type.exportArrow(name: "x", to: &schema)
        column.exportArrow(to: &array)
        defer {
            schema.release?(&schema)
            array.release?(&array)
        }
        return try body(&schema, &array)
    }

    @Test("Every type comes back from its export", arguments: sampleTypes)
    func roundTrip(type: DataType) throws {
        var random = SplitMix64(seed: 41)
        for count in [0, 1, 9, 200] {
            let column = Column.random(type, count: count, using: &random)
            let back = try withExport(column) { try Column.importArrow($1, schema: $0) }
            #expect(back.allValues == column.allValues)
            #expect(back.type.layout == type.layout)
            #expect(back.type.isNullable == type.isNullable)
            let gathered = back.gather(indices: UnsafeBufferPointer(start: nil, count: 0))
            #expect(gathered.count == 0)
        }
    }

    @Test(
        "Types without an Arrow counterpart keep their identity",
        arguments: [
            "BIG_INTEGER", "BIG_DECIMAL", "PICKLED", "INSTANT", "RAW('a', 'b')", "TUPLE<`f0` INT>",
            "LIST<INSTANT>", "MULTISET<INT NOT NULL>", "ROW<`a` TUPLE<INSTANT>>",
        ])
    func extensions(text: String) throws {
        let text = text.replacing("TUPLE<`f0` INT>", with: "TUPLE<INT>")
        let type = try DataType(parsing: text)
        var schema = ArrowSchema()
        type.exportArrow(to: &schema)
        defer { schema.release(&schema) }
        #expect(try DataType(arrow: &schema) == type)
    }

    @Test("Memory is shared, and released with its last user")
    func zeroCopy() throws {
        let column = Column(Array(0..<100 as Range<Int64>), type: .bigInt)
        let address = column.buffers[0].base
        var schema = ArrowSchema()
        var array = ArrowArray()
        column.type.exportArrow(to: &schema)
        column.exportArrow(to: &array)
        var imported: Column? = try Column.importArrow(&array, schema: &schema)
        #expect(array.release == nil)
        #expect(imported?.buffers[0].base == address)
        schema.release(&schema)
        #expect(schema.release == nil)
        #expect(imported?.value(at: 99) == 99)
        imported = nil
        #expect(throws: ArrowError.self) {
            var gone = ArrowArray()
            return try Column.importArrow(&gone, schema: &schema)
        }
    }

    @Test("Batches travel as structs")
    func batches() throws {
        var random = SplitMix64(seed: 42)
        let batch = Batch(
            count: 30,
            columns: [
                .random(.string, count: 30, using: &random),
                .random(.bigInt.notNull(), count: 30, using: &random),
            ])
        var schema = ArrowSchema()
        var array = ArrowArray()
        batch.exportArrow(names: ["a", "b"], schema: &schema, array: &array)
        defer { schema.release(&schema) }
        #expect(String(cString: schema.format) == "+s")
        let (back, names) = try Batch.importArrow(&array, schema: &schema)
        #expect(names == ["a", "b"])
        #expect(back.rows == batch.rows)
    }

    /// An array of one buffer besides its validity, as another producer would make it.
    private func foreign(
        _ format: String, _ bytes: [[UInt8]], length: Int, offset: Int = 0,
        dictionary: (
            schema: UnsafeMutablePointer<ArrowSchema>, array: UnsafeMutablePointer<ArrowArray>
        )? = nil
    ) throws -> Column {
        let buffers = bytes.map { Buffer(copying: $0) }
        var pointers: [UnsafeRawPointer?] = [nil] + buffers.map { Optional($0.base) }
        let column: Column = try pointers.withUnsafeMutableBufferPointer { pointers in
            try format.withCString { format in
                var schema = ArrowSchema(
                    format: format, name: nil, metadata: nil, flags: 2, n_children: 0,
                    children: nil, dictionary: dictionary?.schema,
                    release: { $0?.pointee.release = nil }, private_data: nil)
                var array = ArrowArray(
                    length: Int64(length), null_count: 0, offset: Int64(offset),
                    n_buffers: Int64(pointers.count), n_children: 0, buffers: pointers.baseAddress,
                    children: nil, dictionary: dictionary?.array,
                    release: { $0?.pointee.release = nil }, private_data: nil)
                return .concatenate([
                    try Column.importArrow(&array, schema: &schema),
                    .nulls(try DataType(arrow: &schema), count: 1),
                ])
            }
        }
        return withExtendedLifetime(buffers) { column }
    }

    private func bytes<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
        values.withUnsafeBytes { Array($0) }
    }

    @Test("What others have and we have not is converted")
    func conversions() throws {
        let strings = try foreign(
            "U", [bytes([0, 1, 3] as [Int64]), Array("abc".utf8)], length: 2)
        #expect(strings.allValues == ["a", "bc", nil])
        #expect(try foreign("C", [[200, 7]], length: 2).allValues == [200, 7, nil])
        #expect(
            try foreign("L", [bytes([UInt64.max])], length: 1).allValues
                == [.wide(Int128(UInt64.max)), nil])
        #expect(
            try foreign("tdm", [bytes([-86_400_000 as Int64])], length: 1).allValues == [-1, nil])
        #expect(try foreign("ttu", [bytes([5_999 as Int64])], length: 1).allValues == [5, nil])
        #expect(try foreign("tss:UTC", [bytes([7 as Int64])], length: 1).allValues == [7000, nil])
        #expect(
            try foreign("tiD", [bytes([1, 5] as [Int32])], length: 1).allValues == [
                86_400_005, nil,
            ])
        #expect(
            try foreign("w:2", [[1, 2, 3, 4]], length: 1, offset: 1).allValues
                == [.bytes([3, 4]), nil])
        #expect(
            try foreign("d:9,2,64", [bytes([-5 as Int64])], length: 1).allValues == [
                .wide(-5), nil,
            ])
        #expect(throws: ArrowError.self) { try foreign("vu", [[]], length: 0) }
        #expect(throws: ArrowError.self) { try foreign("+us:0", [[]], length: 0) }
        #expect(throws: ArrowError.self) {
            try foreign("u", [bytes([0, 3, 2] as [Int32]), [1, 2, 3]], length: 2)
        }

        var schema = ArrowSchema()
        var array = ArrowArray()
        let words = Column(["x", "y"], type: .string)
        words.type.exportArrow(to: &schema)
        words.exportArrow(to: &array)
        defer {
            schema.release?(&schema)
            array.release?(&array)
        }
        let decoded = try foreign(
            "c", [[1, 0, 1]], length: 3,
            dictionary: (
                withUnsafeMutablePointer(to: &schema) { $0 },
                withUnsafeMutablePointer(to: &array) { $0 }
            ))
        #expect(decoded.allValues == ["y", "x", "y", nil])
        #expect(throws: ArrowError.self) {
            try foreign(
                "c", [[2]], length: 1,
                dictionary: (
                    withUnsafeMutablePointer(to: &schema) { $0 },
                    withUnsafeMutablePointer(to: &array) { $0 }
                ))
        }
    }
}
