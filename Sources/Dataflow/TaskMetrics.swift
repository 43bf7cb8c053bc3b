import Synchronization

/// What a task has done so far. Written by its thread, read by any.
public final class TaskMetrics: Sendable {
    private let received = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)
    private let receivedBatches = Atomic<Int>(0)
    private let watermark = Atomic<Int64>(.min)

    public init() {}

    public var rowsIn: Int { received.load(ordering: .relaxed) }
    public var rowsOut: Int { sent.load(ordering: .relaxed) }
    public var batchesIn: Int { receivedBatches.load(ordering: .relaxed) }
    /// Milliseconds; `Int64.min` before the first.
    public var currentWatermark: Int64 { watermark.load(ordering: .relaxed) }

    func countIn(rows: Int) {
        received.add(rows, ordering: .relaxed)
        receivedBatches.add(1, ordering: .relaxed)
    }

    func countOut(rows: Int) { sent.add(rows, ordering: .relaxed) }

    func advanced(to watermark: Int64) { self.watermark.store(watermark, ordering: .relaxed) }
}
