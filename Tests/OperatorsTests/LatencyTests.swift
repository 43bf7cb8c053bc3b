import Columnar
import Dataflow
import Testing

@testable import Operators

@Suite struct LatencyTests {
    private let histogram = LatencyHistogram()
    private let output = Nowhere()

    private func record(_ types: String, _ children: [Column]) throws {
        let column = Column(
            type: try DataType(parsing: types), count: 2, validity: nil, buffers: [],
            children: children)
        try LatencySink(into: histogram).process(Batch(column), input: 0, into: output)
    }

    @Test func timesCanBeAnyNumber() throws {
        let values = Column([1, 2] as [Int64], type: .bigInt)
        try record(
            "TUPLE<BIGINT, BIGINT>", [values, Column([.min, .max] as [Int64], type: .bigInt)])
        #expect(histogram.count == 2)
        #expect(histogram.quantile(0.5) == 0)
        #expect(histogram.quantile(1) == .max)
    }

    @Test(arguments: [.nan, -1, .infinity, -.infinity, 1e300] as [Double])
    func quantilesCanBeAnyNumber(quantile: Double) throws {
        histogram.record([5, 7])
        #expect((5...7).contains(histogram.quantile(quantile)))
    }

    @Test func otherRowsAreRefused() throws {
        let values = Column([1, 2] as [Int64], type: .bigInt)
        #expect(throws: JobError.self) { try record("TUPLE<BIGINT>", [values]) }
        // Its children are not as long as the column.
        let map = Column(
            type: try DataType(parsing: "MAP<BIGINT, BIGINT>"), count: 2, validity: nil,
            buffers: [Buffer(copying: [0, 0, 1] as [Int32])],
            children: [values.slice(0..<1), values.slice(0..<1)])
        #expect(throws: JobError.self) {
            try LatencySink(into: histogram).process(Batch(map), input: 0, into: output)
        }
    }
}

private final class Nowhere: Output {
    func emit(_ element: StreamElement) {}
}
