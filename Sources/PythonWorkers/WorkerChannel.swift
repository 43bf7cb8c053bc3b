import CPosix
import Columnar
import DequeModule

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The data socket to one worker: frames out, frames in.
///
/// The task's thread never waits for the socket. It writes what fits and leaves the rest to the
/// channel's own thread, which also reads all that comes, up to a bound; beyond it the worker
/// blocks until the task takes frames out. Since writing goes on meanwhile, neither side can wait
/// for the other in a circle.
///
/// Sound to share: `inbox` and `outbox` are each touched under their monitor only, everything else
/// is immutable.
final class WorkerChannel: @unchecked Sendable {
    struct Limits: Sendable {
        /// Frames that wait for the task; reading stops at either bound.
        var queuedFrames = 256
        var queuedBytes = 16 << 20
        /// Milliseconds that a worker may take to end once its socket is shut, before it is killed.
        var grace = 3_000
        /// The same for a worker that has finished its work, and closes its functions.
        var closingGrace = 30_000
        /// Milliseconds by which the report of a worker's end may follow the end of its socket.
        var exitReport = 5_000
    }

    struct Inbox {
        var frames: Deque<Frame> = []
        /// Of the bodies of `frames`.
        var bytes = 0
        /// Reading waits for room.
        var isParked = false
        var isCancelled = false
        /// The task takes no more: what comes is dropped.
        var isClosed = false
        /// Stands behind `frames`; once set, nothing follows.
        var failure: ChannelFailure?
        var notify: (@Sendable () -> Void)?
    }

    struct Outbox {
        /// What did not fit into the socket yet, in order.
        var parts: Deque<Buffer> = []
        /// How much of the first part is written.
        var written = 0
        /// The worker reads no more; the receiving side will learn why.
        var isBroken = false
        /// The runtime has shut the socket.
        var isShut = false
        /// It did so because the work was done.
        var isOrderly = false
        /// The descriptor is given back.
        var isClosed = false
    }

    let socket: Int32
    /// Wakes the channel's thread.
    let event: Int32
    let process: any WorkerProcess
    let limits: Limits
    let metrics: StageMetrics
    let inboxMonitor = Monitor()
    /// Under `inboxMonitor`.
    var inbox = Inbox()
    let outboxMonitor = Monitor()
    /// Under `outboxMonitor`.
    var outbox = Outbox()

    /// Takes the socket over, and starts to read from it on a thread of its own, which lasts until
    /// the worker has ended.
    static func open(
        _ connection: WorkerConnection, limits: Limits, metrics: StageMetrics, name: String
    ) throws(PosixError) -> WorkerChannel {
        let event = martlet_event_open()
        guard event >= 0 else {
            closeDescriptor(connection.socket)
            throw PosixError("make an event descriptor", -event)
        }
        let channel = WorkerChannel(connection, event: event, limits: limits, metrics: metrics)
        do throws(PosixError) {
            try startThread(name: name) { channel.run() }
        } catch {
            closeDescriptor(connection.socket)
            throw error
        }
        // A process that the worker forked may hold the socket open beyond the worker's end.
        connection.process.onExit { [weak channel] in channel?.shut(orderly: nil) }
        return channel
    }

    private init(
        _ connection: WorkerConnection, event: Int32, limits: Limits, metrics: StageMetrics
    ) {
        self.socket = connection.socket
        self.process = connection.process
        self.event = event
        self.limits = limits
        self.metrics = metrics
    }

    deinit { closeDescriptor(event) }

    // MARK: The task's side

    /// Sends the parts of a frame, in order, without waiting and without copying them.
    func send(_ parts: [Buffer]) {
        let isLeft = outboxMonitor.locked {
            guard !outbox.isBroken else { return false }
            let wasEmpty = outbox.parts.isEmpty
            outbox.parts.append(contentsOf: parts)
            return wasEmpty && !write()
        }
        if isLeft { martlet_event_signal(event) }
    }

    /// Whether `nextFrame` would answer at once, with a frame or an error.
    var hasNext: Bool {
        inboxMonitor.locked { !inbox.frames.isEmpty || inbox.failure != nil || inbox.isCancelled }
    }

    /// The next frame from the worker (a result, an echo or an error), waiting for it.
    ///
    /// Throws `ChannelFailure` once no more come, `CancellationError` after `cancel`.
    func nextFrame() throws -> Frame {
        let (frame, hasRoom) = try inboxMonitor.locked {
            while true {
                if inbox.isCancelled { throw CancellationError() }
                if let frame = inbox.frames.popFirst() {
                    inbox.bytes -= frame.body.count
                    let hasRoom =
                        inbox.isParked && inbox.frames.count <= limits.queuedFrames / 2
                        && inbox.bytes <= limits.queuedBytes / 2
                    if hasRoom { inbox.isParked = false }
                    return (frame, hasRoom)
                }
                if let failure = inbox.failure { throw failure }
                inboxMonitor.wait()
            }
        }
        if hasRoom { martlet_event_signal(event) }
        return frame
    }

    /// Makes `notify` be called, from any thread, when `hasNext` may have become true.
    func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        let isDue = inboxMonitor.locked {
            inbox.notify = notify
            return !inbox.frames.isEmpty || inbox.failure != nil
        }
        if isDue { notify() }
    }

    /// Ends the worker: by itself after orderly work, else by force if need be. Does not wait.
    func close(orderly: Bool) { shut(orderly: orderly) }

    /// Makes `nextFrame` throw, and ends the worker. Any thread.
    func cancel() {
        let notify = inboxMonitor.locked {
            inbox.isCancelled = true
            inboxMonitor.broadcast()
            return inbox.notify
        }
        shut(orderly: false)
        notify?()
    }

    /// Shuts the socket: the worker reads its end, and so does the channel, after what has come.
    /// `orderly` is nil if the worker ended first; then what it sent is still of interest.
    private func shut(orderly: Bool?) {
        outboxMonitor.locked {
            guard !outbox.isClosed else { return }
            if let orderly, !outbox.isShut {
                outbox.isShut = true
                outbox.isOrderly = orderly
            }
            outbox.isBroken = true
            outbox.parts.removeAll()
            shutdown(socket, Int32(SHUT_RDWR))
        }
        inboxMonitor.locked {
            guard orderly != nil else { return }
            inbox.isClosed = true
            inbox.frames.removeAll()
            inbox.bytes = 0
        }
        martlet_event_signal(event)
    }
}

/// Why no more frames come.
enum ChannelFailure: Error, Hashable {
    /// The worker ended (nil: so it seems); `midFrame`: while it was sending.
    case ended(WorkerExit?, midFrame: Bool)
    /// It sent what the protocol does not allow.
    case malformed(String)
    case system(PosixError)
}
