public import Columnar
public import Dataflow

/// Leaves only the value of each row: what follows does not know keys.
public final class DropKey: Operator {
    public init() {}

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        try output.emit(
            .batch(batch.columns.count > 1 ? batch.with(columns: [batch.columns[0]]) : batch))
    }
}
