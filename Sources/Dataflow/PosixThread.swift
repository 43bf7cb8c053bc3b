import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private final class ThreadBody {
    let name: String
    let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Starts a thread of its own, named for debuggers (15 bytes of the name are shown).
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(JobError) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadBody(name, body))
    let status = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            let context = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
            martlet_name_thread(context.name)
            context.body()
            return nil
        }, context.toOpaque())
    guard status == 0 else {
        context.release()
        throw JobError(
            code: "no-thread",
            "cannot start a thread for '\(name)': \(String(cString: strerror(status))); "
                + "lower the parallelism or raise the limit of processes (ulimit -u)")
    }
    pthread_detach(thread)
}
