import Columnar

/// A row of a test's stream: a value that is its identity, a key, and perhaps a timestamp.
public struct TestRow: Hashable, Sendable, CustomStringConvertible {
    public var value: Int64
    public var key: Int64
    /// Milliseconds.
    public var timestamp: Int64?

    public init(_ value: Int64, key: Int64 = 0, timestamp: Int64? = nil) {
        self.value = value
        self.key = key
        self.timestamp = timestamp
    }

    public var description: String {
        "\(value)/\(key)\(timestamp.map { "@\($0)" } ?? "")"
    }
}

extension Batch {
    /// The rows as a `BIGINT` value in column 0 and a `BIGINT` key in column 1.
    public init(rows: [TestRow]) {
        var timestamps: Column?
        if rows.contains(where: { $0.timestamp != nil }) {
            timestamps = Column(rows.map { $0.timestamp ?? .min }, type: .bigInt.notNull())
        }
        self.init(
            count: rows.count,
            columns: [
                Column(rows.map(\.value), type: .bigInt), Column(rows.map(\.key), type: .bigInt),
            ], timestamps: timestamps)
    }

    /// The rows of a batch made by `init(rows:)`, whatever exchanges it has been through.
    public var testRows: [TestRow] {
        let values = columns[0].values(as: Int64.self)
        let keys = columns.count > 1 ? columns[1].values(as: Int64.self) : nil
        return (0..<count).map { row in
            var result = TestRow(values[row], key: keys?[row] ?? 0)
            if let time = timestamps?.values(as: Int64.self)[row], time != .min {
                result.timestamp = time
            }
            return result
        }
    }
}
