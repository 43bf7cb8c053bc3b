import Synchronization

/// All tasks on one thread, one step at a time: for debugging, and for simulation.
///
/// In turn, each task does the most urgent thing it can; or, as a simulation, a seeded generator
/// picks among everything that could happen next, the clock is virtual and stands still while
/// anything else can happen, and results of workers arrive when the generator says so. A run of a
/// simulation is repeatable from its seed.
public final class SequentialRunner: Runner, @unchecked Sendable {
    /// How the next step is chosen.
    public enum Schedule: Sendable {
        case inTurn
        case simulated(seed: UInt64, crashAfter: Int? = nil)
    }

    private struct State {
        var tasks: [Task] = []
        var isCancelled = false
        var barriers: [Barrier] = []
    }

    /// The tasks of this runner share it.
    public let signal = Signal()
    public let clock: any Clock
    private let virtualClock: VirtualClock?
    private let state = Mutex(State())
    // The runner's thread owns what follows.
    private var random: SplitMix64
    private let isSimulation: Bool
    private let crashAfter: Int?
    private var steps = 0
    /// The last decisions, for messages.
    private var trace: [String] = []

    public init(_ schedule: Schedule) {
        switch schedule {
        case .inTurn:
            clock = SystemClock()
            virtualClock = nil
            random = SplitMix64(seed: 0)
            isSimulation = false
            crashAfter = nil
        case .simulated(let seed, let crashAfter):
            // A date that no test takes for now, and that does not depend on the day of the run.
            let virtual = VirtualClock(now: 1_000_000_000_000)
            clock = virtual
            virtualClock = virtual
            random = SplitMix64(seed: seed)
            isSimulation = true
            self.crashAfter = crashAfter
        }
    }

    public func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void) {
        state.withLock { $0.tasks = tasks }
        do {
            try startThread(named: "tasks") { onEnd(self.run(tasks)) }
        } catch {
            for task in tasks { task.abort() }
            onEnd(error)
        }
    }

    public func cancel() {
        let tasks = state.withLock { state in
            state.isCancelled = true
            return state.tasks
        }
        for task in tasks { task.cancel() }
        signal.raise()
    }

    public func trigger(_ barrier: Barrier) {
        state.withLock { $0.barriers.append(barrier) }
        signal.raise()
    }

    /// Drives the tasks to their end on this thread, and says what went wrong.
    public func run(_ tasks: [Task]) -> (any Error)? {
        defer { state.withLock { $0.tasks = [] } }
        do {
            while tasks.contains(where: { !$0.isOver }) {
                try takeRequests(tasks)
                let acted = isSimulation ? try simulateStep(tasks) : try stepInTurn(tasks)
                if !acted { try waitForSomething(tasks) }
            }
            return nil
        } catch {
            for task in tasks where !task.isOver { task.cancel() }
            for task in tasks { task.abort() }
            return error
        }
    }

    private func takeRequests(_ tasks: [Task]) throws {
        let (isCancelled, barriers) = state.withLock { state in
            defer { state.barriers = [] }
            return (state.isCancelled, state.barriers)
        }
        if isCancelled { throw CancellationError() }
        for barrier in barriers { for task in tasks { task.inject(barrier) } }
    }

    private func stepInTurn(_ tasks: [Task]) throws -> Bool {
        var acted = false
        for task in tasks {
            guard let action = task.nextAction(now: clock.now()) else { continue }
            try task.perform(action)
            acted = true
        }
        return acted
    }

    private func simulateStep(_ tasks: [Task]) throws -> Bool {
        let now = clock.now()
        var choices: [(task: Task, action: Task.Action)] = []
        for task in tasks { choices += task.actions(now: now).map { (task, $0) } }
        guard !choices.isEmpty else { return false }
        let choice = choices[Int.random(in: choices.indices, using: &random)]
        steps += 1
        trace.append("\(choice.task.name): \(choice.action)")
        if trace.count > 64 { trace.removeFirst(32) }
        if let crashAfter, steps > crashAfter {
            throw JobError(
                code: "simulated-crash", "the simulation crashed the job after \(crashAfter) steps",
                location: choice.task.name)
        }
        try choice.task.perform(choice.action)
        return true
    }

    private func waitForSomething(_ tasks: [Task]) throws {
        let deadline = tasks.compactMap(\.nextDeadline).min()
        if let virtualClock {
            guard let deadline else { throw stuck(tasks) }
            virtualClock.advance(to: deadline)
        } else if let deadline {
            signal.wait(milliseconds: deadline - clock.now())
        } else {
            signal.wait()
        }
    }

    /// A simulation in which nothing can happen any more has found a deadlock.
    private func stuck(_ tasks: [Task]) -> JobError {
        let waiting = tasks.filter { !$0.isOver }.map { "\($0.name) is \($0.phase)" }
        return JobError(
            code: "deadlock", "nothing can happen any more: \(waiting.joined(separator: "; "))",
            causes: ["last steps: " + trace.suffix(16).joined(separator: ", ")])
    }
}
