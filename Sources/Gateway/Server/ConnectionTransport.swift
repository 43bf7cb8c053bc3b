import NIOCore

/// What carries the bytes of a ``Connection``.
///
/// It keeps the connection as long as there is a socket, and runs what concerns the connection one
/// after the other.
protocol ConnectionTransport: AnyObject, Sendable {
    /// Runs the body when nothing else of the connection runs: at once if it is the caller's turn
    /// already. Callable from any thread.
    func execute(_ body: @escaping @Sendable () -> Void)

    /// Where the tasks of calls run; nil means anywhere.
    var executor: (any TaskExecutor)? { get }

    /// Whether the connection is open.
    var isActive: Bool { get }

    /// Whether the peer takes what is sent; if not, `becameWritable` says when it does again.
    var isWritable: Bool { get }

    /// The ports of both ends; nil if they are not known.
    var ports: (remote: Int, local: Int)? { get }

    /// Sends bytes, or keeps them until the peer takes them.
    func send(_ bytes: [UInt8])

    /// Sends bytes and waits until the peer has taken them. Callable from any thread.
    /// - Returns: false if the connection is closed.
    func write(_ bytes: [UInt8]) async -> Bool

    /// The connection's `isPaused` has changed.
    func pausedChanged()

    /// Closes the connection. Callable from any thread.
    func close()

    /// Closes the connection so that the peer's next write fails at once.
    func reset()

    /// Runs the body after a while, as `execute` does.
    func schedule(in time: TimeAmount, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void>?
}
