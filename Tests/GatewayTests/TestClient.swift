import NIOCore
import NIOPosix
import NIOSSL
import Py4J
import Synchronization
import Testing

@testable import Gateway

/// A Py4J client over a real socket, as simple as can be: sends commands, hands out lines.
final class TestClient: Sendable {
    struct Closed: Error {}
    struct TimedOut: Error {}

    private let channel: any Channel
    private let lines: Lines

    private init(channel: any Channel, lines: Lines) {
        self.channel = channel
        self.lines = lines
    }

    static func connect(
        _ port: Int, host: String = "127.0.0.1", token: String? = nil, tls: NIOSSLContext? = nil
    ) async throws -> TestClient {
        let lines = Lines()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }
                    try channel.pipeline.syncOperations.addHandler(LineHandler(lines))
                }
            }
            .connect(host: host, port: port).get()
        let client = TestClient(channel: channel, lines: lines)
        if let token {
            #expect(try await client.send(.authenticate(token: token)) == .void)
        }
        return client
    }

    func write(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(channel.allocator.buffer(bytes: bytes))
    }

    func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    func write(_ command: Command) async throws {
        var writer = WireWriter()
        command.write(to: &writer)
        try await write(writer.bytes)
    }

    func write(_ reply: Reply) async throws {
        var writer = WireWriter()
        reply.write(to: &writer)
        try await write(writer.bytes)
    }

    /// The next line, without its break.
    /// - Throws: ``Closed`` when the server has closed the connection.
    func line(within timeout: Duration = .seconds(300)) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await self.lines.next() }
            group.addTask {
                try await Task.sleep(for: timeout)
                self.lines.fail(TimedOut())
                throw TimedOut()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    func reply() async throws -> Reply {
        let line = try await line()
        return try Array(line.utf8).withUnsafeBytes { try Reply.parse($0) }
    }

    func send(_ command: Command) async throws -> Reply {
        try await write(command)
        return try await reply()
    }

    func call(
        _ target: ObjectID, _ method: String, _ arguments: WireValue...
    ) async throws -> Reply {
        try await send(.call(target: target, method: method, arguments: arguments))
    }

    /// Makes an object and gives its name.
    func construct(_ type: String, _ arguments: WireValue...) async throws -> ObjectID {
        let reply = try await send(.construct(type: type, arguments: arguments))
        guard case .reference(_, let id) = reply else { throw Unexpected(reply: reply) }
        return id
    }

    struct Unexpected: Error { let reply: Reply }

    /// Waits until the server has closed the connection, ignoring what it still says.
    func waitUntilClosed() async throws {
        do {
            while true { _ = try await line() }
        } catch is Closed {}
    }

    var localPort: Int { channel.localAddress?.port ?? 0 }

    /// The server may have closed the connection first.
    func close() async throws {
        do { try await channel.close() } catch ChannelError.alreadyClosed {}
    }
}

private final class Lines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiting: CheckedContinuation<String, any Error>?
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    func next() async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<String, any Error>? = state.withLock { state in
                if !state.lines.isEmpty { return .success(state.lines.removeFirst()) }
                if let failure = state.failure { return .failure(failure) }
                state.waiting = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func add(_ line: String) {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if state.waiting == nil { state.lines.append(line) }
            return state.waiting
        }
        waiting?.resume(returning: line)
    }

    func fail(_ error: any Error) {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if !(error is TestClient.TimedOut) { state.failure = error }
            return state.waiting
        }
        waiting?.resume(throwing: error)
    }
}

private final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let lines: Lines
    private var buffer = ByteBuffer()

    init(_ lines: Lines) { self.lines = lines }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        buffer.writeBuffer(&incoming)
        while let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let length = end - buffer.readerIndex
            lines.add(buffer.readString(length: length) ?? "")
            buffer.moveReaderIndex(forwardBy: 1)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { lines.fail(TestClient.Closed()) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lines.fail(TestClient.Closed())
        context.close(promise: nil)
    }
}

/// Runs the body with a server on a free port, and stops the server afterwards.
func withServer<Result>(
    registry: TypeRegistry = TestTypes.registry, entryPoint: (any GatewayObject)? = Counter(),
    _ configure: (inout GatewayConfiguration) -> Void = { _ in },
    body: (GatewayServer) async throws -> Result
) async throws -> Result {
    var configuration = GatewayConfiguration(port: 0)
    configuration.callback.releaseInterval = .milliseconds(20)
    configure(&configuration)
    let server = GatewayServer(
        registry: registry, entryPoint: entryPoint, configuration: configuration)
    try await server.start()
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

/// Waits for something that happens soon.
func eventually(
    _ condition: @Sendable () async -> Bool, within timeout: Duration = .seconds(300)
) async -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + timeout
    while clock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}
