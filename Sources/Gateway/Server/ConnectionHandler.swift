import NIOCore
import NIOPosix
import Py4J

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One connection with a client: takes frames from the bytes that arrive, has them carried out
/// right here on the event loop, and writes the replies.
///
/// The same class serves connections that clients open and those the gateway opens for callbacks;
/// in the single-threaded model commands and callbacks mix on both.
final class ConnectionHandler: ChannelInboundHandler, @unchecked Sendable {
    // Sound: all variables are used on the channel's event loop only; other threads come in
    // through `onEventLoop`.

    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

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

    private var context: ChannelHandlerContext?
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
    private var isReadingPaused = false
    private var wasUsed = true
    private var hasClosed = false
    private var timeout: Scheduled<Void>?
    /// Set once, when the handler is added, before any other thread has the handler.
    private var eventLoop: (any EventLoop)?
    private var executor: EventLoopTaskExecutor?

    init(
        dispatcher: Dispatcher, gateway: GatewayConfiguration, role: Role, thread: GatewayThread
    ) {
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

    private func onEventLoop(_ body: @escaping @Sendable () -> Void) {
        guard let eventLoop else { return body() }
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    // MARK: - Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        eventLoop = context.eventLoop
        executor = EventLoopTaskExecutor(context.eventLoop)
        if context.channel.isActive { opened() }
    }

    func channelActive(context: ChannelHandlerContext) {
        opened()
        context.fireChannelActive()
    }

    private var hasOpened = false

    private func opened() {
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

    func channelInactive(context: ChannelHandlerContext) {
        closed(.closed)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closed(.closed)
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset connection or a failed TLS handshake: nothing can be said on it any more.
        context.close(promise: nil)
    }

    /// From here on nothing is read, run or written, whenever the socket itself closes.
    private func closed(_ reason: CallbackError) {
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
    func close() {
        onEventLoop { self.context?.close(promise: nil) }
    }

    /// Closes the connection so that the peer's next write fails at once.
    private func reset() {
        guard let context else { return }
        guard let socket = context.channel as? any SocketOptionProvider else {
            return context.close(promise: nil)
        }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    /// Closes a pooled connection, unless it was used since this was last called.
    func closeUnlessUsed() {
        onEventLoop {
            if self.wasUsed || !self.conversation.isIdle {
                self.wasUsed = false
            } else {
                self.context?.close(promise: nil)
            }
        }
    }

    /// Closes the connection if these are its ports.
    func closeIfMatching(remotePort: Int, localPort: Int) {
        onEventLoop {
            guard let context = self.context, context.remoteAddress?.port == remotePort,
                context.localAddress?.port == localPort
            else { return }
            context.close(promise: nil)
        }
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        if buffer.readableBytes == 0 {
            buffer = incoming
        } else {
            buffer.writeBuffer(&incoming)
        }
        process()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { process() }
        context.fireChannelWritabilityChanged()
    }

    /// Carries out complete frames as long as it is the peer's turn.
    private func process() {
        guard !isProcessing, let context else { return }
        isProcessing = true
        // A peer that sends but does not read is not served until it reads.
        while conversation.isListening, !hasClosed, context.channel.isWritable, nextFrame() {}
        isProcessing = false
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        setReadingPaused(
            buffer.readableBytes > 1 << 16
                && !(conversation.isListening && context.channel.isWritable))
        armReadTimeout()
    }

    private func setReadingPaused(_ paused: Bool) {
        guard paused != isReadingPaused, let context, !hasClosed else { return }
        isReadingPaused = paused
        context.channel.setOption(.autoRead, value: !paused).assumeIsolated().whenComplete { _ in }
        if !paused { context.read() }
    }

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
        guard let context else { return }
        // Nobody reads it at a callback server.
        if !isOutbound {
            write(
                isAuthenticated
                    ? .fatal(JavaThrowable(javaClass, message).stackTrace) : .failureText(message))
        }
        context.close(promise: nil)
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
                Task(executorPreference: executor) {
                    let outcome = await GatewayThread.$current.withValue(thread) { await body() }
                    self.resume(with: outcome, fromTask: true)
                })
        case .blocking(let body):
            let thread = callContext.thread
            BlockingThread.start {
                let outcome = GatewayThread.$current.withValue(thread) { body() }
                self.resume(with: outcome, fromTask: false)
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
            context?.close(promise: nil)
        }
    }

    private func resume(with outcome: sending Outcome, fromTask: Bool) {
        let box = OutcomeBox(outcome: outcome)
        onEventLoop {
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
        Task(executorPreference: executor) {
            do {
                while let chunk = try await channel.read(), !self.hasClosed {
                    guard let channel = self.context?.channel else { break }
                    try await channel.writeAndFlush(channel.allocator.buffer(bytes: chunk))
                }
            } catch {
                // The client counts on bytes, so an error can only be told by ending early.
                self.context?.close(promise: nil)
            }
            self.conversation.endCommand()
            self.process()
        }
    }

    @inline(__always)
    private func write(_ reply: Reply) {
        guard let context else { return }
        if let session { dispatcher.adopt(reply, by: session) }
        writer.removeAll()
        reply.write(to: &writer)
        flush(context)
    }

    private func flush(_ context: ChannelHandlerContext) {
        var output = context.channel.allocator.buffer(capacity: writer.bytes.count)
        output.writeBytes(writer.bytes)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    // MARK: - Callbacks

    /// Sends a callback on this connection and waits for the answer. Callable from any thread.
    func exchange(_ callback: Callback) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            onEventLoop { self.send(callback, continuation) }
        }
    }

    private func send(_ callback: Callback, _ task: CheckedContinuation<Reply, any Error>) {
        guard let context, !hasClosed, context.channel.isActive else {
            return task.resume(throwing: CallbackError.notSent)
        }
        guard conversation.mayCallBack else { return task.resume(throwing: CallbackError.busy) }
        conversation.beginCallback()
        waiting.append(task)
        wasUsed = true
        writer.removeAll()
        callback.write(to: &writer)
        flush(context)
        armReadTimeout()
        // A nested command may have arrived with the one that is running.
        process()
    }

    // MARK: - Time

    private func startTimeout(_ amount: TimeAmount) {
        timeout?.cancel()
        timeout = context?.eventLoop.assumeIsolated().scheduleTask(in: amount) {
            self.reset()
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
