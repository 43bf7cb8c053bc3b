/// How a worker process ended.
public indirect enum WorkerExit: Hashable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)
    /// There never was a process.
    case notForked
    /// The warm parent ended, and its workers with it.
    case lostParent(WorkerExit, wasReady: Bool, executable: String)
    /// It has ended, and nobody can say how.
    case unknown

    /// Reads a status as of waitpid(2).
    public init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
    }

    public var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal):
            "was killed by signal \(signal)" + (signalName(signal).map { " (\($0))" } ?? "")
        case .notForked:
            "could not be forked: the system refused another process (see ulimit -u, and memory)"
        case .lostParent(let exit, _, _): "ended with its parent process, which \(exit)"
        case .unknown: "ended"
        }
    }
}

/// The process at the other end of a worker's data socket.
public protocol WorkerProcess: AnyObject, Sendable {
    /// nil until it is known.
    var processID: Int32? { get }
    /// How the process ended, waiting for it for at most so long; nil: it still runs.
    func waitForExit(milliseconds: Int) -> WorkerExit?
    /// Makes `handler` be called once, from any thread, when the process has ended.
    func onExit(_ handler: @escaping @Sendable () -> Void)
    /// Kills the process with SIGKILL, if it still runs.
    func kill()
}

/// A worker that is being started: what is sent before it runs waits in its socket.
public struct WorkerConnection: Sendable {
    /// The runtime's end of the data socket; whoever takes the connection closes it.
    public let socket: Int32
    public let process: any WorkerProcess

    public init(socket: Int32, process: any WorkerProcess) {
        self.socket = socket
        self.process = process
    }
}

/// Where a stage gets its worker from: the pool, or a test's stand-in.
public protocol WorkerSource: Sendable {
    /// Starts a worker without waiting for it.
    func startWorker() throws -> WorkerConnection
}
