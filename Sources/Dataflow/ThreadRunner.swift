import Synchronization

/// A thread for each task: how jobs run in production.
public final class ThreadRunner: Runner {
    private struct State {
        var tasks: [Task] = []
        var running = 0
        var failure = Failure()
        var isCancelled = false
        var onEnd: (@Sendable ((any Error)?) -> Void)?
    }

    private let clock: any Clock
    private let state = Mutex(State())
    private let completion = Completion()

    public init(clock: any Clock) {
        self.clock = clock
    }

    public func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void) {
        let isCancelled = state.withLock { state in
            state.tasks = tasks
            state.running = tasks.count
            state.onEnd = onEnd
            return state.isCancelled
        }
        guard !tasks.isEmpty else {
            onEnd(nil)
            return completion.complete(nil)
        }
        if isCancelled { for task in tasks { task.cancel() } }
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
        for task in state.withLock({ $0.tasks }) { task.inject(barrier) }
    }

    @discardableResult
    public func join() -> (any Error)? { completion.wait() }

    private func run(_ task: Task) {
        do {
            try drive(task)
            taskEnded(nil)
        } catch {
            task.abort()
            taskEnded(error)
        }
    }

    private func drive(_ task: Task) throws {
        var stopwatch = Stopwatch(task.metrics)
        // Whether the signal was lowered before the last look for something to do.
        var isLowered = false
        while !task.isOver {
            if task.isCancelled { throw CancellationError() }
            let now = clock.now()
            if let action = task.nextAction(now: now) {
                try task.perform(action)
                stopwatch.step()
                isLowered = false
            } else if !isLowered {
                task.signal.lower()
                isLowered = true
            } else {
                stopwatch.lap(.busy)
                let isBackPressured = task.outputsAreFull
                if let wake = task.nextWake(after: now) {
                    task.signal.wait(milliseconds: wake - now)
                } else {
                    task.signal.wait()
                }
                stopwatch.lap(isBackPressured ? .backPressured : .idle)
            }
        }
        stopwatch.lap(.busy)
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
        guard let onEnd else { return }
        onEnd(failure)
        completion.complete(failure)
    }
}

/// Sorts the time of a task's thread into busy and not.
private struct Stopwatch {
    private let metrics: TaskMetrics
    private var last = monotonicNanoseconds()
    private var steps: UInt8 = 0

    init(_ metrics: TaskMetrics) { self.metrics = metrics }

    /// Looks at the clock now and then only: a step may take less time than that.
    mutating func step() {
        steps &+= 1
        if steps & 63 == 0 { lap(.busy) }
    }

    mutating func lap(_ activity: TaskMetrics.Activity) {
        let now = monotonicNanoseconds()
        metrics.spent(now &- last, activity)
        last = now
    }
}
