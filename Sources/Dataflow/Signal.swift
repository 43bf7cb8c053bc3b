import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Wakes the one thread that waits for it. A signal raised while nobody waits is not lost, and
/// raising it twice is raising it once. Raising one that nobody waits for is one atomic exchange.
///
/// Whoever waits for a condition that other threads bring about lowers the signal first, looks
/// whether the condition holds, and waits if it does not; the others make it hold, then raise.
///
/// Sound to share: `state` is atomic; the mutex and the condition live in memory of their own for
/// as long as the signal does.
public final class Signal: @unchecked Sendable {
    private enum State {
        static let lowered: UInt8 = 0
        static let raised: UInt8 = 1
        /// Lowered, and the waiting thread sleeps or is about to.
        static let awaited: UInt8 = 2
    }

    private let state = Atomic<UInt8>(State.lowered)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

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

    /// Any thread.
    public func raise() {
        let previous = state.exchange(State.raised, ordering: .sequentiallyConsistent)
        guard previous == State.awaited else { return }
        // The waiting thread holds the mutex from `awaited` until it sleeps, so this cannot be missed.
        pthread_mutex_lock(mutex)
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    var isRaised: Bool { state.load(ordering: .sequentiallyConsistent) == State.raised }

    /// The waiting thread only.
    public func lower() {
        // Sequentially consistent, so that what is looked at next is looked at after this.
        _ = state.exchange(State.lowered, ordering: .sequentiallyConsistent)
    }

    /// Waits until the signal is raised, and lowers it. One thread at a time.
    public func wait() {
        wait { _ in pthread_cond_wait(condition, mutex) }
    }

    /// Waits until the signal is raised or so many milliseconds have passed, and lowers it.
    public func wait(milliseconds: Int64) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let bounded = min(max(milliseconds, 0), 86_400_000)
        let nanoseconds = deadline.tv_nsec + Int(bounded % 1000) * 1_000_000
        deadline.tv_sec += Int(bounded / 1000) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        wait { _ in pthread_cond_timedwait(condition, mutex, &deadline) }
    }

    /// `sleep` releases the mutex and returns non-zero when it is time to give up.
    private func wait(sleep: (Signal) -> Int32) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let (isLowered, _) = state.compareExchange(
            expected: State.lowered, desired: State.awaited, ordering: .sequentiallyConsistent)
        if isLowered {
            while state.load(ordering: .sequentiallyConsistent) == State.awaited {
                if sleep(self) != 0 { break }
            }
        }
        lower()
    }
}
