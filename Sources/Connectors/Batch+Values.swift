import Columnar

extension Batch {
    /// The stream's values without the keys that may accompany them: what a sink writes.
    var valuesOnly: Batch {
        columns.count > 1 ? with(columns: [columns[0]]) : self
    }
}
