import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A connection on one of SwiftNIO's event loops: with TLS, and those the gateway opens itself.
final class ChannelTransport: ChannelInboundHandler, ConnectionTransport, @unchecked Sendable {
    // Sound: all variables are used on the channel's event loop only, except for `channel`, which
    // is set before any other thread has the handler.

    typealias InboundIn = ByteBuffer

    /// Set once by who makes both.
    var connection: Connection?
    private var channel: (any Channel)?
    private var incoming = ByteBuffer()
    private(set) var executor: (any TaskExecutor)?

    // MARK: - Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        executor = EventLoopTaskExecutor(context.eventLoop)
        if context.channel.isActive { connection?.opened() }
    }

    func channelActive(context: ChannelHandlerContext) {
        connection?.opened()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection?.closed()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection?.closed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset connection or a failed TLS handshake: nothing can be said on it any more.
        context.close(promise: nil)
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        incoming = unwrapInboundIn(data)
        connection?.receive(&incoming)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection?.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func pausedChanged() {
        guard let channel, let paused = connection?.isPaused else { return }
        channel.setOption(.autoRead, value: !paused).assumeIsolated().whenComplete { _ in }
        if !paused { channel.read() }
    }

    // MARK: - For the connection

    func execute(_ body: @escaping @Sendable () -> Void) {
        guard let eventLoop = channel?.eventLoop else { return body() }
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    var isActive: Bool { channel?.isActive ?? false }
    var isWritable: Bool { channel?.isWritable ?? false }

    var ports: (remote: Int, local: Int)? {
        guard let remote = channel?.remoteAddress?.port, let local = channel?.localAddress?.port
        else { return nil }
        return (remote, local)
    }

    func send(_ bytes: [UInt8]) {
        guard let channel else { return }
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    }

    func write(_ bytes: [UInt8]) async -> Bool {
        guard let channel else { return false }
        do {
            try await channel.writeAndFlush(channel.allocator.buffer(bytes: bytes))
            return true
        } catch {
            return false
        }
    }

    func close() { channel?.close(promise: nil) }

    func reset() {
        guard let channel else { return }
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.close(promise: nil)
        }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            .assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
    }

    func schedule(
        in time: TimeAmount, _ body: @escaping @Sendable () -> Void
    ) -> Scheduled<Void>? {
        channel?.eventLoop.scheduleTask(in: time, body)
    }
}
