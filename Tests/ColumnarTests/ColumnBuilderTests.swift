import Testing

@testable import Columnar

@Suite("Building columns")
struct ColumnBuilderTests {
    @Test("Values come back as they were appended", arguments: sampleTypes)
    func roundTrip(type: DataType) {
        var random = SplitMix64(seed: 7)
        let builder = ColumnBuilder(type)
        for count in [0, 1, 7, 8, 9, 64, 65, 300] {
            let values = (0..<count).map { _ in Value.random(type, using: &random) }
            for value in values { builder.append(value) }
            #expect(builder.count == count)
            let column = builder.finish()
            #expect(column.allValues == values)
            #expect(column.nullCount == values.count { $0 == .null })
            #expect(column.children.count == type.childTypes.count)
        }
    }

    @Test("Appending ranges of columns, whatever their bit offsets", arguments: sampleTypes)
    func ranges(type: DataType) {
        var random = SplitMix64(seed: 8)
        for _ in 0..<20 {
            let builder = ColumnBuilder(type)
            var expected: [Value] = []
            for _ in 0..<5 {
                let column = Column.random(
                    type, count: .random(in: 0..<150, using: &random), using: &random)
                let start = Int.random(in: 0...column.count, using: &random)
                let end = Int.random(in: start...column.count, using: &random)
                builder.append(column, range: start..<end)
                expected += column.allValues[start..<end]
                let value = Value.random(type, using: &random)
                builder.append(value)
                expected.append(value)
            }
            #expect(builder.finish().allValues == expected)
        }
    }

    @Test("Typed and bulk appends")
    func bulk() {
        let builder = ColumnBuilder(.bigInt)
        builder.append(1 as Int64)
        [2, 3, 4].withUnsafeBufferPointer { (source: UnsafeBufferPointer<Int64>) in
            builder.append(contentsOf: source)
        }
        builder.append(nil as Int64?)
        builder.append(repeating: 5 as Int64, count: 2)
        #expect(builder.finish().allValues == [1, 2, 3, 4, nil, 5, 5])

        let strings = ColumnBuilder(.string)
        strings.append("a")
        strings.appendBytes(count: 2) { $0.copyBytes(from: [0x62, 0x63]) }
        strings.appendBytes(capacity: 9) {
            $0.copyBytes(from: [0x64])
            return 1
        }
        strings.appendNulls(2)
        #expect(strings.finish().allValues == ["a", "bc", "d", nil, nil])
    }

    @Test("Columns of nulls", arguments: sampleTypes)
    func nulls(type: DataType) {
        let column = Column.nulls(type, count: 70)
        #expect(column.nullCount == 70)
        #expect(column.allValues == Array(repeating: .null, count: 70))
    }

    @Test("Bits are counted, copied and filled at any offset")
    func bitmaps() {
        var random = SplitMix64(seed: 3)
        let source = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
        func bit(_ bytes: [UInt8], _ index: Int) -> Bool {
            bytes[index / 8] >> (index % 8) & 1 == 1
        }
        for _ in 0..<2000 {
            let start = Int.random(in: 0..<160, using: &random)
            let count = Int.random(in: 0...(320 - start), using: &random)
            let target = Int.random(in: 0...(320 - count), using: &random)
            let ones = source.withUnsafeBytes {
                Bitmap.countOnes($0.baseAddress!, from: start, count: count)
            }
            #expect(ones == (start..<start + count).count { bit(source, $0) })
            let before = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            var copied = before
            copied.withUnsafeMutableBytes { to in
                source.withUnsafeBytes { from in
                    Bitmap.copy(
                        from: from.baseAddress!, at: start, to: to.baseAddress!, at: target,
                        count: count)
                }
            }
            var filled = before
            filled.withUnsafeMutableBytes {
                Bitmap.fill($0.baseAddress!, from: target, count: count, true)
            }
            let good = (0..<320).allSatisfy { index in
                let inside = index >= target && index < target + count
                return bit(copied, index)
                    == (inside ? bit(source, start + index - target) : bit(before, index))
                    && bit(filled, index) == (inside || bit(before, index))
            }
            #expect(good)
        }
    }
}
