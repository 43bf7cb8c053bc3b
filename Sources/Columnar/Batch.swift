/// What happened to a row: Flink's `RowKind`, with its byte values.
public enum RowKind: UInt8, Sendable {
    case insert = 0
    case updateBefore = 1
    case updateAfter = 2
    case delete = 3

    /// `+I`, `-U`, `+U` or `-D`.
    public var shortString: String {
        switch self {
        case .insert: "+I"
        case .updateBefore: "-U"
        case .updateAfter: "+U"
        case .delete: "-D"
        }
    }
}

/// Rows, as columns of equal length. Immutable, so it crosses threads without copying.
///
/// A stream of the DataStream API has the value in column 0 and, where it is keyed, the key in
/// column 1; a table has a column for each field.
public struct Batch: Sendable {
    public let count: Int
    public let columns: [Column]
    /// Event time in milliseconds (`BIGINT`; a null is "no timestamp"); nil: no row has one.
    public let timestamps: Column?
    /// `TINYINT NOT NULL`, values of `RowKind`; nil: every row is an insertion.
    public let rowKinds: Column?

    public init(
        count: Int, columns: [Column], timestamps: Column? = nil, rowKinds: Column? = nil
    ) {
        assert(columns.allSatisfy { $0.count == count })
        self.count = count
        self.columns = columns
        self.timestamps = timestamps
        self.rowKinds = rowKinds
    }

    public init(_ column: Column) {
        self.init(count: column.count, columns: [column])
    }

    public func slice(_ range: Range<Int>) -> Batch {
        Batch(
            count: range.count, columns: columns.map { $0.slice(range) },
            timestamps: timestamps?.slice(range), rowKinds: rowKinds?.slice(range))
    }

    /// The same rows with other columns.
    public func with(columns: [Column]) -> Batch {
        Batch(count: count, columns: columns, timestamps: timestamps, rowKinds: rowKinds)
    }
}
