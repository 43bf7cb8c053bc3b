public import Columnar
public import Dataflow

/// The numbers from one to another as `BIGINT`, each subtask a contiguous part in order.
public final class NumberSequenceSource: SourceOperator {
    private let range: SequenceRange
    private let batchRows: Int
    /// What this subtask has still to emit; nil when nothing.
    private var next: Int64?
    private var last: Int64 = 0

    /// - Parameter batchRows: the length of every batch but the last.
    public init(_ range: SequenceRange, batchRows: Int = 8192) {
        self.range = range
        self.batchRows = max(batchRows, 1)
    }

    public static let outputType = DataType.bigInt

    public func open(_ context: OperatorContext) throws {
        let part = range.part(context.subtask, of: context.parallelism)
        next = part.count > 0 ? part.from : nil
        last = part.to
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        guard let first = next else { return .finished }
        // The distance as an unsigned number cannot overflow, however far apart they are.
        let distance = UInt64(bitPattern: last &- first)
        let count = Int(min(distance, UInt64(batchRows - 1))) + 1
        next = distance >= UInt64(count) ? first + Int64(count) : nil
        try output.emit(.batch(Batch(Self.column(first, count: count))))
        return next == nil ? .finished : .more
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
