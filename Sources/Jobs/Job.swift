public import Dataflow
import Synchronization

/// A job that was submitted: its status, its end, and how to stop it. Safe to use from any thread.
public final class Job: Sendable {
    public let id: String
    public let name: String
    public let graph: JobGraph
    private let state: Mutex<State>

    private struct State {
        var status = JobStatus.created
        var startedAt: Int64 = 0
        var finishedAt: Int64 = 0
        var failure: JobError?
        var execution: Execution?
        var waiters: [@Sendable () -> Void] = []
    }

    init(id: String, graph: JobGraph) {
        self.id = id
        self.name = graph.name
        self.graph = graph
        self.state = Mutex(State())
    }

    public var status: JobStatus { state.withLock { $0.status } }
    public var failure: JobError? { state.withLock { $0.failure } }

    /// Milliseconds between start and end; up to now for a job that still runs.
    public func netRuntime(now: Int64) -> Int64 {
        state.withLock { ($0.status.isTerminal ? $0.finishedAt : now) - $0.startedAt }
    }

    /// What the job's tasks have counted so far.
    public var metrics: [String: Double] {
        let execution = state.withLock { $0.execution }
        return execution?.metrics() ?? [:]
    }

    /// Calls `body` once the job has ended; at once, on this thread, if it has already.
    public func whenFinished(_ body: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.status.isTerminal { state.waiters.append(body) }
            return state.status.isTerminal
        }
        if isOver { body() }
    }

    /// Asks the job to stop. It is over when its status is terminal.
    public func cancel() {
        let execution: Execution? = state.withLock { state in
            guard !state.status.isTerminal, state.status != .cancelling else { return nil }
            state.status = .cancelling
            return state.execution
        }
        execution?.cancel()
    }

    /// Returns when the job has ended or so many milliseconds have passed (0: without limit).
    public func finished(within milliseconds: Int64) async {
        let once = Once()
        await withCheckedContinuation { continuation in
            whenFinished { if once.first() { continuation.resume() } }
            guard milliseconds > 0 else { return }
            _Concurrency.Task {
                try? await _Concurrency.Task.sleep(for: .milliseconds(milliseconds))
                if once.first() { continuation.resume() }
            }
        }
    }

    /// Removes the job's files, whatever it still does.
    func removeFiles() { state.withLock { $0.execution }?.removeFiles() }

    // MARK: Called by the execution

    func began(_ execution: Execution, at time: Int64) {
        state.withLock { state in
            state.execution = execution
            state.startedAt = time
            state.status = .running
        }
    }

    func ended(_ failure: JobError?, at time: Int64) {
        let waiters = state.withLock { state in
            state.finishedAt = time
            if state.status == .cancelling {
                state.status = .canceled
            } else {
                state.status = failure == nil ? .finished : .failed
                state.failure = failure
            }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter() }
    }
}

/// Tells the first caller from the others.
private final class Once: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func first() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}
