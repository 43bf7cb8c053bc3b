import Synchronization

/// A thread for each task: how jobs run in production.
public final class ThreadRunner: Runner {
    private struct State {
        var tasks: [Task] = []
        var running = 0
        var failure = Failure()
        var isCancelled = false
        var barriers: [ObjectIdentifier: [Barrier]] = [:]
        var onEnd: (@Sendable ((any Error)?) -> Void)?
    }

    private let clock: any Clock
    private let state = Mutex(State())

    public init(clock: any Clock) {
        self.clock = clock
    }

    public func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void) {
        state.withLock { state in
            state.tasks = tasks
            state.running = tasks.count
            state.onEnd = onEnd
        }
        guard !tasks.isEmpty else { return onEnd(nil) }
        for task in tasks {
            do {
                try startThread(named: task.name) { self.run(task) }
            } catch {
                task.abort()
                taskEnded(error)
            }
        }
    }

    public func cancel() {
        let tasks = state.withLock { state in
            state.isCancelled = true
            return state.tasks
        }
        for task in tasks { task.cancel() }
    }

    public func trigger(_ barrier: Barrier) {
        let tasks = state.withLock { state in
            for task in state.tasks { state.barriers[ObjectIdentifier(task), default: []].append(barrier) }
            return state.tasks
        }
        for task in tasks { task.signal.raise() }
    }

    private func run(_ task: Task) {
        do {
            while !task.isOver {
                if task.isCancelled { throw CancellationError() }
                takeBarriers(for: task)
                if let action = task.nextAction(now: clock.now()) {
                    try task.perform(action)
                } else if let deadline = task.nextDeadline {
                    task.signal.wait(milliseconds: deadline - clock.now())
                } else {
                    task.signal.wait()
                }
            }
            taskEnded(nil)
        } catch {
            task.abort()
            taskEnded(error)
        }
    }

    private func takeBarriers(for task: Task) {
        let barriers = state.withLock { state -> [Barrier] in
            guard !state.barriers.isEmpty else { return [] }
            return state.barriers.removeValue(forKey: ObjectIdentifier(task)) ?? []
        }
        for barrier in barriers { task.inject(barrier) }
    }

    private func taskEnded(_ error: (any Error)?) {
        let (others, onEnd, failure) = state.withLock {
            state -> ([Task], (@Sendable ((any Error)?) -> Void)?, (any Error)?) in
            state.running -= 1
            if let error { state.failure.record(error) }
            guard state.running == 0 else { return (error == nil ? [] : state.tasks, nil, nil) }
            let onEnd = state.onEnd
            // Tasks hold channels, and these batches: let go of them with the job.
            state.tasks = []
            state.onEnd = nil
            return ([], onEnd, state.failure.error)
        }
        for task in others { task.cancel() }
        onEnd?(failure)
    }
}
