import Synchronization

/// Tasks that wait for something to change, without a thread each.
///
/// Who waits takes a ticket, looks, and waits with the ticket: a change after the ticket was taken
/// ends the waiting at once, so that none is missed.
final class Waiters: Sendable {
    private struct State {
        var changes: UInt64 = 0
        var lastID: UInt64 = 0
        var continuations: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    func ticket() -> UInt64 { state.withLock { $0.changes } }

    /// Returns after a change since the ticket was taken, or when the task is cancelled.
    func wait(_ ticket: UInt64) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The cancellation handler may have run already, and does not come again.
                    guard state.changes == ticket, !Task<Never, Never>.isCancelled else {
                        return true
                    }
                    state.continuations[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.continuations.removeValue(forKey: id) }?.resume()
        }
    }

    /// Says that something has changed.
    func wakeAll() {
        let continuations = state.withLock { state in
            defer { state.continuations = [:] }
            state.changes += 1
            return Array(state.continuations.values)
        }
        for continuation in continuations { continuation.resume() }
    }
}
