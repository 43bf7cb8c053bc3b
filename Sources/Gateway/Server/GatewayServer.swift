import NIOCore
import NIOPosix
import NIOSSL
import Py4J
import Synchronization

/// A server that Py4J clients connect to as if it were a Java gateway.
///
/// ```swift
/// let server = GatewayServer(registry: registry, configuration: .init(port: 0))
/// try await server.start()
/// print(server.port)
/// await server.waitUntilStopped()
/// ```
public final class GatewayServer: Sendable {
    public let configuration: GatewayConfiguration
    let dispatcher: Dispatcher

    private struct State {
        var listener: Listener?
        var port = 0
        var connections: [ObjectIdentifier: Connection] = [:]
        var sessions: [String: Session] = [:]
        var hasStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var cleaner: RepeatedTask?
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - registry: What clients can see; usually ``TypeRegistry/standard`` and one's own types.
    ///   - entryPoint: What `gateway.entry_point` is in Python.
    public init(
        registry: TypeRegistry = .standard, entryPoint: (any GatewayObject)? = nil,
        configuration: GatewayConfiguration = GatewayConfiguration()
    ) {
        self.configuration = configuration
        dispatcher = Dispatcher(registry: registry, entryPoint: entryPoint)
        configuration.report(.server, self, isCreated: true)
    }

    deinit { configuration.report(.server, self, isCreated: false) }

    /// The port it listens on; 0 before it has started.
    public var port: Int { state.withLock { $0.port } }

    /// Whether a client or the owner has told it to end.
    public var hasStopped: Bool { state.withLock { $0.hasStopped } }

    /// How many connections clients have open.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// How many clients are there that have named a session, or were a moment ago.
    public var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// How many references clients hold.
    public var objectCount: Int { dispatcher.objects.count }

    /// Listens. Returns when clients can connect.
    /// - Throws: If the address is in use or the TLS configuration is unusable.
    public func start() async throws {
        let callbacks = try CallbackClient(
            configuration.callback, gateway: configuration, dispatcher: dispatcher)
        dispatcher.attach(server: self, callbacks: callbacks)
        let listener: Listener
        do {
            listener = try await listen()
        } catch {
            dispatcher.removeAll()
            throw error
        }
        let isKept = state.withLock { state in
            state.listener = listener
            state.port = listener.port ?? configuration.port
            return !state.hasStopped
        }
        guard isKept else {
            await listener.close()
            return
        }
        scheduleCleaning()
    }

    /// What takes in connections.
    private enum Listener {
        case channel(any Channel)
        case socket(SocketListener)

        var port: Int? {
            switch self {
            case .channel(let channel): channel.localAddress?.port
            case .socket(let socket): socket.port
            }
        }

        func close() async {
            switch self {
            case .channel(let channel): try? await channel.close()
            case .socket(let socket): socket.close()
            }
        }

        func closeSoon() {
            switch self {
            case .channel(let channel): channel.close(promise: nil)
            case .socket(let socket): socket.close()
            }
        }
    }

    private func listen() async throws -> Listener {
        guard let tls = try configuration.tls?.serverContext() else {
            let listener = try SocketListener(host: configuration.host, port: configuration.port)
            try listener.start { [weak self] in self?.serve($0) }
            return .socket(listener)
        }
        return .channel(
            try await ServerBootstrap(group: configuration.eventLoopGroup)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let transport = ChannelTransport()
                        transport.connection = self.connection(on: transport)
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: tls))
                        try channel.pipeline.syncOperations.addHandler(transport)
                    }
                }
                .bind(host: configuration.host, port: configuration.port).get())
    }

    private func serve(_ socket: Socket) {
        let transport = SocketTransport(socket, timers: configuration.eventLoopGroup)
        // Without a thread for it, the connection is closed.
        try? transport.start(connection(on: transport))
    }

    private func connection(on transport: any ConnectionTransport) -> Connection {
        Connection(
            dispatcher: dispatcher, gateway: configuration, role: .client(self),
            thread: GatewayThread(), transport: transport)
    }

    private func scheduleCleaning() {
        guard let interval = configuration.callback.idleTimeout else { return }
        let task = configuration.eventLoopGroup.next().scheduleRepeatedTask(
            initialDelay: interval, delay: interval
        ) { [weak self] task in
            guard let self else { return task.cancel() }
            self.dispatcher.callbacks?.closeIdle()
        }
        state.withLock { $0.cleaner = task }
    }

    /// Closes all connections and lets go of all objects. Calls that still run go on, but their
    /// results are dropped.
    public func stop() async {
        let listener = shutDown()
        await listener?.close()
    }

    /// Returns when the server has stopped, whoever stopped it.
    public func waitUntilStopped() async {
        await withCheckedContinuation { continuation in
            let hasStopped = state.withLock { state in
                if !state.hasStopped { state.waiters.append(continuation) }
                return state.hasStopped
            }
            if hasStopped { continuation.resume() }
        }
    }

    /// A proxy for the object that a Python client offers as its own entry point.
    /// - Parameter interfaces: What it implements, by registered names.
    public func pythonEntryPoint(implementing interfaces: [String]) throws -> PythonProxy {
        try dispatcher.proxy("t", interfaces)
    }

    /// Changes where callbacks go, when Python's callback server has moved.
    public func resetCallbackClient(host: String, port: Int) throws {
        guard let old = dispatcher.callbacks else {
            throw JavaThrowable.gateway("The gateway has been shut down.")
        }
        var settings = old.configuration
        settings.host = host
        settings.port = port
        dispatcher.replaceCallbacks(
            try CallbackClient(settings, gateway: configuration, dispatcher: dispatcher))
        old.shutDown()
    }

    /// Tells Python now which of its objects are no longer used here, instead of after
    /// ``CallbackConfiguration/releaseInterval``.
    public func flushReleases() async { await dispatcher.callbacks?.flushReleases() }

    var callbackConfiguration: CallbackConfiguration {
        dispatcher.callbacks?.configuration ?? configuration.callback
    }

    // MARK: - For connections

    /// - Returns: false if there is no room for it.
    func opened(_ connection: Connection, _ thread: GatewayThread) -> Bool {
        let isKept = state.withLock { state in
            guard !state.hasStopped, state.connections.count < configuration.maximumConnections
            else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            return true
        }
        if isKept, configuration.threading == .singleThreaded, let client = dispatcher.callbacks {
            thread.bind(connection, to: client)
        }
        return isKept
    }

    func closed(_ connection: Connection) {
        let wasLast = state.withLock { state in
            state.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil
                && state.connections.isEmpty && !state.hasStopped
        }
        if wasLast { configuration.onLastConnectionClosed?() }
    }

    /// A connection of the client that calls its session so.
    func joinSession(_ name: String) -> Session {
        state.withLock { state in
            let session = state.sessions[name] ?? Session(name: name)
            state.sessions[name] = session
            session.join()
            return session
        }
    }

    func leaveSession(_ session: Session) {
        guard let departure = session.leave() else { return }
        let body: @Sendable () -> Void = { [weak self] in
            self?.endSession(session, ifAbandonedSince: departure)
        }
        if let timer = configuration.sessionTimer {
            timer(configuration.sessionGrace, body)
        } else {
            configuration.eventLoopGroup.next().scheduleTask(
                in: configuration.sessionGrace, body)
        }
    }

    private func endSession(_ session: Session, ifAbandonedSince departure: Int) {
        // Who joins takes the same lock, and finds either the session or no trace of it.
        let isOver = state.withLock { state in
            guard session.isAbandoned(since: departure) else { return false }
            if state.sessions[session.name] === session { state.sessions[session.name] = nil }
            return true
        }
        guard isOver else { return }
        let (objects, lingering) = session.end()
        for number in objects { dispatcher.drop(.object(number)) }
        for object in lingering { object.sessionEnded() }
    }

    /// A client has asked for the end. It does not wait for an answer.
    func stopSoon() {
        let listener = shutDown()
        listener?.closeSoon()
    }

    /// Closes the connection whose client has given up on its call.
    func closeConnection(remotePort: Int, localPort: Int) {
        for connection in state.withLock({ Array($0.connections.values) }) {
            connection.closeIfMatching(remotePort: remotePort, localPort: localPort)
        }
    }

    private func shutDown() -> Listener? {
        let (listener, connections, waiters, cleaner) = state.withLock { state in
            state.hasStopped = true
            defer {
                state.connections = [:]
                state.sessions = [:]
                state.waiters = []
                state.listener = nil
                state.cleaner = nil
            }
            return (
                state.listener, Array(state.connections.values), state.waiters, state.cleaner
            )
        }
        cleaner?.cancel()
        dispatcher.callbacks?.shutDown()
        for connection in connections { connection.close() }
        dispatcher.removeAll()
        for waiter in waiters { waiter.resume() }
        return listener
    }
}
