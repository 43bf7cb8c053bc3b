public import Columnar
public import Dataflow

/// The numbers from one to another as `BIGINT`, each subtask a contiguous part in order.
public final class NumberSequenceSource: SourceOperator {
    private let range: SequenceRange
    private let batchRows: Int
    private var part = SequenceRangeCursor()

    /// - Parameter batchRows: the length of every batch but the last.
    public init(_ range: SequenceRange, batchRows: Int = 8192) {
        self.range = range
        self.batchRows = max(batchRows, 1)
    }

    public static let outputType = DataType.bigInt

    public func open(_ context: OperatorContext) throws {
        part = SequenceRangeCursor(range.part(context.subtask, of: context.parallelism))
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        guard !part.isAtEnd else { return .finished }
        let (first, count) = part.take(batchRows)
        try output.emit(.batch(Batch(Self.column(first, count: count))))
        return part.isAtEnd ? .finished : .more
    }

    /// `count` consecutive numbers.
    static func column(_ first: Int64, count: Int) -> Column {
        let buffer = Buffer(count: count, of: Int64.self) { values in
            // Cannot overflow: the caller has checked that the last number exists.
            for index in 0..<values.count { values[index] = first &+ Int64(index) }
        }
        return Column(type: outputType, count: count, validity: nil, buffers: [buffer])
    }
}
