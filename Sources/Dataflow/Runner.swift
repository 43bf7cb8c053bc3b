import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Drives the tasks of a job to their end, once.
///
/// The first failure wins: the other tasks are cancelled, and once all have stopped, `onEnd` is
/// called with it, on a thread of the runner's. After a cancellation that is `CancellationError`.
public protocol Runner: AnyObject, Sendable {
    func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void)
    /// Any thread; also before the start, which then ends at once.
    func cancel()
    /// Puts a barrier into every source. Any thread.
    func trigger(_ barrier: Barrier)
    /// Waits for the end of what was started, and says what `onEnd` was called with. Any thread but
    /// those of the runner.
    @discardableResult
    func join() -> (any Error)?
}

/// What a runner's threads have in common; each runner guards it in its own way.
struct Failure {
    private(set) var error: (any Error)?

    /// Keeps the first failure; that a task was cancelled is none while there is a better reason.
    mutating func record(_ new: any Error) {
        if error == nil || (error is CancellationError && !(new is CancellationError)) {
            error = new
        }
    }
}

/// Where those who join a run wait for its end.
///
/// Sound to share: `outcome` is under the mutex, which like the condition lives in memory of its
/// own for as long as the object does.
final class Completion: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var outcome: (any Error)??

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func complete(_ error: (any Error)?) {
        pthread_mutex_lock(mutex)
        outcome = .some(error)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func wait() -> (any Error)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let outcome { return outcome }
            pthread_cond_wait(condition, mutex)
        }
    }
}
