import Columnar

/// The text of rows as Flink's sinks write it: the value's `toString()`.
enum RowText {
    /// Appends the text of one row of a stream, whose value is column 0.
    static func append(_ batch: Batch, row: Int, to text: inout [UInt8]) {
        let column = batch.columns[0]
        guard column.isValid(row) else {
            text.append(contentsOf: "null".utf8)
            return
        }
        switch column.type.kind {
        case .varchar, .char: text.append(contentsOf: column.bytes(row))
        case .bigInt: text.append(contentsOf: String(column.values(as: Int64.self)[row]).utf8)
        default: text.append(contentsOf: "?".utf8)
        }
    }
}
