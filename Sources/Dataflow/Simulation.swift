/// What a simulated run depends on, besides its tasks.
public struct Simulation: Sendable {
    /// Decides every choice of the scheduler.
    public var seed: UInt64
    /// Crash the job with a `simulated-crash` in place of the step after so many.
    public var crashAfter: Int?
    /// Crash before any step with this probability.
    public var crashProbability: Double
    /// Of the virtual clock; milliseconds. A date that no test takes for now by default.
    public var startTime: Int64
    /// The number of last steps that are kept for messages.
    public var traceLength: Int

    public init(
        seed: UInt64, crashAfter: Int? = nil, crashProbability: Double = 0,
        startTime: Int64 = 1_000_000_000_000, traceLength: Int = 64
    ) {
        self.seed = seed
        self.crashAfter = crashAfter
        self.crashProbability = crashProbability
        self.startTime = startTime
        self.traceLength = max(traceLength, 1)
    }
}

/// Picks the steps of a simulated run.
struct SimulationState {
    private let simulation: Simulation
    private var random: SplitMix64
    private var steps = 0
    /// A ring of the last decisions.
    private var decisions: [(task: String, action: Task.Action)] = []

    init(_ simulation: Simulation) {
        self.simulation = simulation
        random = SplitMix64(seed: simulation.seed)
    }

    var trace: [String] {
        let split = decisions.isEmpty ? 0 : steps % decisions.count
        return (decisions[split...] + decisions[..<split]).map { "\($0.task): \($0.action)" }
    }

    /// Does one of the things that can be done; false: there is none.
    mutating func step(_ tasks: [Task], now: Int64) throws -> Bool {
        var choices: [(task: Task, action: Task.Action)] = []
        for task in tasks {
            for action in task.actions(now: now) { choices.append((task, action)) }
        }
        guard !choices.isEmpty else { return false }
        let (task, action) = choices[Int.random(in: choices.indices, using: &random)]
        try crash(at: task)
        if decisions.count < simulation.traceLength {
            decisions.append((task.name, action))
        } else {
            decisions[steps % decisions.count] = (task.name, action)
        }
        steps += 1
        try task.perform(action)
        return true
    }

    private mutating func crash(at task: Task) throws {
        let isDue = simulation.crashAfter.map { steps >= $0 } ?? false
        let isStruck =
            simulation.crashProbability > 0
            && Double.random(in: 0..<1, using: &random) < simulation.crashProbability
        guard isDue || isStruck else { return }
        throw JobError(
            code: "simulated-crash", "the simulation crashed the job after \(steps) steps",
            location: task.name)
    }
}
