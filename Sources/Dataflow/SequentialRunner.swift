import Synchronization

/// All tasks on one thread, one step at a time: for debugging, and for simulation.
///
/// In turn, each task does the most urgent thing it can; or, as a simulation, a seeded generator
/// picks among everything that could happen next, the clock is virtual and stands still while
/// anything else can happen, and results of workers arrive when the generator says so. A run of a
/// simulation is repeatable from its seed, as far as its sources and operators are.
///
/// Sound to share: the fields that are not under the lock belong to the thread that runs the tasks.
public final class SequentialRunner: Runner, @unchecked Sendable {
    /// How the next step is chosen.
    public enum Schedule: Sendable {
        case inTurn
        case simulated(seed: UInt64, crashAfter: Int? = nil)
        case simulation(Simulation)
    }

    private struct Requests {
        var tasks: [Task] = []
        var isCancelled = false
    }

    /// The tasks of this runner share it.
    public let signal = Signal()
    public let clock: any Clock
    private let requests = Mutex(Requests())
    /// The same as in `requests`, readable without the lock.
    private let isCancelled = Atomic<Bool>(false)
    private let completion = Completion()
    private var simulation: SimulationState?
    private let virtualClock: VirtualClock?

    public init(_ schedule: Schedule) {
        let simulation: Simulation?
        switch schedule {
        case .inTurn: simulation = nil
        case .simulated(let seed, let crashAfter):
            simulation = Simulation(seed: seed, crashAfter: crashAfter)
        case .simulation(let given): simulation = given
        }
        self.simulation = simulation.map { SimulationState($0) }
        virtualClock = simulation.map { VirtualClock(now: $0.startTime) }
        clock = virtualClock ?? SystemClock()
    }

    public func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void) {
        requests.withLock { $0.tasks = tasks }
        do {
            try startThread(named: "tasks") {
                let error = self.run(tasks)
                onEnd(error)
                self.completion.complete(error)
            }
        } catch {
            for task in tasks { task.abort() }
            onEnd(error)
            completion.complete(error)
        }
    }

    public func cancel() {
        let tasks = requests.withLock { requests in
            requests.isCancelled = true
            return requests.tasks
        }
        isCancelled.store(true, ordering: .sequentiallyConsistent)
        for task in tasks { task.cancel() }
        signal.raise()
    }

    public func trigger(_ barrier: Barrier) {
        for task in requests.withLock({ $0.tasks }) { task.inject(barrier) }
    }

    @discardableResult
    public func join() -> (any Error)? { completion.wait() }

    /// The last steps of a simulation, oldest first. Only when it is over.
    public var lastSteps: [String] { simulation?.trace ?? [] }

    /// Drives the tasks to their end on this thread, and says what went wrong.
    public func run(_ tasks: [Task]) -> (any Error)? {
        requests.withLock { $0.tasks = tasks }
        defer { requests.withLock { $0.tasks = [] } }
        do {
            // Tasks that are over are left out from then on.
            var open = tasks
            while true {
                open.removeAll(where: \.isOver)
                if open.isEmpty { return nil }
                if isCancelled.load(ordering: .sequentiallyConsistent) { throw CancellationError() }
                if try step(open) { continue }
                // Nothing to do: look again with the signal lowered before it is waited for.
                signal.lower()
                if try step(open) { continue }
                try waitForSomething(open)
            }
        } catch {
            for task in tasks where !task.isOver { task.cancel() }
            for task in tasks { task.abort() }
            return error
        }
    }

    private func step(_ tasks: [Task]) throws -> Bool {
        let now = clock.now()
        if simulation != nil { return try simulation?.step(tasks, now: now) ?? false }
        var acted = false
        for task in tasks {
            guard let action = task.nextAction(now: now) else { continue }
            let before = monotonicNanoseconds()
            try task.perform(action)
            task.metrics.spent(monotonicNanoseconds() &- before, .busy)
            acted = true
        }
        return acted
    }

    private func waitForSomething(_ tasks: [Task]) throws {
        if isCancelled.load(ordering: .sequentiallyConsistent) { return }
        let now = clock.now()
        let wake = tasks.compactMap { $0.nextWake(after: now) }.min()
        if let virtualClock, let wake {
            virtualClock.advance(to: wake)
        } else if let wake {
            signal.wait(milliseconds: wake - now)
        } else if tasks.contains(where: \.awaitsOutside) {
            signal.wait()
        } else {
            throw deadlock(tasks)
        }
    }

    private func deadlock(_ tasks: [Task]) -> JobError {
        let waiting = tasks.map { "\($0.name) waits for \($0.waitsFor)" }
        return JobError(
            code: "deadlock", "nothing can happen any more: \(waiting.joined(separator: "; "))",
            causes: lastSteps.isEmpty
                ? [] : ["the last steps were " + lastSteps.suffix(16).joined(separator: ", ")])
    }
}
