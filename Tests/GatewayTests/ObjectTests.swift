import Py4J
import Synchronization
import Testing

@testable import Gateway

/// How long objects live. Serial: the tests count the living counters of the process.
@Suite(.serialized) struct ObjectTests {
    /// A class of its own, so that other suites do not disturb the count.
    final class Counted: GatewayObject {
        static let gatewayName = "test.Counted"
        static let living = Atomic<Int>(0)
        init() { Self.living.wrappingAdd(1, ordering: .relaxed) }
        deinit { Self.living.wrappingSubtract(1, ordering: .relaxed) }
        static var count: Int { living.load(ordering: .relaxed) }

        static let registry: TypeRegistry = {
            var registry = TypeRegistry.standard
            registry.register(
                TypeRegistration<Counted>()
                    .constructor { Counted() }
                    .method("itself") { $0 }
                    .asyncMethod("makeLater") { _ in
                        try await Task.sleep(for: .milliseconds(50))
                        return Counted()
                    })
            return registry
        }()
    }

    @Test func everyReferenceIsReleasedOnItsOwn() async throws {
        try await withServer(registry: Counted.registry, entryPoint: nil) { server in
            let client = try await TestClient.connect(server.port)
            let first = try await client.construct("test.Counted")
            guard case .reference(_, let second) = try await client.call(first, "itself") else {
                Issue.record("no object")
                return
            }
            #expect(first != second)
            #expect(Counted.count == 1)
            #expect(server.objectCount == 2)
            #expect(try await client.send(.deleteObject(first)) == .void)
            #expect(Counted.count == 1)
            #expect(try await client.send(.deleteObject(second)) == .void)
            #expect(Counted.count == 0)
            #expect(try await client.send(.deleteObject(second)) == .void)
            #expect(server.objectCount == 0)
        }
    }

    @Test func collectionsKeepTheirElements() async throws {
        try await withServer(registry: Counted.registry, entryPoint: nil) { server in
            let client = try await TestClient.connect(server.port)
            let list = try await client.construct("java.util.ArrayList")
            let object = try await client.construct("test.Counted")
            _ = try await client.call(list, "add", .reference(object))
            _ = try await client.send(.deleteObject(object))
            #expect(Counted.count == 1)
            _ = try await client.call(list, "clear")
            #expect(Counted.count == 0)
        }
    }

    @Test func objectsOutliveTheirConnectionButNotTheServer() async throws {
        let closed = Mutex(0)
        try await withServer(registry: Counted.registry, entryPoint: nil) {
            $0.onLastConnectionClosed = { closed.withLock { $0 += 1 } }
        } body: { server in
            let first = try await TestClient.connect(server.port)
            let object = try await first.construct("test.Counted")
            try await first.close()
            #expect(await eventually { server.connectionCount == 0 })
            #expect(closed.withLock { $0 } == 1)
            #expect(Counted.count == 1)
            let second = try await TestClient.connect(server.port)
            guard case .reference = try await second.call(object, "itself") else {
                Issue.record("the object is gone")
                return
            }
        }
        #expect(await eventually { Counted.count == 0 })
    }

    @Test func entryPointAndServerCannotBeReleased() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            for id in [ObjectID.entryPoint, .server, .defaultView] {
                #expect(try await client.send(.deleteObject(id)) == .void)
            }
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
            #expect(
                try await client.call(.server, "getListeningPort")
                    == .value(.int32(Int32(server.port))))
        }
    }

    @Test func whatACallReturnsTooLateIsReleased() async throws {
        try await withServer(registry: Counted.registry, entryPoint: nil) { server in
            let client = try await TestClient.connect(server.port)
            let object = try await client.construct("test.Counted")
            try await client.write(.call(target: object, method: "makeLater", arguments: []))
            try await client.close()
            #expect(await eventually { server.connectionCount == 0 })
            try await Task.sleep(for: .milliseconds(150))
            #expect(server.objectCount == 1)
            #expect(Counted.count == 1)
        }
        #expect(await eventually { Counted.count == 0 })
    }

    @Test func shutdownStopsTheServer() async throws {
        try await withServer { server in
            let idle = try await TestClient.connect(server.port)
            let client = try await TestClient.connect(server.port)
            try await client.write(.shutdown)
            await server.waitUntilStopped()
            try await idle.waitUntilClosed()
            await #expect(throws: (any Error).self) {
                _ = try await TestClient.connect(server.port)
            }
        }
    }

    @Test func theServerItselfIsReleased() async throws {
        let events = Mutex<[String]>([])
        try await withServer {
            $0.onLifecycle = { event in
                events.withLock { $0.append("\(event.kind) \(event.isCreated)") }
            }
        } body: { server in
            let client = try await TestClient.connect(server.port)
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
        #expect(
            await eventually {
                let events = events.withLock { $0 }
                return ["server", "connection", "callbackClient"].allSatisfy { kind in
                    events.count { $0 == "\(kind) true" } == 1
                        && events.count { $0 == "\(kind) false" } == 1
                }
            })
    }
}
