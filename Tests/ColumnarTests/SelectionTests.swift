import Testing

@testable import Columnar

@Suite("Selecting and joining rows")
struct SelectionTests {
    @Test("Gather", arguments: sampleTypes)
    func gather(type: DataType) {
        var random = SplitMix64(seed: 11)
        for count in [1, 5, 40, 200] {
            let column = Column.random(type, count: count, using: &random)
            let values = column.allValues
            for size in [0, 1, 8, 9, 100] {
                let indices = (0..<size).map { _ in
                    Int32.random(in: 0..<Int32(count), using: &random)
                }
                let gathered = indices.withUnsafeBufferPointer { column.gather(indices: $0) }
                #expect(gathered.allValues == indices.map { values[Int($0)] })
                #expect(gathered.offset == 0)
                let some = indices.map { Bool.random(using: &random) ? $0 : -1 }
                let orNull = some.withUnsafeBufferPointer { column.gather(indicesOrNull: $0) }
                #expect(orNull.allValues == some.map { $0 < 0 ? .null : values[Int($0)] })
            }
        }
        let empty = Column.nulls(type, count: 0)
        let nulls = [-1, -1].withUnsafeBufferPointer { empty.gather(indicesOrNull: $0) }
        #expect(nulls.allValues == [nil, nil])
    }

    @Test("Concatenation", arguments: sampleTypes)
    func concatenate(type: DataType) {
        var random = SplitMix64(seed: 12)
        for parts in 1...5 {
            let columns = (0..<parts).map { _ in
                Column.random(type, count: .random(in: 0...80, using: &random), using: &random)
            }
            let whole = Column.concatenate(columns)
            #expect(whole.allValues == columns.flatMap(\.allValues))
        }
    }

    private func batch(_ count: Int, using random: inout SplitMix64) -> Batch {
        Batch(
            count: count,
            columns: [
                .random(.bigInt, count: count, using: &random),
                .random(.string, count: count, using: &random),
            ],
            timestamps: Bool.random(using: &random)
                ? .random(.bigInt, count: count, using: &random) : nil,
            rowKinds: Bool.random(using: &random)
                ? Column(
                    (0..<count).map { _ in UInt8.random(in: 0...3, using: &random) },
                    type: .tinyInt.notNull()) : nil)
    }

    @Test("Batches with and without timestamps and row kinds concatenate")
    func concatenateBatches() {
        var random = SplitMix64(seed: 13)
        for _ in 0..<50 {
            let parts = (0..<3).map { _ in batch(.random(in: 0...9, using: &random), using: &random)
            }
            let whole = Batch.concatenate(parts)
            #expect(whole.rows == parts.flatMap(\.rows))
            #expect(
                (0..<whole.count).map { whole.timestamp($0) }
                    == parts.flatMap { part in (0..<part.count).map { part.timestamp($0) } })
            #expect(
                (0..<whole.count).map { whole.rowKind($0) }
                    == parts.flatMap { part in (0..<part.count).map { part.rowKind($0) } })
        }
    }

    @Test("Filter by columns and by booleans")
    func filter() {
        var random = SplitMix64(seed: 14)
        for round in 0..<100 {
            let count = Int.random(in: 0...300, using: &random)
            let batch = batch(count, using: &random)
            let mask =
                switch round % 4 {
                case 0: Column.random(.boolean, count: count, using: &random)
                case 1: Column(Array(repeating: true, count: count), type: .boolean)
                case 2: Column(Array(repeating: false, count: count), type: .boolean)
                default: Column((0..<count).map { .boolean($0 > 3 && $0 < 90) }, type: .boolean)
                }
            let selected = (0..<count).filter { mask.value(at: $0) == true }
            let expected = selected.map { batch.rows[$0] }
            let filtered = batch.filter(mask)
            #expect(filtered.rows == expected)
            #expect(
                (0..<selected.count).allSatisfy {
                    filtered.timestamp($0) == batch.timestamp(selected[$0])
                })
            let bools = (0..<count).map { mask.value(at: $0) == true }
            #expect(bools.withUnsafeBufferPointer { batch.filter($0) }.rows == expected)
        }
    }

    @Test("Partition keeps the order within each channel")
    func partition() {
        var random = SplitMix64(seed: 15)
        for channels in [1, 2, 3, 16] {
            for count in [0, 1, 100] {
                let batch = batch(count, using: &random)
                let targets = (0..<count).map { _ in
                    Int32.random(in: 0..<Int32(channels), using: &random)
                }
                let parts = batch.partition(by: targets, into: channels)
                #expect(parts.count == channels)
                for channel in 0..<channels {
                    let rows = (0..<count).filter { targets[$0] == channel }
                    #expect(parts[channel]?.rows ?? [] == rows.map { batch.rows[$0] })
                    #expect((parts[channel] == nil) == rows.isEmpty)
                }
            }
        }
    }
}
