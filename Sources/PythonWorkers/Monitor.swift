import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A lock with a condition to wait for.
///
/// Sound to share: the two fields point to memory that lives as long as the monitor, and what lies
/// there is touched by the pthread functions only, which are made for many threads.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Timeouts must not move when somebody sets the clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Gives the lock up until `broadcast`; may return early. Call it holding the lock.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// Like `wait`, until `deadline` (of `Monitor.now`) at most; false: it has passed.
    func wait(until deadline: Int64) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) == 0
    }

    func broadcast() { pthread_cond_broadcast(condition) }

    /// Nanoseconds of the monotonic clock, plus `milliseconds`.
    static func deadline(after milliseconds: Int) -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
            + Int64(milliseconds) * 1_000_000
    }
}

/// A detached thread of the operating system; `name` is cut to 15 bytes.
///
/// Signals stay with the process's other threads: these only move bytes.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(PosixError) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 << 10)

    var every = sigset_t()
    var previous = sigset_t()
    sigfillset(&every)
    pthread_sigmask(SIG_SETMASK, &every, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let argument = Unmanaged.passRetained(
        Body {
            martlet_name_thread(name)
            body()
        })
    var thread = pthread_t()
    let error = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, argument.toOpaque())
    guard error == 0 else {
        argument.release()
        throw PosixError("start a thread", error)
    }
}
