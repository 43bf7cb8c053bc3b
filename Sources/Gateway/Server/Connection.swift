import NIOCore
import Py4J

/// One connection with a client: takes frames from the bytes that arrive, has them carried out
/// where they arrive, and writes the replies.
///
/// The same class serves connections that clients open and those the gateway opens for callbacks;
/// in the single-threaded model commands and callbacks mix on both.
final class Connection: @unchecked Sendable {
    // Sound: all variables are used only by what the transport runs one after the other; other
    // threads come in through `execute`.

    enum Role {
        /// A client opened it.
        case client(GatewayServer)
        /// The gateway opened it for callbacks.
        case callback(CallbackClient)
    }

    private let dispatcher: Dispatcher
    private let gateway: GatewayConfiguration
    private let role: Role
    private let callContext: CallContext
    private let readTimeout: TimeAmount?

    /// Keeps the connection, and goes with the socket.
    private weak let transport: (any ConnectionTransport)?
    private var buffer = ByteBuffer()
    private var scanner = FrameScanner()
    private var writer = WireWriter()
    private var conversation = Conversation()
    /// The tasks that await answers to callbacks, innermost last.
    private var waiting: [CheckedContinuation<Reply, any Error>] = []
    private var isAuthenticated: Bool
    /// Which the client has named with its token.
    private var session: Session?
    /// The calls that run as tasks, innermost last.
    private var running: [Task<Void, Never>] = []
    private var isProcessing = false
    private var wasUsed = true
    private var hasClosed = false
    private var timeout: Scheduled<Void>?

    init(
        dispatcher: Dispatcher, gateway: GatewayConfiguration, role: Role, thread: GatewayThread,
        transport: any ConnectionTransport
    ) {
        self.transport = transport
        self.dispatcher = dispatcher
        self.gateway = gateway
        self.role = role
        callContext = CallContext(dispatcher, thread)
        switch role {
        case .client:
            isAuthenticated = gateway.authToken == nil
            readTimeout = gateway.readTimeout
            gateway.report(.connection, self, isCreated: true)
        case .callback(let client):
            isAuthenticated = true
            readTimeout = client.configuration.readTimeout
            gateway.report(.callbackConnection, self, isCreated: true)
        }
    }

    deinit {
        gateway.report(isOutbound ? .callbackConnection : .connection, self, isCreated: false)
    }

    var isOutbound: Bool { if case .callback = role { true } else { false } }

    /// Runs the body when it is its turn. Callable from any thread.
    private func execute(_ body: @escaping @Sendable () -> Void) {
        guard let transport else { return body() }
        transport.execute(body)
    }

    // MARK: - Coming and going

    private var hasOpened = false

    /// The transport can be written to.
    func opened() {
        guard !hasOpened else { return }
        hasOpened = true
        switch role {
        case .client(let server):
            guard server.opened(self, callContext.thread) else { return close() }
            if !isAuthenticated { startTimeout(gateway.authenticationTimeout) }
        case .callback(let client):
            client.opened(self)
        }
        armReadTimeout()
    }

    /// From here on nothing is read, run or written, whenever the socket itself closes.
    func closed(_ reason: CallbackError = .closed) {
        guard !hasClosed else { return }
        hasClosed = true
        timeout?.cancel()
        buffer = ByteBuffer()
        for task in waiting { task.resume(throwing: reason) }
        waiting = []
        // Nobody waits for what they wait for.
        for task in running { task.cancel() }
        running = []
        guard hasOpened else { return }
        switch role {
        case .client(let server):
            server.closed(self)
            if let session { server.leaveSession(session) }
        case .callback(let client): client.closed(self)
        }
    }

    /// Closes the connection. Callable from any thread.
    func close() { transport?.close() }

    /// Closes a pooled connection, unless it was used since this was last called.
    func closeUnlessUsed() {
        execute {
            if self.wasUsed || !self.conversation.isIdle {
                self.wasUsed = false
            } else {
                self.close()
            }
        }
    }

    /// Closes the connection if these are its ports.
    func closeIfMatching(remotePort: Int, localPort: Int) {
        guard let ports = transport?.ports, ports == (remotePort, localPort) else { return }
        close()
    }

    // MARK: - Reading

    /// Takes what has arrived. The other buffer comes back empty, to be used again.
    func receive(_ incoming: inout ByteBuffer) {
        if buffer.readableBytes == 0 {
            swap(&buffer, &incoming)
        } else {
            buffer.writeBuffer(&incoming)
        }
        incoming.clear()
        process()
    }

    /// The peer reads again.
    func becameWritable() { process() }

    /// Whether the peer should send no more for now.
    private(set) var isPaused = false

    /// Carries out complete frames as long as it is the peer's turn.
    private func process() {
        guard !isProcessing, let transport else { return }
        isProcessing = true
        // A peer that sends but does not read is not served until it reads.
        while conversation.isListening, !hasClosed, transport.isWritable, nextFrame() {}
        isProcessing = false
        // A large command must not pin its memory for good.
        if buffer.readableBytes == 0, buffer.capacity > Self.ampleBuffer { buffer = ByteBuffer() }
        let paused =
            buffer.readableBytes > Self.ampleBuffer
            && !(conversation.isListening && transport.isWritable)
        if paused != isPaused, !hasClosed {
            isPaused = paused
            transport.pausedChanged()
        }
        armReadTimeout()
    }

    private static let ampleBuffer = 1 << 16

    /// - Returns: Whether there was one.
    private func nextFrame() -> Bool {
        do throws(WireError) {
            let limits = isAuthenticated ? gateway.limits : .unauthenticated
            let status = try buffer.withUnsafeReadableBytes { bytes throws(WireError) in
                try scanner.scan(bytes, limits: limits)
            }
            guard case .complete(let length) = status else { return false }
            let (command, isAnswer) = parse()
            // Before the command runs: it may close the connection.
            buffer.moveReaderIndex(forwardBy: length)
            scanner.reset()
            switch command {
            case .success(let command): handle(command)
            case .failure(let error): refuse(error, isAnswer: isAnswer)
            }
            return true
        } catch {
            fail(error.message, error.javaClass)
            return false
        }
    }

    private func parse() -> (Result<Command, WireError>, isAnswer: Bool) {
        buffer.withUnsafeReadableBytes { bytes in
            let isAnswer = bytes[0] == Wire.returnMessage
            let frame = Frame(bytes: bytes, lineEnds: scanner.lineEnds)
            do throws(WireError) {
                return (.success(try Command.parse(frame)), isAnswer)
            } catch {
                return (.failure(error), isAnswer)
            }
        }
    }

    /// A frame that is complete but makes no sense; the next one may.
    private func refuse(_ error: WireError, isAnswer: Bool) {
        let throwable = JavaThrowable(error.javaClass, error.message)
        if isAnswer {
            guard conversation.endCallback(), let task = waiting.popLast() else {
                return fail(error.message, error.javaClass)
            }
            task.resume(throwing: throwable)
        } else if isAuthenticated {
            write(
                error.code == .unknownCommand
                    ? .failureText(error.message) : Dispatcher.failure(throwable))
        } else {
            fail("Authentication error: unexpected command.")
        }
    }

    /// What follows on the connection cannot be understood: says so and closes it.
    private func fail(_ message: String, _ javaClass: String = "py4j.Py4JException") {
        // Nobody reads it at a callback server.
        if !isOutbound {
            write(
                isAuthenticated
                    ? .fatal(JavaThrowable(javaClass, message).stackTrace) : .failureText(message))
        }
        close()
        closed(.closed)
    }

    // MARK: - Carrying out

    private func handle(_ command: Command) {
        guard isAuthenticated else { return authenticate(command) }
        switch command {
        case .blank: return
        case .answer(let reply):
            guard conversation.endCallback(), let task = waiting.popLast() else {
                return fail("There is no callback that this could answer.")
            }
            task.resume(returning: reply)
        default:
            guard acceptsCommands else {
                return fail("Commands are not accepted on a callback connection.")
            }
            guard conversation.mayExecute else { return fail("Calls are nested too deeply.") }
            conversation.beginCommand()
            if let session, case .deleteObject(.object(let number)) = command {
                session.forget(number, to: dispatcher.objects.entry(number)?.object)
            }
            settle(dispatcher.execute(command, callContext))
        }
    }

    private var acceptsCommands: Bool { !isOutbound || gateway.threading == .singleThreaded }

    private func authenticate(_ command: Command) {
        guard case .authenticate(let token) = command else {
            if case .blank = command { return }
            return fail("Authentication error: unexpected command.")
        }
        switch AuthToken.admit(token, expected: gateway.authToken ?? "") {
        case nil: return fail("Authentication error: bad auth token received.")
        case .client: break
        case .session(let name):
            guard case .client(let server) = role else { break }
            let session = server.joinSession(name)
            self.session = session
            callContext.thread.session.withLock { $0 = session }
        }
        isAuthenticated = true
        timeout?.cancel()
        timeout = nil
        write(.void)
    }

    private func settle(_ outcome: Outcome) {
        switch outcome {
        case .reply(let reply):
            conversation.endCommand()
            write(reply)
        case .later(let body):
            let thread = callContext.thread
            running.append(
                Task(executorPreference: transport?.executor) {
                    let outcome = await GatewayThread.$current.withValue(thread) { await body() }
                    self.resume(with: outcome, fromTask: true)
                })
        case .blocking(let body):
            let thread = callContext.thread
            do {
                try BlockingThread.start(named: "martlet-call") {
                    let outcome = GatewayThread.$current.withValue(thread) { body() }
                    self.resume(with: outcome, fromTask: false)
                }
            } catch {
                settle(
                    .reply(
                        Dispatcher.failure(
                            .gateway("There is no thread for the call: \(error)"))))
            }
        case .stream(let channel): stream(channel)
        case .shutdown:
            conversation.endCommand()
            if case .client(let server) = role { server.stopSoon() }
            if case .callback = role { close() }
        case .cancel(_, let remotePort, let localPort):
            conversation.endCommand()
            if case .client(let server) = role {
                server.closeConnection(remotePort: remotePort, localPort: localPort)
            }
        case .close:
            conversation.endCommand()
            close()
        }
    }

    private func resume(with outcome: sending Outcome, fromTask: Bool) {
        let box = OutcomeBox(outcome: outcome)
        execute {
            guard !self.hasClosed else {
                // Nobody will ever release what the call returned.
                if case .reply(let reply) = box.outcome, let id = reply.newReference {
                    self.dispatcher.drop(id)
                }
                return
            }
            // Calls end from the inside out.
            if fromTask { self.running.removeLast() }
            self.settle(box.outcome)
            self.process()
        }
    }

    private struct OutcomeBox: @unchecked Sendable {
        // Sound: handed from one thread to another, never used by both.
        let outcome: Outcome
    }

    private func stream(_ channel: JavaByteChannel) {
        write(.void)
        let transport = transport
        Task(executorPreference: transport?.executor) {
            do {
                while let chunk = try await channel.read(), let transport {
                    guard await transport.write(chunk) else { break }
                }
            } catch {
                // The client counts on bytes, so an error can only be told by ending early.
                self.close()
            }
            self.execute {
                guard !self.hasClosed else { return }
                self.conversation.endCommand()
                self.process()
            }
        }
    }

    @inline(__always)
    private func write(_ reply: Reply) {
        if let session { dispatcher.adopt(reply, by: session) }
        writer.removeAll()
        reply.write(to: &writer)
        transport?.send(writer.bytes)
    }

    // MARK: - Callbacks

    /// Sends a callback on this connection and waits for the answer. Callable from any thread.
    func exchange(_ callback: Callback) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            execute { self.send(callback, continuation) }
        }
    }

    private func send(_ callback: Callback, _ task: CheckedContinuation<Reply, any Error>) {
        guard let transport, !hasClosed, transport.isActive else {
            return task.resume(throwing: CallbackError.notSent)
        }
        guard conversation.mayCallBack else { return task.resume(throwing: CallbackError.busy) }
        conversation.beginCallback()
        waiting.append(task)
        wasUsed = true
        writer.removeAll()
        callback.write(to: &writer)
        transport.send(writer.bytes)
        armReadTimeout()
        // A nested command may have arrived with the one that is running.
        process()
    }

    // MARK: - Time

    private func startTimeout(_ amount: TimeAmount) {
        timeout?.cancel()
        timeout = transport?.schedule(in: amount) {
            self.transport?.reset()
            self.closed(.timedOut)
        }
    }

    /// Watches for silence while the peer has the word.
    private func armReadTimeout() {
        guard let readTimeout, isAuthenticated, !hasClosed else { return }
        let isWatched = isOutbound ? conversation.awaitsAnswer : conversation.isListening
        if isWatched {
            startTimeout(readTimeout)
        } else {
            timeout?.cancel()
            timeout = nil
        }
    }
}
