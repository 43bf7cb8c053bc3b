import Synchronization

/// What the subtasks of a chained source share: who has finished which of its sources. A source is
/// begun when every subtask has finished the one before it, so that no row of the later one comes
/// before a row of the earlier one.
public final class SourceSwitch: Sendable {
    private struct State {
        var attempt = -1
        var subtasks = 0
        /// How many subtasks have finished each source.
        var finished: [Int: Int] = [:]
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// A subtask takes part. A new attempt begins anew, whatever the one before it had done.
    func enter(attempt: Int) {
        state.withLock { state in
            if state.attempt != attempt { state = State(attempt: attempt) }
            state.subtasks += 1
        }
    }

    /// A subtask takes part no more. The last one leaves nothing, for a job that runs again.
    func leave(attempt: Int) {
        state.withLock { state in
            guard state.attempt == attempt else { return }
            state.subtasks -= 1
            if state.subtasks == 0 { state = State() }
        }
    }

    /// A subtask has finished a source; those that wait look again.
    func finish(_ source: Int, attempt: Int) {
        let waiting = state.withLock { state -> [@Sendable () -> Void] in
            guard state.attempt == attempt else { return [] }
            state.finished[source, default: 0] += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for notify in waiting { notify() }
    }

    /// Whether `parallelism` subtasks have finished a source; if not, `notify` is called when that
    /// may have changed.
    func isFinished(
        _ source: Int, attempt: Int, parallelism: Int, notify: @escaping @Sendable () -> Void
    ) -> Bool {
        state.withLock { state in
            if state.attempt != attempt || state.finished[source, default: 0] >= parallelism {
                return true
            }
            state.waiting.append(notify)
            return false
        }
    }
}
