import Synchronization

/// What Java would call the thread of a call.
///
/// In the single-threaded model each connection belongs to one thread, and a callback goes out on
/// the connection of the thread that makes it. Here a thread is only this identity: tasks carry it
/// along, whatever executor they run on.
public final class GatewayThread: Sendable {
    /// The thread of the running task; nil outside of calls.
    @TaskLocal public static var current: GatewayThread?

    private static let counter = Atomic<Int64>(0)

    public let id: Int64
    /// The live connection of this thread for each callback client.
    private let connections = Mutex<[ObjectIdentifier: WeakConnection]>([:])

    /// The session of the connection that the thread serves, once the client has named one.
    let session = Mutex<Session?>(nil)

    private struct WeakConnection: Sendable {
        weak let connection: Connection?
    }

    public init() {
        id = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func connection(for client: CallbackClient) -> Connection? {
        connections.withLock { $0[ObjectIdentifier(client)]?.connection }
    }

    func bind(_ connection: Connection, to client: CallbackClient) {
        connections.withLock {
            $0[ObjectIdentifier(client)] = WeakConnection(connection: connection)
        }
    }

    /// Runs the body as this thread.
    public func run<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async rethrows -> Result {
        try await Self.$current.withValue(self) { try await body() }
    }
}
