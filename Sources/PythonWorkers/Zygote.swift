import CPosix
import Dataflow

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A warm Python process that has imported the worker, and forks workers on request.
///
/// Nothing here waits for Python: requests made before it is ready lie in its socket.
///
/// Sound to share: `state` is touched under `monitor` only, the rest is immutable.
public final class Zygote: @unchecked Sendable {
    /// Operations of the control channel.
    private enum Operation {
        static let fork: UInt32 = 1
        static let started: UInt32 = 2
        static let exited: UInt32 = 3
        static let kill: UInt32 = 4
        static let ready: UInt32 = 5
    }

    /// Bytes that a data socket takes in each direction: several batches.
    private static let socketBytes: Int32 = 1 << 20

    private struct State {
        var nextID: UInt32 = 1
        /// Workers that have not ended.
        var workers: [UInt32: ForkedWorker] = [:]
        var isReady = false
        var exit: WorkerExit?
        /// The descriptor is given back. Changed under both monitors, so either is enough to read.
        var isClosed = false
    }

    public let environment: PythonEnvironment
    public let processID: Int32
    private let socket: Int32
    private let monitor = Monitor()
    /// Under `monitor`.
    private var state = State()
    /// Held while sending, which may wait for the process. So `monitor` must not be: the control
    /// thread needs it to take what the process says, or both would wait for each other.
    private let sending = Monitor()

    /// Starts the interpreter; throws `JobError` if there is none.
    public static func start(_ environment: PythonEnvironment) throws -> Zygote {
        var ends: [Int32] = [0, 0]
        let made = martlet_packet_pair(&ends)
        guard made == 0 else {
            throw JobError(code: "python-start", "\(PosixError("open a socket pair", -made))")
        }
        var pid: pid_t = 0
        let failed = environment.spawn(descriptor: ends[1], processID: &pid)
        closeDescriptor(ends[1])
        guard failed == 0 else {
            closeDescriptor(ends[0])
            throw JobError(
                code: "python-start",
                "cannot start the Python interpreter \"\(environment.executable)\":"
                    + " \(PosixError("", failed).reason)")
        }
        let zygote = Zygote(environment, processID: pid, socket: ends[0])
        do throws(PosixError) {
            try startThread(name: "zygote") { zygote.run() }
        } catch {
            closeDescriptor(ends[0])
            var status: Int32 = 0
            _ = martlet_wait_child(pid, -1, &status)
            throw JobError(code: "python-start", "\(error)")
        }
        return zygote
    }

    private init(_ environment: PythonEnvironment, processID: Int32, socket: Int32) {
        self.environment = environment
        self.processID = processID
        self.socket = socket
    }

    /// False once the process has ended, or has been told to.
    public var isAlive: Bool { monitor.locked { state.exit == nil && !state.isClosed } }

    /// Waits until the imports are done; false: not within that time, or the process has ended.
    public func waitUntilReady(milliseconds: Int) -> Bool {
        let deadline = Monitor.deadline(after: milliseconds)
        return monitor.locked {
            while !state.isReady && state.exit == nil {
                guard monitor.wait(until: deadline) else { break }
            }
            return state.isReady && state.exit == nil
        }
    }

    /// Asks for a worker, and returns the socket that it will read from.
    func fork() throws -> WorkerConnection {
        var ends: [Int32] = [0, 0]
        let made = martlet_stream_pair(&ends, Self.socketBytes)
        guard made == 0 else {
            throw JobError(code: "worker-start", "\(PosixError("open a socket pair", -made))")
        }
        let worker = monitor.locked {
            let worker = ForkedWorker(id: state.nextID, zygote: self, monitor: monitor)
            state.nextID &+= 1  // Wraps after four thousand million workers, long gone by then.
            state.workers[worker.id] = worker
            if let exit = state.exit { end(worker, lost(exit)) }
            return worker
        }
        // A failure means that the process has ended; its exit report tells the worker.
        _ = send(Operation.fork, id: worker.id, descriptor: ends[1])
        closeDescriptor(ends[1])
        return WorkerConnection(socket: ends[0], process: worker)
    }

    /// Ends the process and all workers that it still has.
    public func shutDown() {
        monitor.locked {
            if !state.isClosed { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    fileprivate func kill(_ id: UInt32) { _ = send(Operation.kill, id: id, descriptor: -1) }

    private func send(_ operation: UInt32, id: UInt32, descriptor: Int32) -> Int32 {
        // Four numbers, little-endian; the last two are for answers.
        let message = [operation.littleEndian, id.littleEndian, 0, 0]
        return sending.locked {
            guard !monitor.locked({ state.isClosed }) else { return -EPIPE }
            return martlet_send_packet(socket, message, 16, descriptor)
        }
    }

    // MARK: The control thread

    private func run() {
        var message: [Int32] = [0, 0, 0, 0]
        // The socket is closed by this thread alone, after the loop.
        while martlet_receive_packet(socket, &message, 16) == 16 {
            let operation = UInt32(bitPattern: Int32(littleEndian: message[0]))
            let id = UInt32(bitPattern: Int32(littleEndian: message[1]))
            take(
                operation, id: id, processID: Int32(littleEndian: message[2]),
                status: Int32(littleEndian: message[3]))
        }
        let exit = reap()
        let handlers = sending.locked {
            monitor.locked {
                state.exit = exit
                state.isClosed = true
                closeDescriptor(socket)
                monitor.broadcast()
                return state.workers.values.map { end($0, lost(exit)) }
            }
        }
        for handler in handlers { handler?() }
    }

    private func take(_ operation: UInt32, id: UInt32, processID: Int32, status: Int32) {
        switch operation {
        case Operation.ready:
            monitor.locked {
                state.isReady = true
                monitor.broadcast()
            }
        case Operation.started:
            monitor.locked { state.workers[id]?.started(processID) }
        case Operation.exited:
            guard let worker = monitor.locked({ state.workers[id] }) else { return }
            report(worker, processID < 0 ? .notForked : WorkerExit(waitStatus: status))
        default:
            // A zygote that says anything else is of another version; it is not to be trusted.
            shutDown()
        }
    }

    private func report(_ worker: ForkedWorker, _ exit: WorkerExit) {
        monitor.locked { end(worker, exit) }?()
    }

    /// Call it holding the lock, and what it returns without.
    @discardableResult
    private func end(_ worker: ForkedWorker, _ exit: WorkerExit) -> (@Sendable () -> Void)? {
        state.workers[worker.id] = nil
        defer { monitor.broadcast() }
        return worker.ended(exit)
    }

    /// Call it holding the lock.
    private func lost(_ exit: WorkerExit) -> WorkerExit {
        .lostParent(exit, wasReady: state.isReady, executable: environment.executable)
    }

    /// The process has closed its socket, so it ends; one that does not is killed.
    private func reap() -> WorkerExit {
        var status: Int32 = 0
        var ended = martlet_wait_child(processID, 2_000, &status)
        if ended == 0 {
            killProcess(processID)
            ended = martlet_wait_child(processID, -1, &status)
        }
        return ended == 1 ? WorkerExit(waitStatus: status) : .unknown
    }
}

/// A worker of a zygote.
///
/// Sound to share: the variables are touched under the zygote's monitor only.
final class ForkedWorker: WorkerProcess, @unchecked Sendable {
    let id: UInt32
    private let zygote: Zygote
    private let monitor: Monitor
    private var startedProcessID: Int32?
    private var exit: WorkerExit?
    private var onExit: (@Sendable () -> Void)?

    init(id: UInt32, zygote: Zygote, monitor: Monitor) {
        self.id = id
        self.zygote = zygote
        self.monitor = monitor
    }

    var processID: Int32? { monitor.locked { startedProcessID } }

    func waitForExit(milliseconds: Int) -> WorkerExit? {
        let deadline = Monitor.deadline(after: milliseconds)
        return monitor.locked {
            while exit == nil {
                guard monitor.wait(until: deadline) else { break }
            }
            return exit
        }
    }

    func onExit(_ handler: @escaping @Sendable () -> Void) {
        let isDue = monitor.locked {
            if exit == nil { onExit = handler }
            return exit != nil
        }
        if isDue { handler() }
    }

    func kill() {
        if monitor.locked({ exit == nil }) { zygote.kill(id) }
    }

    /// Call it holding the lock.
    func started(_ processID: Int32) { startedProcessID = processID }

    /// Call it holding the lock, and what it returns without.
    func ended(_ exit: WorkerExit) -> (@Sendable () -> Void)? {
        self.exit = exit
        defer { onExit = nil }
        return onExit
    }
}
