#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread for one call that may block for as long as it likes.
///
/// As in Java, each such call has a thread: calls that wait for each other would come to nothing in
/// a pool that they fill. Connections run one call at a time, so their limit is the threads' too.
enum BlockingThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, context)
        guard error == 0 else {
            // No thread to be had: the caller's must do.
            return Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        }
        pthread_detach(thread)
    }
}
