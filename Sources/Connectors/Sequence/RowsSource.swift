public import Columnar
public import Dataflow

/// A bounded source of rows that are in memory already. One subtask emits them all, in order: like
/// Flink's it is meant to run at parallelism 1, and further subtasks have nothing.
public final class RowsSource: SourceOperator {
    private let batches: [Batch]
    private let batchRows: Int
    private var isActive = true
    /// The next row: its batch, and its place there.
    private var index = 0
    private var row = 0

    /// - Parameter batchRows: longer batches are emitted in slices of this many rows.
    public init(_ batches: [Batch], batchRows: Int = 8192) {
        self.batches = batches
        self.batchRows = max(batchRows, 1)
    }

    public func open(_ context: OperatorContext) throws {
        isActive = context.subtask == 0
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        while isActive, index < batches.count {
            let batch = batches[index]
            let end = min(row + batchRows, batch.count)
            let rows = row..<end
            if end == batch.count {
                index += 1
                row = 0
            } else {
                row = end
            }
            if rows.isEmpty { continue }
            try output.emit(.batch(rows.count == batch.count ? batch : batch.slice(rows)))
            return index < batches.count ? .more : .finished
        }
        return .finished
    }
}
