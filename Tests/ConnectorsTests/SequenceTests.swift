import Columnar
import Dataflow
import Testing

@testable import Connectors

@Suite struct SequenceTests {
    @Test func emitsEveryNumberInOrder() throws {
        let source = NumberSequenceSource(try SequenceRange(from: -3, to: 20_000))
        let recorder = try drain(source)
        #expect(recorder.longs == Array(-3...20_000))
        #expect(recorder.batches.map(\.count) == [8192, 8192, 3620])
    }

    /// Values computed with Flink 2.3's own `NumberSequenceIterator.split`.
    @Test(arguments: [
        (Int64(0), Int64(9), 3, [Int64(0), 3, 4, 6, 7, 9]),
        (1, 4, 4, [1, 1, 2, 2, 3, 3, 4, 4]),
        (.min, .max, 2, [.min, -1, 0, .max]),
    ])
    func splitsAsFlinkDoes(from: Int64, to: Int64, parts: Int, bounds: [Int64]) throws {
        let range = try SequenceRange(from: from, to: to)
        let split = (0..<parts).map { range.part($0, of: parts) }
        #expect(split.flatMap { [$0.from, $0.to] } == bounds)
    }

    @Test func partsAddUpToTheWhole() throws {
        var random = SeededRandom(1)
        for _ in 0..<500 {
            let from = Int64.random(in: -50...50, using: &random)
            let range = try SequenceRange(
                from: from, to: from + .random(in: 0...40, using: &random))
            let parts = Int.random(in: 1...12, using: &random)
            let all = try (0..<parts).flatMap {
                try drain(NumberSequenceSource(range, batchRows: 7), subtask: $0, of: parts).longs
            }
            #expect(all == Array(range.from...range.to))
        }
    }

    @Test func endsAtTheLastNumberThereIs() throws {
        let range = try SequenceRange(from: .max - 2, to: .max)
        for parts in 1...5 {
            let all = try (0..<parts).flatMap {
                try drain(NumberSequenceSource(range, batchRows: 2), subtask: $0, of: parts).longs
            }
            #expect(all == [.max - 2, .max - 1, .max])
        }
    }

    @Test func refusesAnEmptyRange() {
        #expect(throws: JobError.self) { try SequenceRange(from: 2, to: 1) }
    }

    @Test func rowsComeFromTheFirstSubtaskOnly() throws {
        let batches = [longs([1, 2, 3]), longs([]), longs([4]), longs([])]
        #expect(try drain(RowsSource(batches, batchRows: 2)).longs == [1, 2, 3, 4])
        #expect(try drain(RowsSource(batches), subtask: 1, of: 2).longs == [])
        #expect(try drain(RowsSource([])).longs == [])
    }
}
