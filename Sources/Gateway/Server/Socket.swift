import CPosix
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A TCP socket, closed when nobody uses it any more: no thread can find another's descriptor
/// under the number that it still holds.
final class Socket: Sendable {
    enum Sent { case bytes(Int), wouldBlock, failed }

    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// A socket that listens.
    /// - Throws: `IOError`, or NIO's errors if the host is unknown.
    static func listening(host: String, port: Int, backlog: Int32) throws -> Socket {
        let address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Socket(try check("socket", Glibc.socket(family, type, 0)))
        try socket.set(SOL_SOCKET, SO_REUSEADDR, Int32(1))
        _ = try address.withSockAddr { pointer, count in
            try check("bind", bind(socket.descriptor, pointer, socklen_t(count)))
        }
        _ = try check("listen", listen(socket.descriptor, backlog))
        return socket
    }

    /// Waits for the next connection.
    /// - Throws: `IOError`; with `EINVAL` once the socket has been shut down.
    func accept() throws -> Socket {
        let connection = martlet_accept(descriptor)
        guard connection >= 0 else { throw IOError(errnoCode: -connection, reason: "accept") }
        let socket = Socket(connection)
        // Fails if the peer has gone already; then reading says so.
        try? socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
        return socket
    }

    var localPort: Int? { port(getsockname) }
    var remotePort: Int? { port(getpeername) }

    /// Waits until there is something to read.
    /// - Returns: How many bytes have been read; 0 at the end, and after an error.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        max(0, Self.uninterrupted { recv(descriptor, buffer.baseAddress, buffer.count, 0) })
    }

    /// Reads what arrives within some time, and stays awake for it.
    /// - Returns: How many bytes have been read, 0 at the end; nil if nothing has come.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, within time: Duration
    ) -> Int? {
        let end = ContinuousClock.now + time
        repeat {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count >= 0 { return count }
            guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { return 0 }
            // Who is to send may be waiting for this processor.
            sched_yield()
        } while ContinuousClock.now < end
        return nil
    }

    /// Sends what fits without waiting.
    func send(_ bytes: UnsafeRawBufferPointer) -> Sent {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = Self.uninterrupted {
            Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        }
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
    }

    /// Waits until something can be sent, or sending fails.
    func waitUntilWritable() {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = Self.uninterrupted { poll(&entry, 1, -1) }
    }

    /// - Returns: Whether the peer has ended the connection, now or within this time.
    func waitForEnd(milliseconds: Int32) -> Bool {
        martlet_wait_hangup(descriptor, milliseconds) != 0
    }

    /// Ends the connection both ways, or the listening. Whoever waits for the socket wakes up.
    func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Has the peer see a reset instead of an end.
    func resetWhenClosed() {
        try? set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    private func set<Value>(_ level: Int32, _ option: Int32, _ value: Value) throws {
        _ = try withUnsafeBytes(of: value) { bytes in
            try Self.check(
                "setsockopt",
                setsockopt(descriptor, level, option, bytes.baseAddress, socklen_t(bytes.count)))
        }
    }

    private func port(
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int? {
        var address = sockaddr_in6()
        var count = socklen_t(MemoryLayout.size(ofValue: address))
        let status = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                ask(descriptor, $0.baseAddress!, &count)
            }
        }
        // The port stands at the same place in the addresses of both families.
        return status == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }

    private static func check(_ call: String, _ status: Int32) throws -> Int32 {
        guard status >= 0 else { throw IOError(errnoCode: errno, reason: call) }
        return status
    }

    /// Repeats a call that a signal has interrupted.
    private static func uninterrupted<Status: SignedInteger>(_ call: () -> Status) -> Status {
        while true {
            let status = call()
            if status >= 0 || errno != EINTR { return status }
        }
    }
}
