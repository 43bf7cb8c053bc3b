import Gateway
import Synchronization

/// Counts what is created and what is released for good.
final class MetricRegistry: GatewayObject {
    static let gatewayName = "py4j.instrumented.MetricRegistry"

    private struct State {
        var created: [GatewayValue] = []
        var finalized: [GatewayValue] = []
        /// Objects by identity; an address may be used again after its object is gone.
        var living: [Int: String] = [:]
        var count = 0
        var servers: [WeakServer] = []
    }

    private struct WeakServer: Sendable { weak let server: GatewayServer? }

    private static let state = Mutex(State())

    static func created(_ kind: String, _ id: Int) {
        state.withLock { state in
            state.count += 1
            let name = "\(kind)@\(state.count)"
            state.living[id] = name
            state.created.append(.string(name))
        }
    }

    static func finalized(_ id: Int) {
        state.withLock { state in
            guard let name = state.living.removeValue(forKey: id) else { return }
            state.finalized.append(.string(name))
        }
    }

    static func watch(_ server: GatewayServer) {
        state.withLock { $0.servers.append(WeakServer(server: server)) }
    }

    /// There is no collector, but what is no longer used may be reported to Python now.
    static func forceFinalization() async {
        for server in state.withLock({ $0.servers }) { await server.server?.flushReleases() }
    }

    static func record(_ event: GatewayConfiguration.LifecycleEvent) {
        if event.isCreated { created("\(event.kind)", event.id) } else { finalized(event.id) }
    }

    static let registration = TypeRegistration<MetricRegistry>()
        .staticMethod("getCreatedObjectsKeySet") { JavaSet(state.withLock { $0.created }) }
        .staticMethod("getFinalizedObjectsKeySet") { JavaSet(state.withLock { $0.finalized }) }
        .asyncStaticMethod("forceFinalization") {
            await forceFinalization()
            return GatewayValue.void
        }
}

/// An object that is counted.
final class InstrumentedObject: GatewayObject {
    static let gatewayName = "py4j.instrumented.InstrumentedObject"

    private let name: String

    init(_ name: String) {
        self.name = name
        MetricRegistry.created("InstrumentedObject", Self.id(self))
    }

    deinit { MetricRegistry.finalized(Self.id(self)) }

    static func id(_ object: AnyObject) -> Int {
        Int(bitPattern: Unmanaged.passUnretained(object).toOpaque())
    }

    static let registration = TypeRegistration<InstrumentedObject>()
        .constructor(String.self) { InstrumentedObject($0) }
        .method("getName") { $0.name }
}

/// Java has an object more than we do: a `ClientServer` that holds a `JavaServer`.
private final class InstrumentedClientServer {
    init() { MetricRegistry.created("ClientServer", InstrumentedObject.id(self)) }
    deinit { MetricRegistry.finalized(InstrumentedObject.id(self)) }
}

/// Starts a second, counted server at the test's request.
final class InstrumentedApplication: GatewayObject {
    static let gatewayName = "py4j.instrumented.InstrumentedApplication"

    let threading: GatewayConfiguration.Threading

    init(threading: GatewayConfiguration.Threading) { self.threading = threading }

    var gatewayTypeName: String { Self.name(threading) }

    private static func name(_ threading: GatewayConfiguration.Threading) -> String {
        threading == .pooled ? gatewayName : "py4j.instrumented.InstrumentedClientServerApplication"
    }

    private func startSecond() async throws -> GatewayServer {
        let server = try await Applications.start(self, port: 25338) { configuration in
            configuration.threading = threading
            configuration.callback.port = 25339
            configuration.onLifecycle = { MetricRegistry.record($0) }
        }
        MetricRegistry.watch(server)
        return server
    }

    private func startWithPythonEntry(shutdown: Bool) async throws {
        let owner = threading == .singleThreaded ? InstrumentedClientServer() : nil
        let server = try await startSecond()
        do {
            let hello = IHello(
                proxy: try server.pythonEntryPoint(implementing: [IHello.gatewayName]))
            _ = try await hello.sayHello()
            _ = try await hello.sayHello(2, "Hello World")
        } catch {
            print(JavaThrowable.from(error).stackTrace)
        }
        await MetricRegistry.forceFinalization()
        try await Task.sleep(for: .seconds(2))
        if shutdown { await server.stop() }
        _ = owner
    }

    static func registration(
        _ threading: GatewayConfiguration.Threading
    ) -> TypeRegistration<InstrumentedApplication> {
        TypeRegistration<InstrumentedApplication>(name(threading))
            .asyncMethod("startServer2") { application in
                let owner =
                    application.threading == .singleThreaded ? InstrumentedClientServer() : nil
                _ = try await application.startSecond()
                _ = owner
            }
            .asyncMethod("startServerWithPythonEntry", Bool.self) { application, shutdown in
                try await application.startWithPythonEntry(shutdown: shutdown)
            }
    }
}
