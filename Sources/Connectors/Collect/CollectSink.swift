public import Columnar
public import Dataflow
import Synchronization

/// Puts rows into a `CollectQueue`; the task is held back while the queue is full.
///
/// It has no results of its own: what its task waits for is room in the queue.
public final class CollectSink: ExternalOperator {
    private let queue: CollectQueue
    private var subtask = 0
    private var hasFinished = false
    private let isCancelled = Flag()

    /// Set by any thread.
    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    public init(_ queue: CollectQueue) {
        self.queue = queue
    }

    public func open(_ context: OperatorContext) throws {
        subtask = context.subtask
        try queue.register(
            producer: subtask, of: context.parallelism, attempt: context.attempt)
    }

    public var canAccept: Bool { queue.hasRoom }

    /// Rows that are in the queue at the end are the consumer's: the task need not wait for it.
    public var isPending: Bool { !hasFinished && !queue.hasRoom }

    public var hasDelivery: Bool { false }

    /// Waits for room.
    public func deliver(into output: any Output) throws {
        let flag = isCancelled
        queue.waitForRoom { flag.value.load(ordering: .acquiring) }
        if flag.value.load(ordering: .acquiring) { throw CancellationError() }
    }

    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        queue.setNotifier(for: self, notify)
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        queue.put(batch)
    }

    public func finish(into output: any Output) throws {
        hasFinished = true
        queue.finish(producer: subtask)
    }

    public func cancel() {
        isCancelled.value.store(true, ordering: .releasing)
        queue.wakeAll()
    }

    public func close() {
        queue.unregister(self, producer: subtask)
    }
}

/// Takes rows and does nothing with them: Flink's `DiscardingSink`.
public final class DiscardSink: Operator {
    public init() {}
    public func process(_ batch: Batch, input: Int, into output: any Output) throws {}
}
