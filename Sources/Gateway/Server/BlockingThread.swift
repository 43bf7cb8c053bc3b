import CPosix
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread for what may block for as long as it likes: a connection, or a call.
///
/// As in Java, each has its own: calls that wait for each other would come to nothing in a pool
/// that they fill. Connections run one call at a time, so their limit is the threads' too.
enum BlockingThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// - Parameter name: What debuggers show; 15 bytes of it.
    /// - Throws: `IOError` if there is no thread to be had.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws {
        let context = Unmanaged.passRetained(Body(name, body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                martlet_name_thread(body.name)
                body.run()
                return nil
            }, context.toOpaque())
        guard error == 0 else {
            context.release()
            throw IOError(errnoCode: error, reason: "pthread_create")
        }
        pthread_detach(thread)
    }
}
