#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Wakes the one thread that waits for it. A signal raised while nobody waits is not lost, and
/// raising it twice is raising it once.
///
/// Sound to share: `isRaised` is guarded by the mutex, which like the condition lives in memory of
/// its own for as long as the signal does.
public final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Guarded by `mutex`.
    private var isRaised = false

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines are relative, so the wall clock must not move them.
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

    public func raise() {
        pthread_mutex_lock(mutex)
        let wasRaised = isRaised
        isRaised = true
        if !wasRaised { pthread_cond_signal(condition) }
        pthread_mutex_unlock(mutex)
    }

    /// Waits until the signal is raised, and lowers it.
    public func wait() {
        pthread_mutex_lock(mutex)
        while !isRaised { pthread_cond_wait(condition, mutex) }
        isRaised = false
        pthread_mutex_unlock(mutex)
    }

    /// Waits until the signal is raised or so many milliseconds have passed, and lowers it.
    public func wait(milliseconds: Int64) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let bounded = min(max(milliseconds, 0), 86_400_000)
        let nanoseconds = deadline.tv_nsec + Int(bounded % 1000) * 1_000_000
        deadline.tv_sec += Int(bounded / 1000) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        pthread_mutex_lock(mutex)
        while !isRaised {
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
        }
        isRaised = false
        pthread_mutex_unlock(mutex)
    }
}
