/// Builds batches of given column types, row by row.
///
/// Append a value to each of `columns` (and to `timestamps` and `rowKinds`, where asked for),
/// then call `finish()` for the batch and start over.
public final class BatchBuilder {
    public let columns: [ColumnBuilder]
    /// Event times, `BIGINT`; nil unless asked for.
    public let timestamps: ColumnBuilder?
    /// Row kinds, `TINYINT NOT NULL`; nil unless asked for.
    public let rowKinds: ColumnBuilder?

    public init(
        _ types: [DataType], timestamps: Bool = false, rowKinds: Bool = false, capacity: Int = 0
    ) {
        self.columns = types.map { ColumnBuilder($0, capacity: capacity) }
        self.timestamps = timestamps ? ColumnBuilder(.bigInt, capacity: capacity) : nil
        self.rowKinds = rowKinds ? ColumnBuilder(.tinyInt.notNull(), capacity: capacity) : nil
    }

    /// The rows so far, as told by the first column.
    public var count: Int {
        columns.first?.count ?? timestamps?.count ?? rowKinds?.count ?? 0
    }

    /// The bytes so far, to split batches by size.
    public var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

    /// Appends one row of a batch with the same column types.
    public func append(_ batch: Batch, at row: Int) {
        for (builder, column) in zip(columns, batch.columns) { builder.append(column, at: row) }
        if let timestamps {
            if let column = batch.timestamps {
                timestamps.append(column, at: row)
            } else {
                timestamps.appendNull()
            }
        }
        if let rowKinds {
            if let column = batch.rowKinds {
                rowKinds.append(column, at: row)
            } else {
                rowKinds.append(RowKind.insert.rawValue)
            }
        }
    }

    /// The batch of all rows appended; the builder is empty again.
    public func finish() -> Batch {
        let count = count
        let columns = columns.map { $0.finish() }
        precondition(columns.allSatisfy { $0.count == count }, "columns of unequal length")
        return Batch(
            count: count, columns: columns, timestamps: timestamps?.finish(),
            rowKinds: rowKinds?.finish())
    }
}
