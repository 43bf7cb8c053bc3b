import Columnar
import Dataflow
import Synchronization

/// Emits what its script says, one step for each poll, and finishes with it.
///
/// Sound to share: `wakening` is under its lock, and everything else belongs to the task's thread,
/// which makes all calls but `wake`.
public final class ScriptedSource: TestOperator, SourceOperator, @unchecked Sendable {
    public enum Step: Sendable {
        case rows([TestRow])
        case watermark(Int64)
        case status(StreamStatus)
        case barrier(Barrier)
        /// Nothing for so many milliseconds.
        case pause(Int64)
        /// Nothing until `wake` has been called.
        case wait
        case fail(JobError)
        /// Runs on the task's thread.
        case act(@Sendable () -> Void)
    }

    private struct Wakening {
        var notify: (@Sendable () -> Void)?
        /// How many waits are over, and may be passed.
        var count = 0
    }

    private let steps: [Step]
    private var next = 0
    private let wakening = Mutex(Wakening())

    public init(_ steps: [Step]) { self.steps = steps }

    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        wakening.withLock { $0.notify = notify }
    }

    /// Lets the source pass one `wait`, come or to come. Any thread.
    public func wake() {
        let notify = wakening.withLock { state in
            state.count += 1
            return state.notify
        }
        notify?()
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        guard next < steps.count else { return .finished }
        let step = steps[next]
        if case .wait = step {
            let mayPass = wakening.withLock { state in
                guard state.count > 0 else { return false }
                state.count -= 1
                return true
            }
            guard mayPass else { return .waiting }
        }
        next += 1
        switch step {
        case .rows(let rows): try output.emit(.batch(Batch(rows: rows)))
        case .watermark(let value): try output.emit(.watermark(value))
        case .status(let status): try output.emit(.status(status))
        case .barrier(let barrier): try output.emit(.barrier(barrier))
        case .pause(let time): return .idle(until: (context?.clock.now() ?? 0) + time)
        case .wait: break
        case .fail(let error): throw error
        case .act(let action): action()
        }
        return next < steps.count ? .more : .finished
    }
}
