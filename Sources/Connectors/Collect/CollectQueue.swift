public import Columnar
public import Dataflow

/// Hands the rows of a job over to a consumer on another thread, in order, and holds the job back
/// when the consumer is slow.
///
/// Sound to share: everything below is guarded by `monitor`.
public final class CollectQueue: @unchecked Sendable {
    private let monitor = Monitor()
    private let capacityRows: Int
    private let capacityBatches: Int
    private var batches: [Batch] = []
    /// The batches before this one have been taken.
    private var head = 0
    /// Rows of the first batch that have been taken.
    private var taken = 0
    private var rows = 0
    private var delivered = 0
    private var openProducers: Set<Int> = []
    private var expectedProducers: Int?
    private var finishedProducers = 0
    private var failure: JobError?
    private var isClosed = false
    private var isEnded = false
    private var notifiers: [ObjectIdentifier: @Sendable () -> Void] = [:]
    /// The tasks that wait in `nextLater`. Has a lock of its own.
    private let waiters = Waiters()

    /// The queue takes one batch more than fits, so that batches need not be cut.
    public init(capacityRows: Int = 1 << 16, capacityBatches: Int = 64) {
        self.capacityRows = max(capacityRows, 1)
        self.capacityBatches = max(capacityBatches, 1)
    }

    // MARK: The consumer's side

    /// The next rows, at most `maxRows` of them, waiting for at least one; nil when the job has
    /// finished or the queue was closed. Throws what made the job fail, after all rows before it.
    ///
    /// It holds its thread meanwhile; see `nextLater`.
    public func next(maxRows: Int) throws(JobError) -> Batch? {
        monitor.lock()
        while !isDecided { monitor.wait() }
        return try takeAndUnlock(maxRows)
    }

    /// Like `next`, without holding a thread. A task that is cancelled while it waits takes no row.
    public func nextLater(maxRows: Int) async throws -> Batch? {
        // One place to throw from: Swift 6.3's optimizer ends with a crash on a call that throws
        // within the loop.
        let result: Result<Batch?, any Error>
        while true {
            if _Concurrency.Task.isCancelled {
                result = .failure(CancellationError())
                break
            }
            let ticket = waiters.ticket()
            if let taken = takeIfDecided(maxRows) {
                result = taken.mapError { $0 }
                break
            }
            await waiters.wait(ticket)
        }
        return try result.get()
    }

    /// The rows or the end; nil if there is nothing yet.
    private func takeIfDecided(_ maxRows: Int) -> Result<Batch?, JobError>? {
        monitor.lock()
        guard isDecided else {
            monitor.unlock()
            return nil
        }
        do throws(JobError) {
            return .success(try takeAndUnlock(maxRows))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a consumer need not wait.
    private var isDecided: Bool { !isEmpty || isEnded || isClosed || failure != nil }

    private func takeAndUnlock(_ maxRows: Int) throws(JobError) -> Batch? {
        if isClosed {
            monitor.unlock()
            return nil
        }
        guard !isEmpty else {
            let failure = failure
            monitor.unlock()
            if let failure { throw failure }
            return nil
        }
        let wasFull = isFull
        let batch = batches[head]
        let range = taken..<min(taken + max(maxRows, 1), batch.count)
        if range.upperBound == batch.count {
            head += 1
            taken = 0
            // Taken batches go at once where there are few, so that their memory does.
            if head >= 16 || head == batches.count {
                batches.removeFirst(head)
                head = 0
            }
        } else {
            taken = range.upperBound
        }
        rows -= range.count
        delivered += range.count
        let wake = wasFull && !isFull ? Array(notifiers.values) : []
        if wasFull { monitor.signalAll() }
        monitor.unlock()
        // Without the lock: a notifier may take its task's.
        for notify in wake { notify() }
        return range.count == batch.count ? batch : batch.slice(range)
    }

    /// Says that nobody reads any more: what is queued is dropped, and what comes as well.
    public func close() {
        monitor.lock()
        isClosed = true
        batches = []
        (head, taken, rows) = (0, 0, 0)
        let wake = Array(notifiers.values)
        monitor.signalAll()
        monitor.unlock()
        waiters.wakeAll()
        for notify in wake { notify() }
    }

    /// Says that no more rows come because the job has ended, or why it failed; the first error
    /// stays. Rows that are queued can still be taken.
    public func end(_ error: JobError? = nil) {
        monitor.lock()
        if failure == nil { failure = error }
        isEnded = true
        monitor.signalAll()
        monitor.unlock()
        waiters.wakeAll()
    }

    private var isEmpty: Bool { head == batches.count }
    private var isFull: Bool {
        !isClosed && (rows >= capacityRows || batches.count - head >= capacityBatches)
    }

    // MARK: The sink's side

    var hasRoom: Bool {
        monitor.lock()
        defer { monitor.unlock() }
        return !isFull
    }

    /// Rows that were handed over cannot be taken back when a job starts over from its beginning,
    /// so a second attempt is refused then, as by Flink's uncheckpointed collect buffer.
    func register(producer: Int, of count: Int, attempt: Int) throws(JobError) {
        monitor.lock()
        defer { monitor.unlock() }
        if attempt > 0, delivered > 0 {
            throw JobError(
                code: "restarted",
                "the job was restarted after \(delivered) of its rows had been collected; "
                    + "collecting them again would repeat them")
        }
        if openProducers.isEmpty {
            // The rows of an earlier attempt that nobody has seen.
            batches = []
            (head, taken, rows, finishedProducers) = (0, 0, 0, 0)
        }
        openProducers.insert(producer)
        expectedProducers = count
    }

    func setNotifier(for sink: CollectSink, _ notify: @escaping @Sendable () -> Void) {
        monitor.lock()
        notifiers[ObjectIdentifier(sink)] = notify
        monitor.unlock()
    }

    func put(_ batch: Batch) {
        guard batch.count > 0 else { return }
        monitor.lock()
        guard !isClosed, !isEnded else { return monitor.unlock() }
        batches.append(batch)
        rows += batch.count
        monitor.signalAll()
        monitor.unlock()
        waiters.wakeAll()
    }

    /// Waits until there is room, or `isCancelled` says so after `wakeAll`.
    func waitForRoom(unless isCancelled: () -> Bool) {
        monitor.lock()
        while isFull, !isCancelled() { monitor.wait() }
        monitor.unlock()
    }

    func wakeAll() {
        monitor.lock()
        monitor.signalAll()
        monitor.unlock()
    }

    /// The rows end when every subtask's have.
    func finish(producer: Int) {
        monitor.lock()
        finishedProducers += 1
        if finishedProducers == expectedProducers { isEnded = true }
        monitor.signalAll()
        monitor.unlock()
        waiters.wakeAll()
    }

    func unregister(_ sink: CollectSink, producer: Int) {
        monitor.lock()
        openProducers.remove(producer)
        notifiers[ObjectIdentifier(sink)] = nil
        monitor.unlock()
    }
}
