import NIOCore
import NIOPosix
import NIOSSL
import Py4J
import Synchronization

/// Sends callbacks to Python and waits for the answers: on pooled connections, or on the
/// connection of the calling thread.
final class CallbackClient: Sendable {
    let configuration: CallbackConfiguration
    let threading: GatewayConfiguration.Threading
    private let gateway: GatewayConfiguration
    private let dispatcher: Dispatcher
    private let tlsContext: NIOSSLContext?
    /// Reports released objects in the single-threaded model, on a connection of its own.
    private let reaper = GatewayThread()

    private struct State {
        /// Unused pooled connections, the most recently used last.
        var idle: [Connection] = []
        var open: [ObjectIdentifier: Connection] = [:]
        var released: [String] = []
        var isFlushScheduled = false
        var isShutDown = false
    }

    private let state = Mutex(State())

    init(
        _ configuration: CallbackConfiguration, gateway: GatewayConfiguration,
        dispatcher: Dispatcher
    ) throws {
        self.configuration = configuration
        self.threading = gateway.threading
        self.gateway = gateway
        self.dispatcher = dispatcher
        tlsContext = try configuration.tls?.clientContext()
        gateway.report(.callbackClient, self, isCreated: true)
    }

    deinit { gateway.report(.callbackClient, self, isCreated: false) }

    /// Sends a callback and waits for its answer.
    func send(_ callback: Callback, from thread: GatewayThread?) async throws -> Reply {
        do {
            if threading == .singleThreaded, let thread {
                return try await send(callback, onConnectionOf: thread)
            }
            return try await sendPooled(callback)
        } catch let error as CallbackError {
            throw error.throwable
        }
    }

    private func send(
        _ callback: Callback, onConnectionOf thread: GatewayThread
    ) async throws -> Reply {
        if let connection = thread.connection(for: self) {
            do {
                return try await connection.exchange(callback)
            } catch CallbackError.notSent where connection.isOutbound {
                // It timed out while nobody used it: a new one takes its place, once.
            } catch CallbackError.busy {
                // Two tasks of one call call back at once; only one can have the connection.
                return try await sendPooled(callback)
            }
        }
        let connection = try await connect(as: thread)
        thread.bind(connection, to: self)
        return try await connection.exchange(callback)
    }

    private func sendPooled(_ callback: Callback) async throws -> Reply {
        while let connection = state.withLock({ $0.idle.popLast() }) {
            do {
                let reply = try await connection.exchange(callback)
                giveBack(connection)
                return reply
            } catch CallbackError.notSent {
                continue
            }
        }
        let connection = try await connect(as: GatewayThread())
        let reply = try await connection.exchange(callback)
        giveBack(connection)
        return reply
    }

    private func giveBack(_ connection: Connection) {
        let isKept = state.withLock { state in
            guard !state.isShutDown, state.open[ObjectIdentifier(connection)] != nil else {
                return false
            }
            state.idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }

    // MARK: - Connections

    private func connect(as thread: GatewayThread) async throws -> Connection {
        guard !state.withLock({ $0.isShutDown }) else { throw CallbackError.shutDown }
        let transport = ChannelTransport()
        let connection = Connection(
            dispatcher: dispatcher, gateway: gateway, role: .callback(self), thread: thread,
            transport: transport)
        transport.connection = connection
        let tls = tlsContext
        let host = configuration.host
        do {
            _ = try await ClientBootstrap(group: gateway.eventLoopGroup)
                .connectTimeout(configuration.connectTimeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: tls, serverHostname: nil))
                        }
                        try channel.pipeline.syncOperations.addHandler(transport)
                    }
                }
                .connect(host: host, port: configuration.port).get()
        } catch {
            throw JavaThrowable.gateway(
                "Error while obtaining a new communication channel",
                cause: JavaThrowable(
                    "java.net.ConnectException",
                    "Python's callback server at \(host):\(configuration.port) cannot be reached: "
                        + "\(error)"))
        }
        if let token = configuration.authToken {
            guard case .void = try await connection.exchange(.authenticate(token: token)) else {
                connection.close()
                throw CallbackError.refusedToken
            }
        }
        return connection
    }

    func opened(_ connection: Connection) {
        let isKept = state.withLock { state in
            if !state.isShutDown { state.open[ObjectIdentifier(connection)] = connection }
            return !state.isShutDown
        }
        if !isKept { connection.close() }
    }

    func closed(_ connection: Connection) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            state.idle.removeAll { $0 === connection }
        }
    }

    /// Closes the connections that have not been used since the last time.
    func closeIdle() {
        for connection in state.withLock({ $0.idle }) { connection.closeUnlessUsed() }
    }

    /// Closes all connections. Callbacks that wait fail.
    func shutDown() {
        let open = state.withLock { state in
            state.isShutDown = true
            state.idle = []
            state.released = []
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        for connection in open { connection.close() }
    }

    // MARK: - Released objects

    /// Notes that the last proxy for a Python object is gone. Called from any thread.
    func release(_ proxy: String) {
        guard configuration.releasesProxies else { return }
        let mustSchedule = state.withLock { state in
            guard !state.isShutDown else { return false }
            state.released.append(proxy)
            defer { state.isFlushScheduled = true }
            return !state.isFlushScheduled
        }
        guard mustSchedule else { return }
        gateway.eventLoopGroup.next().scheduleTask(in: configuration.releaseInterval) {
            [weak self] in
            guard let self else { return }
            Task { await self.flushReleases() }
        }
    }

    /// Tells Python now which of its objects are no longer used.
    func flushReleases() async {
        let released = state.withLock { state in
            state.isFlushScheduled = false
            defer { state.released = [] }
            return state.released
        }
        for proxy in released {
            do {
                _ = try await send(.release(proxy: proxy), from: reaper)
            } catch {
                // Python is gone or has no callback server: then it holds no objects for us.
                return
            }
        }
    }
}

extension GatewayConfiguration {
    func report(_ kind: LifecycleEvent.Kind, _ object: AnyObject, isCreated: Bool) {
        guard let onLifecycle else { return }
        onLifecycle(
            LifecycleEvent(
                kind: kind, id: Int(bitPattern: Unmanaged.passUnretained(object).toOpaque()),
                isCreated: isCreated))
    }
}
