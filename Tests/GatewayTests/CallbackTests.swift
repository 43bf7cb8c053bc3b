import NIOCore
import NIOPosix
import Py4J
import Synchronization
import Testing

@testable import Gateway

/// Plays Python's callback server: answers each command with what a closure says.
private final class CallbackServer: Sendable {
    let port: Int
    private let listener: any Channel

    private init(_ listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    /// - Parameter answer: Gets the lines of a command; nil closes the connection.
    static func start(
        _ answer: @escaping @Sendable ([String]) -> String?
    ) async throws -> CallbackServer {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return CallbackServer(listener)
    }

    func stop() async { try? await listener.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let answer: @Sendable ([String]) -> String?
        var text = ""

        init(_ answer: @escaping @Sendable ([String]) -> String?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard text.hasSuffix("e\n") else { return }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().map(String.init)
            text = ""
            guard let reply = answer(lines) else { return context.close(promise: nil) }
            context.writeAndFlush(
                NIOAny(context.channel.allocator.buffer(string: reply)), promise: nil)
        }
    }
}

private let greeter = WireValue.proxy(id: "p0", interfaces: ["test.Greeter"])

/// Callbacks on connections of their own, as Py4J's GatewayServer makes them.
@Suite struct PooledCallbackTests {
    private func withPython(
        _ configure: @escaping (inout GatewayConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable ([String]) -> String?,
        body: (TestClient, GatewayServer) async throws -> Void
    ) async throws {
        let python = try await CallbackServer.start(answer)
        try await withServer { configuration in
            configuration.callback.port = python.port
            configure(&configuration)
        } body: { server in
            try await body(try await TestClient.connect(server.port), server)
        }
        await python.stop()
    }

    @Test func pythonIsCalled() async throws {
        let seen = Mutex<[[String]]>([])
        try await withPython { lines in
            seen.withLock { $0.append(lines) }
            return "!yshello you\n"
        } body: { client, _ in
            for _ in 0..<3 {
                let reply = try await client.call(.entryPoint, "greet", greeter)
                #expect(reply == .value(.string("hello you")))
            }
        }
        #expect(seen.withLock { $0 }.first == ["c", "p0", "greet", "syou", "e"])
    }

    @Test func objectsArePassedByReference() async throws {
        let seen = Mutex<[String]>([])
        try await withPython { lines in
            if lines[0] == "c" { seen.withLock { $0 = lines } }
            return lines[0] == "c" ? "!y\(lines[3].replacingKind())\n" : "!y\n"
        } body: { client, _ in
            let list = try await client.construct("java.util.ArrayList")
            guard
                case .reference(.list, let returned) = try await client.call(
                    .entryPoint, "pass", greeter, .reference(list))
            else {
                Issue.record("no list came back")
                return
            }
            _ = try await client.call(returned, "add", .int32(1))
            #expect(try await client.call(list, "size") == .value(.int32(1)))
        }
        #expect(seen.withLock { $0 }[3].hasPrefix("lo"))
    }

    @Test func pythonErrorsBecomeExceptions() async throws {
        try await withPython { lines in
            lines[0] == "c" ? "!xsTraceback: ValueError\\noh\n" : "!y\n"
        } body: { client, _ in
            guard
                case .failureValue(.reference(let error)) = try await client.call(
                    .entryPoint, "greet", greeter)
            else {
                Issue.record("no error")
                return
            }
            guard case .value(.string(let message)) = try await client.call(error, "getMessage")
            else {
                Issue.record("no message")
                return
            }
            #expect(message.contains("Traceback: ValueError\noh"))
        }
    }

    @Test(arguments: ["!yi5\n", "!yL99999999999999999999999\n", "garbage\n", "!\n", "\n"])
    func wrongAnswersAreErrors(_ answer: String) async throws {
        try await withPython {
            $0.callback.readTimeout = .seconds(1)
        } answer: { lines in
            lines[0] == "c" ? answer : "!y\n"
        } body: { client, _ in
            guard
                case .failureValue = try await client.call(.entryPoint, "greet", greeter)
            else {
                Issue.record("\(answer) was no error")
                return
            }
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func aClosedOrSilentPythonIsAnError() async throws {
        try await withPython {
            $0.callback.readTimeout = .milliseconds(100)
        } answer: { lines in
            lines[1] == "p1" ? "" : nil
        } body: { client, _ in
            let silent = WireValue.proxy(id: "p1", interfaces: ["test.Greeter"])
            for proxy in [greeter, silent] {
                guard
                    case .failureValue = try await client.call(.entryPoint, "greet", proxy)
                else {
                    Issue.record("no error")
                    return
                }
            }
        }
    }

    @Test func noPythonIsAnErrorThatSaysSo() async throws {
        try await withServer {
            $0.callback.port = 1
        } body: { server in
            let client = try await TestClient.connect(server.port)
            guard
                case .failureValue(let error) = try await client.call(
                    .entryPoint, "greet", greeter),
                case .value(.string(let trace)) = try await client.send(.stackTrace(error))
            else {
                Issue.record("no error")
                return
            }
            #expect(trace.contains("java.net.ConnectException"))
            #expect(trace.contains("127.0.0.1:1"))
        }
    }

    @Test func theTokenIsShown() async throws {
        let first = Mutex<[String]>([])
        try await withPython {
            $0.callback.authToken = "tok"
        } answer: { lines in
            first.withLock { if $0.isEmpty { $0 = lines } }
            return lines[0] == "A" ? "!yv\n" : "!yshi\n"
        } body: { client, _ in
            let reply = try await client.call(.entryPoint, "greet", greeter)
            #expect(reply == .value(.string("hi")))
        }
        #expect(first.withLock { $0 } == ["A", "tok", "e"])
    }

    @Test func aRefusedTokenIsAnError() async throws {
        try await withPython {
            $0.callback.authToken = "tok"
        } answer: { _ in
            "!xn\n"
        } body: { client, _ in
            guard
                case .failureValue = try await client.call(.entryPoint, "greet", greeter)
            else {
                Issue.record("no error")
                return
            }
        }
    }

    @Test func releasedObjectsAreReported() async throws {
        let released = Mutex<[String]>([])
        try await withPython { lines in
            if lines[0] == "g" { released.withLock { $0.append(lines[1]) } }
            return "!y\n"
        } body: { client, _ in
            for index in 0..<3 {
                let proxy = WireValue.proxy(id: "p\(index)", interfaces: ["test.Greeter"])
                _ = try await client.call(.entryPoint, "keep", proxy)
            }
            #expect(await eventually { released.withLock { $0.sorted() } == ["p0", "p1", "p2"] })
        }
    }

    @Test func callbacksMoveToAnotherPort() async throws {
        let second = try await CallbackServer.start { $0[0] == "c" ? "!yssecond\n" : "!y\n" }
        try await withPython { _ in
            "!ysfirst\n"
        } body: { client, _ in
            #expect(
                try await client.call(.entryPoint, "greet", greeter) == .value(.string("first")))
            guard
                case .reference(_, let address) = try await client.call(
                    .server, "getPythonAddress")
            else {
                Issue.record("no address")
                return
            }
            #expect(
                try await client.call(
                    .server, "resetCallbackClient", .reference(address),
                    .int32(Int32(second.port))) == .void)
            #expect(
                try await client.call(.entryPoint, "greet", greeter) == .value(.string("second")))
        }
        await second.stop()
    }

    @Test func pythonObjectsInCollectionsCanBeCalled() async throws {
        try await withPython { lines in
            lines[0] == "c" ? "!ys\(lines[2])\n" : "!y\n"
        } body: { client, _ in
            let list = try await client.construct("java.util.ArrayList")
            _ = try await client.call(list, "add", greeter)
            guard case .reference(_, let proxy) = try await client.call(list, "get", .int32(0))
            else {
                Issue.record("no proxy")
                return
            }
            #expect(try await client.call(proxy, "anything") == .value(.string("anything")))
        }
    }
}

extension String {
    /// Python sends back any reference as `r`.
    fileprivate func replacingKind() -> String { "r" + dropFirst() }
}

/// Callbacks on the connection of the caller, as Py4J's ClientServer makes them.
@Suite struct SingleThreadedCallbackTests {
    private func withClient(
        _ body: (TestClient, GatewayServer) async throws -> Void
    ) async throws {
        try await withServer {
            $0.threading = .singleThreaded
            // Nobody listens there: nothing may go anywhere but back.
            $0.callback.port = 1
        } body: { server in
            try await body(try await TestClient.connect(server.port), server)
        }
    }

    private func lines(_ client: TestClient, _ count: Int) async throws -> [String] {
        var lines: [String] = []
        for _ in 0..<count { lines.append(try await client.line()) }
        return lines
    }

    @Test func theCallbackComesBackOnTheSameConnection() async throws {
        try await withClient { client, _ in
            try await client.write(
                .call(target: .entryPoint, method: "greet", arguments: [greeter]))
            #expect(try await lines(client, 5) == ["c", "p0", "greet", "syou", "e"])
            try await client.write("!yshello\n")
            #expect(try await client.reply() == .value(.string("hello")))
        }
    }

    @Test func commandsAndCallbacksNest() async throws {
        try await withClient { client, _ in
            let depth = 50
            for level in 0..<depth {
                try await client.write(
                    .call(target: .entryPoint, method: "greet", arguments: [greeter]))
                #expect(try await lines(client, 5).last == "e")
                // In between, plain commands are served as well.
                #expect(
                    try await client.call(.entryPoint, "add", .int32(1))
                        == .value(.int64(Int64(level + 1))))
            }
            for level in (0..<depth).reversed() {
                try await client.write("!yslevel \(level)\n")
                #expect(try await client.reply() == .value(.string("level \(level)")))
            }
        }
    }

    @Test func anErrorOfPythonEndsOnlyItsCall() async throws {
        try await withClient { client, _ in
            let error = try await client.construct(
                "java.lang.IllegalStateException", .string("mine"))
            try await client.write(
                .call(target: .entryPoint, method: "greet", arguments: [greeter]))
            _ = try await lines(client, 5)
            try await client.write("!xr\(error)\n")
            guard case .failureValue(.reference(let thrown)) = try await client.reply() else {
                Issue.record("no error")
                return
            }
            #expect(try await client.call(thrown, "getMessage") == .value(.string("mine")))
        }
    }

    @Test func anAnswerToNothingEndsTheConnection() async throws {
        try await withClient { client, _ in
            try await client.write("!yshello\n")
            #expect(try await client.line().hasPrefix("!zs"))
            try await client.waitUntilClosed()
        }
    }

    @Test func aClientThatLeavesEndsItsCallbacks() async throws {
        try await withClient { client, server in
            try await client.write(
                .call(target: .entryPoint, method: "greet", arguments: [greeter]))
            _ = try await lines(client, 5)
            try await client.close()
            #expect(await eventually { server.connectionCount == 0 })
            let other = try await TestClient.connect(server.port)
            #expect(try await other.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func threadsAreConnections() async throws {
        try await withClient { first, server in
            let second = try await TestClient.connect(server.port)
            let thread = { (client: TestClient) in
                guard
                    case .reference(_, let id) = try await client.call(
                        .staticMembers("java.lang.Thread"), "currentThread")
                else { throw TestClient.Closed() }
                return try await client.call(id, "getId")
            }
            let id = try await thread(first)
            #expect(try await thread(first) == id)
            #expect(try await thread(second) != id)
        }
    }
}
