extension Column {
    /// The values of all columns, one after the other. They must have one layout and there must
    /// be at least one; the result has the type of the first.
    /// - Complexity: O(*n*) in the bytes, each copied once; nothing is copied for one column.
    public static func concatenate(_ columns: [Column]) -> Column {
        precondition(!columns.isEmpty, "no columns to concatenate")
        if columns.count == 1 { return columns[0] }
        let builder = ColumnBuilder(columns[0].type)
        builder.reserve(for: columns)
        for column in columns { builder.append(column) }
        return builder.finish()
    }
}

extension Batch {
    /// The rows of all batches, one after the other. They must have the same column types and
    /// there must be at least one.
    ///
    /// Where some batches have timestamps, the rows of the others get a null; where some have
    /// row kinds, those of the others are insertions.
    public static func concatenate(_ batches: [Batch]) -> Batch {
        precondition(!batches.isEmpty, "no batches to concatenate")
        if batches.count == 1 { return batches[0] }
        precondition(batches.allSatisfy { $0.columns.count == batches[0].columns.count })
        let columns = batches[0].columns.indices.map { index in
            Column.concatenate(batches.map { $0.columns[index] })
        }
        var timestamps: Column?
        if batches.contains(where: { $0.timestamps != nil }) {
            timestamps = .concatenate(
                batches.map { $0.timestamps ?? .nulls(.bigInt, count: $0.count) })
        }
        var rowKinds: Column?
        if batches.contains(where: { $0.rowKinds != nil }) {
            rowKinds = .concatenate(batches.map { $0.rowKinds ?? insertions($0.count) })
        }
        return Batch(
            count: batches.reduce(0) { $0 + $1.count }, columns: columns, timestamps: timestamps,
            rowKinds: rowKinds)
    }

    /// Whether both have columns of the same types, so that they can be concatenated.
    public func hasColumns(of other: Batch) -> Bool {
        columns.elementsEqual(other.columns) { $0.type == $1.type }
    }

    private static func insertions(_ count: Int) -> Column {
        Column(
            type: .tinyInt.notNull(), count: count, validity: nil, buffers: [Buffer(zeros: count)])
    }
}
