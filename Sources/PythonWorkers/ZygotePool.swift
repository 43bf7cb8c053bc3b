import Dataflow
import Synchronization

/// The warm interpreters of a runtime, one for each environment, kept until `shutDown`.
public final class ZygotePool: Sendable {
    private struct State {
        var zygotes: [PythonEnvironment: Zygote] = [:]
        var isShutDown = false
    }

    private let state = Mutex(State())

    public init() {}

    deinit { shutDown() }

    /// Starts the interpreter of the environment, if it does not run yet, without waiting for its
    /// imports. An error is left to the first stage that needs it.
    public func prewarm(_ environment: PythonEnvironment) {
        _ = try? zygote(for: environment)
    }

    /// Where the stages that run in this environment get their workers from.
    public func workers(in environment: PythonEnvironment) -> any WorkerSource {
        PooledWorkers(pool: self, environment: environment)
    }

    /// The running interpreter of the environment; a new one if there is none or it has died.
    /// Throws `JobError` if it cannot be started.
    public func zygote(for environment: PythonEnvironment) throws -> Zygote {
        try state.withLock { state in
            guard !state.isShutDown else { throw CancellationError() }
            if let zygote = state.zygotes[environment], zygote.isAlive { return zygote }
            let zygote = try Zygote.start(environment)
            state.zygotes[environment] = zygote
            return zygote
        }
    }

    /// Ends the interpreter of one environment, if it runs, and with it its workers.
    public func shutDown(_ environment: PythonEnvironment) {
        state.withLock { $0.zygotes.removeValue(forKey: environment) }?.shutDown()
    }

    /// Ends all interpreters, and with them all workers.
    public func shutDown() {
        let zygotes = state.withLock { state in
            state.isShutDown = true
            defer { state.zygotes = [:] }
            return Array(state.zygotes.values)
        }
        for zygote in zygotes { zygote.shutDown() }
    }

    private struct PooledWorkers: WorkerSource {
        let pool: ZygotePool
        let environment: PythonEnvironment

        func startWorker() throws -> WorkerConnection {
            try pool.zygote(for: environment).fork()
        }
    }
}
