import Synchronization

/// What a task has done so far. Written by its thread, read by any.
public final class TaskMetrics: Sendable {
    // One writer, so a load and a store do where a counter is added to.
    private let received = Atomic<Int>(0)
    private let receivedBatches = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)
    private let sentBatches = Atomic<Int>(0)
    private let watermark = Atomic<Int64>(.min)
    private let busy = Atomic<UInt64>(0)
    private let idle = Atomic<UInt64>(0)
    private let backPressured = Atomic<UInt64>(0)

    public init() {}

    /// Rows that came through channels; those of the task's own source are not among them.
    public var rowsIn: Int { received.load(ordering: .relaxed) }
    public var batchesIn: Int { receivedBatches.load(ordering: .relaxed) }
    /// Rows that the last operator emitted, whatever number of channels they went to.
    public var rowsOut: Int { sent.load(ordering: .relaxed) }
    public var batchesOut: Int { sentBatches.load(ordering: .relaxed) }
    /// Milliseconds; `Int64.min` before the first.
    public var currentWatermark: Int64 { watermark.load(ordering: .relaxed) }
    /// Time for which the task had something to do; behind by up to a few dozen steps.
    public var busyNanoseconds: UInt64 { busy.load(ordering: .relaxed) }
    /// Time for which the task waited for input, results or its source.
    public var idleNanoseconds: UInt64 { idle.load(ordering: .relaxed) }
    /// Time for which the task waited for room in its outputs.
    public var backPressuredNanoseconds: UInt64 { backPressured.load(ordering: .relaxed) }

    enum Activity { case busy, idle, backPressured }

    func countIn(rows: Int) {
        received.store(rowsIn &+ rows, ordering: .relaxed)
        receivedBatches.store(batchesIn &+ 1, ordering: .relaxed)
    }

    func countOut(rows: Int) {
        sent.store(rowsOut &+ rows, ordering: .relaxed)
        sentBatches.store(batchesOut &+ 1, ordering: .relaxed)
    }

    func advanced(to watermark: Int64) { self.watermark.store(watermark, ordering: .relaxed) }

    func spent(_ nanoseconds: UInt64, _ activity: Activity) {
        switch activity {
        case .busy: busy.store(busyNanoseconds &+ nanoseconds, ordering: .relaxed)
        case .idle: idle.store(idleNanoseconds &+ nanoseconds, ordering: .relaxed)
        case .backPressured:
            backPressured.store(backPressuredNanoseconds &+ nanoseconds, ordering: .relaxed)
        }
    }
}
