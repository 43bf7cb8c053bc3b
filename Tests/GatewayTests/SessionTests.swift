import Dispatch
import NIOCore
import Py4J
import Synchronization
import Testing

@testable import Gateway

/// Time that passes when a test says so.
private final class ManualTimer: Sendable {
    private let bodies = Mutex<[@Sendable () -> Void]>([])

    var waiting: Int { bodies.withLock { $0.count } }

    func add(_ body: @escaping @Sendable () -> Void) { bodies.withLock { $0.append(body) } }

    /// Every grace that has begun is over.
    func pass() {
        let due = bodies.withLock { bodies in
            defer { bodies = [] }
            return bodies
        }
        for body in due { body() }
    }
}

/// Something that a client would leave running.
private final class Task: GatewayObject, SessionBound {
    static let gatewayName = "test.Task"

    let state = Mutex((runs: true, ended: 0))

    var outlivesItsReferences: Bool { state.withLock { $0.runs } }
    func sessionEnded() { state.withLock { $0.ended += 1 } }
    func finish() { state.withLock { $0.runs = false } }
    var ended: Int { state.withLock { $0.ended } }
}

private final class Tasks: GatewayObject {
    static let gatewayName = "test.Tasks"

    let task = Task()
    private let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
    var isWaiting: Bool { gate.withLock { $0 != nil } }

    func later() async -> Task {
        await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } }
        return task
    }

    func open() { gate.withLock { $0 }?.resume() }
}

@Suite struct SessionTests {
    private let timer = ManualTimer()
    private let tasks = Tasks()

    private func withSessions(_ body: (GatewayServer) async throws -> Void) async throws {
        var registry = TestTypes.registry
        registry.register(TypeRegistration<Task>().method("finish") { $0.finish() })
        registry.register(
            TypeRegistration<Tasks>()
                .method("task") { $0.task }
                .method("fail") { _ -> Int32 in throw JavaThrowable("java.io.IOException", "no") }
                .asyncMethod("later") { await $0.later() })
        let timer = timer
        try await withServer(registry: registry, entryPoint: tasks) {
            $0.authToken = "secret"
            $0.sessionTimer = { delay, body in
                #expect(delay == .seconds(5))
                timer.add(body)
            }
        } body: {
            try await body($0)
        }
    }

    private func connect(_ server: GatewayServer, _ session: String?) async throws -> TestClient {
        try await TestClient.connect(
            server.port, token: session.map { "secret#\($0)" } ?? "secret")
    }

    @Test func whatAClientHeldGoesAfterTheGrace() async throws {
        try await withSessions { server in
            let client = try await connect(server, "a")
            let other = try await connect(server, "b")
            _ = try await client.construct("java.util.ArrayList")
            _ = try await client.construct("java.util.ArrayList")
            let kept = try await other.construct("java.util.ArrayList")
            guard case .failureValue = try await client.call(.entryPoint, "fail") else {
                Issue.record("no exception")
                return
            }
            #expect(server.objectCount == 4 && server.sessionCount == 2)
            try await client.close()
            #expect(await eventually { timer.waiting == 1 })
            #expect(server.objectCount == 4)
            timer.pass()
            #expect(server.objectCount == 1 && server.sessionCount == 1)
            #expect(try await other.call(kept, "size") == .value(.int32(0)))
        }
    }

    @Test func aClientOfPy4JKeepsWhatItHas() async throws {
        try await withSessions { server in
            let client = try await connect(server, nil)
            let list = try await client.construct("java.util.ArrayList")
            _ = try await client.call(.entryPoint, "task")
            try await client.close()
            #expect(await eventually { server.connectionCount == 0 })
            #expect(timer.waiting == 0 && server.sessionCount == 0)
            let again = try await connect(server, nil)
            #expect(try await again.call(list, "size") == .value(.int32(0)))
            #expect(tasks.task.ended == 0)
        }
    }

    @Test func whoComesBackInTimeHasLostNothing() async throws {
        try await withSessions { server in
            let client = try await connect(server, "a")
            let list = try await client.construct("java.util.ArrayList")
            try await client.close()
            #expect(await eventually { timer.waiting == 1 })
            let again = try await connect(server, "a")
            timer.pass()
            #expect(try await again.call(list, "size") == .value(.int32(0)))
            // A grace that began before does not count for the next departure.
            try await again.close()
            #expect(await eventually { timer.waiting == 1 })
            let third = try await connect(server, "a")
            try await third.close()
            #expect(await eventually { timer.waiting == 2 })
            timer.pass()
            #expect(server.objectCount == 0 && server.sessionCount == 0)
        }
    }

    @Test func aSessionLastsWhileAnyConnectionDoes() async throws {
        try await withSessions { server in
            let first = try await connect(server, "a")
            let second = try await connect(server, "a")
            let list = try await first.construct("java.util.ArrayList")
            try await first.close()
            #expect(await eventually { server.connectionCount == 1 })
            #expect(timer.waiting == 0)
            #expect(try await second.call(list, "size") == .value(.int32(0)))
        }
    }

    @Test(arguments: [false, true]) func whatRunsIsTold(_ isReleased: Bool) async throws {
        try await withSessions { server in
            let client = try await connect(server, "a")
            guard case .reference(_, let id) = try await client.call(.entryPoint, "task") else {
                Issue.record("no task")
                return
            }
            if isReleased {
                _ = try await client.send(.deleteObject(id))
                #expect(server.objectCount == 0)
            }
            try await client.close()
            #expect(await eventually { timer.waiting == 1 })
            #expect(tasks.task.ended == 0)
            timer.pass()
            #expect(tasks.task.ended == 1)
        }
    }

    @Test func whatHasFinishedAndBeenReleasedIsForgotten() async throws {
        try await withSessions { server in
            let client = try await connect(server, "a")
            guard case .reference(_, let id) = try await client.call(.entryPoint, "task") else {
                Issue.record("no task")
                return
            }
            _ = try await client.call(id, "finish")
            _ = try await client.send(.deleteObject(id))
            try await client.close()
            #expect(await eventually { timer.waiting == 1 })
            timer.pass()
            #expect(tasks.task.ended == 0)
        }
    }

    @Test func aReplyThatComesTooLateIsReleased() async throws {
        try await withSessions { server in
            let client = try await connect(server, "a")
            let stays = try await connect(server, "a")
            try await client.write(
                .call(target: .entryPoint, method: "later", arguments: []))
            #expect(await eventually { tasks.isWaiting })
            try await client.close()
            #expect(await eventually { server.connectionCount == 1 })
            tasks.open()
            #expect(await eventually { tasks.task.ended == 1 })
            #expect(server.objectCount == 0)
            try await stays.close()
        }
    }

    @Test(arguments: [
        "secret#", "secret#a b", "secret#a\n", "secretx", "#a", "secre#a", "Secret#a",
        "secret#" + String(repeating: "a", count: 65), "secret#ä",
    ])
    func onlyAProperNameIsTaken(_ offered: String) async throws {
        try await withSessions { server in
            let client = try await TestClient.connect(server.port)
            guard case .failureText = try await client.send(.authenticate(token: offered)) else {
                Issue.record("let in with \(offered)")
                return
            }
            try await client.waitUntilClosed()
            #expect(server.sessionCount == 0)
        }
    }

    @Test func aTokenMayHaveTheSignItself() {
        #expect(AuthToken.admit("a#b", expected: "a#b") == .client)
        #expect(AuthToken.admit("a#b#c", expected: "a#b") == .session("c"))
        #expect(AuthToken.admit("a#b", expected: "a") == .session("b"))
        #expect(AuthToken.admit("", expected: "a") == nil)
        #expect(AuthToken.admit("a", expected: "") == nil)
    }

    @Test func manyCallsThatBlockDoNotKeepEachOtherWaiting() async throws {
        final class Doors: GatewayObject {
            static let gatewayName = "test.Doors"
            private let arrived = Atomic<Int>(0)
            private let opened = DispatchSemaphore(value: 0)

            /// Returns when so many wait here.
            func wait(for count: Int) {
                if arrived.add(1, ordering: .relaxed).newValue == count {
                    for _ in 0..<count { opened.signal() }
                }
                opened.wait()
            }
        }
        var registry = TypeRegistry.standard
        registry.register(
            TypeRegistration<Doors>().blockingMethod("wait", Int.self) { $0.wait(for: $1) })
        // More than any pool of one thread for each processor has.
        let count = 80
        try await withServer(registry: registry, entryPoint: Doors()) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        let client = try await TestClient.connect(server.port)
                        let reply = try await client.call(
                            .entryPoint, "wait", .int64(Int64(count)))
                        #expect(reply == .void)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
