import Columnar
import Dataflow
import Synchronization

/// Keeps what arrives, in order. What it has kept may be read from any thread.
public final class RecordingSink: TestOperator {
    public enum Entry: Hashable, Sendable {
        case row(TestRow, input: Int)
        case watermark(Int64)
        case status(StreamStatus)
        case barrier(UInt64)
        case inputEnded(Int)
        case finished
    }

    private let record = Mutex<[Entry]>([])
    /// Called with each batch before it is kept, on the task's thread.
    private let onBatch: (@Sendable (Batch) throws -> Void)?

    public init(onBatch: (@Sendable (Batch) throws -> Void)? = nil) {
        self.onBatch = onBatch
    }

    public var entries: [Entry] { record.withLock { $0 } }

    public var rows: [TestRow] {
        entries.compactMap { if case .row(let row, _) = $0 { row } else { nil } }
    }

    /// The rows before the barrier of a checkpoint; nil if it has not come.
    public func rows(beforeBarrier id: UInt64) -> [TestRow]? {
        let entries = entries
        guard let end = entries.firstIndex(of: .barrier(id)) else { return nil }
        return entries[..<end].compactMap { if case .row(let row, _) = $0 { row } else { nil } }
    }

    public override func process(_ batch: Batch, input: Int, into output: any Output) throws {
        try onBatch?(batch)
        let rows = batch.testRows.map { Entry.row($0, input: input) }
        record.withLock { $0 += rows }
        try output.emit(.batch(batch))
    }

    public override func control(_ element: StreamElement, into output: any Output) throws {
        switch element {
        case .watermark(let value): keep(.watermark(value))
        case .status(let status): keep(.status(status))
        case .barrier(let barrier): keep(.barrier(barrier.checkpointID))
        case .batch, .end: break
        }
        try output.emit(element)
    }

    public override func inputEnded(_ input: Int, into output: any Output) throws {
        keep(.inputEnded(input))
    }

    public override func finish(into output: any Output) throws {
        keep(.finished)
        try super.finish(into: output)
    }

    private func keep(_ entry: Entry) { record.withLock { $0.append(entry) } }
}
