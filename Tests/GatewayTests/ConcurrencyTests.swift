import Py4J
import Testing

@testable import Gateway

@Suite struct ConcurrencyTests {
    @Test func manyClientsAtOnce() async throws {
        try await withServer { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let client = try await TestClient.connect(server.port)
                        for _ in 0..<200 {
                            guard
                                case .value(.int64) = try await client.call(
                                    .entryPoint, "add", .int32(1))
                            else {
                                Issue.record("no number")
                                return
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let client = try await TestClient.connect(server.port)
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(1600)))
        }
    }

    @Test func sharedCollectionsStayWhole() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let list = try await client.construct("java.util.ArrayList")
            let map = try await client.construct("java.util.HashMap")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        let client = try await TestClient.connect(server.port)
                        for index in 0..<100 {
                            _ = try await client.call(list, "add", .int32(Int32(index)))
                            _ = try await client.call(
                                map, "put", .int32(Int32(worker * 100 + index)), .reference(list))
                            _ = try await client.call(map, "toString")
                            _ = try await client.send(.list(target: list, operation: .sort))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.call(list, "size") == .value(.int32(400)))
            #expect(try await client.call(map, "size") == .value(.int32(400)))
        }
    }

    /// While calls wait, others are served, though all share one event loop.
    @Test func waitingCallsHoldUpNobody() async throws {
        try await withServer { configuration in
            configuration.eventLoopGroup = configuration.eventLoopGroup.next()
        } body: { server in
            let slow = try await TestClient.connect(server.port)
            let quick = try await TestClient.connect(server.port)
            try await slow.write(
                .call(
                    target: .entryPoint, method: "addLater",
                    arguments: [.int32(100), .int32(60_000)]))
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<50 { _ = try await quick.call(.entryPoint, "add", .int32(1)) }
            #expect(try await quick.call(.entryPoint, "get") == .value(.int64(50)))
            #expect(clock.now - start < .seconds(30))
        }
    }

    /// A client that sends ahead gets its replies in order, slow calls or not.
    @Test func repliesComeInOrder() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            var writer = WireWriter()
            for index in 0..<50 {
                let command =
                    index.isMultiple(of: 5)
                    ? Command.call(
                        target: .entryPoint, method: "addLater",
                        arguments: [.int32(1), .int32(2)])
                    : .call(target: .entryPoint, method: "add", arguments: [.int32(1)])
                command.write(to: &writer)
            }
            try await client.write(writer.bytes)
            for index in 1...50 {
                #expect(try await client.reply() == .value(.int64(Int64(index))))
            }
        }
    }

    /// A client that never reads its replies is not served for ever.
    @Test func aClientThatDoesNotReadIsPaused() async throws {
        try await withServer { server in
            let list = JavaList([.string(String(repeating: "x", count: 1 << 17))])
            let id = server.dispatcher.objects.add(list).id
            let client = try await TestClient.connect(server.port)
            var writer = WireWriter()
            for _ in 0..<200 {
                Command.call(target: id, method: "get", arguments: [.int32(0)]).write(to: &writer)
            }
            try await client.write(writer.bytes)
            for _ in 0..<200 { _ = try await client.reply() }
            #expect(try await client.call(id, "size") == .value(.int32(1)))
        }
    }

    @Test func cancelClosesTheOtherConnection() async throws {
        try await withServer { server in
            let stuck = try await TestClient.connect(server.port)
            try await stuck.write(
                .call(
                    target: .entryPoint, method: "addLater",
                    arguments: [.int32(1), .int32(60_000)]))
            let other = try await TestClient.connect(server.port)
            try await other.write(
                .cancel(
                    address: "127.0.0.1", remotePort: stuck.localPort, localPort: server.port))
            try await stuck.waitUntilClosed()
            #expect(try await other.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func silentConnectionsAreClosedIfAsked() async throws {
        try await withServer {
            $0.readTimeout = .milliseconds(500)
        } body: { server in
            let client = try await TestClient.connect(server.port)
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
            // A call that takes longer is not silence of the client.
            #expect(
                try await client.call(.entryPoint, "addLater", .int32(1), .int32(1_500))
                    == .value(.int64(1)))
            try await client.waitUntilClosed()
        }
    }
}
