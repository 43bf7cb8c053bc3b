import NIOCore
import Synchronization

/// A connection with a thread of its own, which waits for the socket and nothing else.
///
/// A client sends a command and waits for the reply. That takes one receive and one send here,
/// where an event loop needs a third system call to learn of each command. Turns are taken by a
/// lock: the thread has it while it carries out what has arrived, another while it brings the
/// result of a call that took its time. Nobody waits for the peer with the lock in hand.
final class SocketTransport: ConnectionTransport, @unchecked Sendable {
    // Sound: the variables are used with the lock only.

    private let socket: Socket
    private let timers: any EventLoopGroup
    private let lock = RecursiveLock()
    private let isOpen = Atomic(true)

    private var connection: Connection?
    /// What the peer has not taken yet.
    private var backlog = ByteBuffer()
    private var writers: [CheckedContinuation<Bool, Never>] = []

    init(_ socket: Socket, timers: any EventLoopGroup) {
        self.socket = socket
        self.timers = timers
    }

    /// Serves the connection until it is closed.
    /// - Throws: If there is no thread to be had.
    func start(_ connection: Connection) throws {
        self.connection = connection
        do {
            try BlockingThread.start(named: "martlet-client") { self.serve(connection) }
        } catch {
            self.connection = nil
            throw error
        }
    }

    /// A client that makes one call after the other is served faster by a thread that stays awake
    /// for this long: waking up takes longer than the call.
    private static let patience = Duration.microseconds(100)

    private func serve(_ connection: Connection) {
        execute { connection.opened() }
        var incoming = ByteBuffer()
        var chunk = 1 << 12
        var isEager = false
        while isOpen.load(ordering: .relaxed) {
            let count = incoming.writeWithUnsafeMutableBytes(minimumWritableBytes: chunk) { space in
                if isEager, let count = socket.receive(into: space, within: Self.patience) {
                    return count
                }
                let start = ContinuousClock.now
                defer { isEager = ContinuousClock.now - start < Self.patience * 2 }
                return socket.receive(into: space)
            }
            guard count > 0 else { break }
            if count >= chunk { chunk = min(2 * chunk, 1 << 18) }
            let isPaused = lock.withLock {
                connection.receive(&incoming)
                return connection.isPaused
            }
            if isPaused { waitWhilePaused(connection) }
        }
        isOpen.store(false, ordering: .relaxed)
        let writers = lock.withLock {
            connection.closed()
            self.connection = nil
            defer { self.writers = [] }
            return self.writers
        }
        for writer in writers { writer.resume(returning: false) }
        // A call that still runs may hold the transport, but the peer is to hear of the end now.
        socket.shutDown()
    }

    /// A client that sends on while a call of its own runs is rare, so its end may be found late
    /// and the socket is asked from time to time.
    private func waitWhilePaused(_ connection: Connection) {
        while isOpen.load(ordering: .relaxed), lock.withLock({ connection.isPaused }) {
            if socket.waitForEnd(milliseconds: 20) { return }
        }
    }

    // MARK: - For the connection

    func execute(_ body: @escaping @Sendable () -> Void) { lock.withLock(body) }

    var executor: (any TaskExecutor)? { nil }
    var isActive: Bool { isOpen.load(ordering: .relaxed) }
    var isWritable: Bool { isActive && backlog.readableBytes == 0 }

    var ports: (remote: Int, local: Int)? {
        guard let remote = socket.remotePort, let local = socket.localPort else { return nil }
        return (remote, local)
    }

    func pausedChanged() {}

    func send(_ bytes: [UInt8]) {
        guard isActive else { return }
        guard backlog.readableBytes == 0 else {
            backlog.writeBytes(bytes)
            return
        }
        bytes.withUnsafeBytes { bytes in
            let sent = flush(bytes)
            guard sent < bytes.count, isActive else { return }
            backlog.writeBytes(bytes[sent...])
            do {
                try BlockingThread.start(named: "martlet-flush") { self.flushBacklog() }
            } catch {
                close()
            }
        }
    }

    /// - Returns: How many bytes the peer has taken.
    private func flush(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
            case .bytes(let count): sent += count
            case .wouldBlock: return sent
            case .failed:
                close()
                return sent
            }
        }
        return sent
    }

    /// Runs on a thread of its own until the peer has taken everything.
    private func flushBacklog() {
        while true {
            socket.waitUntilWritable()
            let (isDone, writers) = lock.withLock {
                let sent = backlog.withUnsafeReadableBytes(flush)
                backlog.moveReaderIndex(forwardBy: sent)
                guard backlog.readableBytes == 0 || !isActive else {
                    backlog.discardReadBytes()
                    return (false, [] as [CheckedContinuation<Bool, Never>])
                }
                backlog = ByteBuffer()
                defer { self.writers = [] }
                return (true, self.writers)
            }
            guard isDone else { continue }
            for writer in writers { writer.resume(returning: isActive) }
            return execute { self.connection?.becameWritable() }
        }
    }

    func write(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            let result: Bool? = lock.withLock {
                send(bytes)
                if isActive, backlog.readableBytes > 0 {
                    writers.append(continuation)
                    return nil
                }
                return isActive
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    func close() {
        isOpen.store(false, ordering: .relaxed)
        socket.shutDown()
    }

    func reset() {
        socket.resetWhenClosed()
        close()
    }

    func schedule(
        in time: TimeAmount, _ body: @escaping @Sendable () -> Void
    ) -> Scheduled<Void>? {
        timers.next().scheduleTask(in: time) { [weak self] in self?.execute(body) }
    }
}
