import CPosix
import Dataflow
import PythonWorkers
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Takes job graphs and runs them. One of these lives as long as the gateway does.
public final class JobService: Sendable {
    /// The interpreter of the workers, unless a job asks for another.
    public let pythonExecutable: String
    let zygotes = ZygotePool()
    private let jobs = Mutex<[String: Job]>([:])

    public init(pythonExecutable: String) {
        self.pythonExecutable = pythonExecutable
    }

    /// The parallelism of a program that sets none: the number of processors that this process may
    /// use, as in Flink's local environment.
    public var defaultParallelism: Int { max(Int(martlet_processor_count()), 1) }

    /// Starts the parent of the workers before the first job asks for one.
    public func prewarm() {
        zygotes.prewarm(PythonEnvironment(executable: pythonExecutable))
    }

    /// Starts a job. Returns as soon as its tasks run.
    public func submit(_ graph: JobGraph) throws -> Job {
        let job = Job(id: Self.makeID(), graph: graph)
        let execution = try Execution(of: job, service: self)
        jobs.withLock { $0[job.id] = job }
        job.whenFinished { [weak self] in
            // The one who submitted holds on to the job; a daemon must not collect them for ever.
            self?.jobs.withLock { $0[job.id] = nil }
        }
        execution.start()
        return job
    }

    /// Cancels every job that runs.
    public func cancelAll() {
        for job in jobs.withLock({ Array($0.values) }) { job.cancel() }
    }

    /// Ends the interpreters, and leaves no files of jobs behind: the process is about to end.
    public func abandon() {
        zygotes.shutDown()
        for job in jobs.withLock({ Array($0.values) }) { job.removeFiles() }
    }

    /// Cancels every job and waits until all have ended, functions' `close()` included, so long at
    /// most. Holds its thread.
    public func stop(within milliseconds: Int64) {
        let clock = SystemClock()
        let end = clock.now() + milliseconds
        cancelAll()
        while !jobs.withLock({ $0.isEmpty }), clock.now() < end {
            usleep(5_000)
            // One may have been submitted meanwhile.
            cancelAll()
        }
    }

    /// Removes what gateways that were killed have left on disk.
    public static func removeLeftovers() { WorkDirectory.removeLeftovers() }

    private static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
