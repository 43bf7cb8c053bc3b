import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Takes in connections on a thread of its own.
final class SocketListener: Sendable {
    private let socket: Socket
    let port: Int

    init(host: String, port: Int) throws {
        socket = try Socket.listening(host: host, port: port, backlog: 256)
        self.port = socket.localPort ?? port
    }

    /// - Parameter body: Called for each connection.
    func start(_ body: @escaping @Sendable (Socket) -> Void) throws {
        let socket = socket
        try BlockingThread.start(named: "martlet-listen") {
            while true {
                do {
                    body(try socket.accept())
                } catch let error as IOError where Self.passes(error.errnoCode) {
                    continue
                } catch let error as IOError where Self.mayPass(error.errnoCode) {
                    // Waits for others to close theirs, without keeping a processor busy.
                    usleep(50_000)
                } catch {
                    return
                }
            }
        }
    }

    func close() { socket.shutDown() }

    /// The connection has failed, not the listener; see accept(2).
    private static func passes(_ number: Int32) -> Bool {
        [
            ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
            EOPNOTSUPP, ENETUNREACH, EPERM,
        ].contains(number)
    }

    /// Descriptors or memory have run out.
    private static func mayPass(_ number: Int32) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number)
    }
}
