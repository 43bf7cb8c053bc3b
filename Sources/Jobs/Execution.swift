import Columnar
import Connectors
import Dataflow
import PythonWorkers

/// One run of a job: its tasks, wired together, and the runner that drives them.
final class Execution: Sendable {
    private let job: Job
    private let runner: any Runner
    private let clock: any Clock
    private let assembly: Assembly

    /// Makes the tasks; nothing runs yet. What can be wrong with the settings is found here.
    init(of job: Job, service: JobService) throws {
        let settings = job.graph.configuration
        let signals: SignalSource
        switch settings["martlet.runner"] ?? "threads" {
        case "threads":
            clock = SystemClock()
            runner = ThreadRunner(clock: clock)
            signals = .perTask
        case "single-thread":
            let sequential = SequentialRunner(.inTurn)
            (clock, runner, signals) = (sequential.clock, sequential, .shared(sequential.signal))
        case "simulation":
            let seed = try settings.integer("martlet.simulation.seed") ?? 0
            let sequential = SequentialRunner(
                .simulated(
                    seed: UInt64(bitPattern: Int64(seed)),
                    crashAfter: try settings.integer("martlet.simulation.crash-after")))
            (clock, runner, signals) = (sequential.clock, sequential, .shared(sequential.signal))
        case let other:
            throw ValidationError(
                "'martlet.runner' must be threads, single-thread or simulation, not '\(other)'.")
        }
        self.job = job
        assembly = try Assembly(
            graph: job.graph, service: service, clock: clock, signals: signals)
    }

    func start() {
        job.began(self, at: clock.now())
        let (job, clock, assembly) = (job, clock, assembly)
        runner.start(assembly.takeTasks()) { error in
            let failure = error.flatMap(Self.failure)
            assembly.release(failure)
            job.ended(failure, at: clock.now())
        }
    }

    func cancel() { runner.cancel() }

    func removeFiles() { assembly.removeFiles() }

    func metrics() -> [String: Double] {
        var values: [String: Double] = [:]
        for (name, metrics) in assembly.metrics {
            values["\(name).rows-in"] = Double(metrics.rowsIn)
            values["\(name).rows-out"] = Double(metrics.rowsOut)
        }
        for progress in assembly.progress {
            values["source.bytes-read", default: 0] += Double(progress.bytesRead)
            values["source.bytes-total"] = Double(progress.bytesTotal)
        }
        return values
    }

    private static func failure(_ error: any Error) -> JobError? {
        switch error {
        case let error as JobError: error
        case is CancellationError: nil
        default: JobError(code: "internal", "\(error)")
        }
    }
}

/// Whether tasks are woken each on their own, or all by one signal.
enum SignalSource {
    case perTask
    case shared(Signal)

    func make() -> Signal {
        switch self {
        case .perTask: Signal()
        case .shared(let signal): signal
        }
    }
}
