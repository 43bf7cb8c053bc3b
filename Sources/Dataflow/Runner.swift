/// Drives the tasks of a job to their end.
///
/// The first failure wins: the other tasks are cancelled, and once all have stopped, `onEnd` is
/// called with it, on a thread of the runner's. After a cancellation that is `CancellationError`.
public protocol Runner: AnyObject, Sendable {
    func start(_ tasks: [Task], onEnd: @escaping @Sendable ((any Error)?) -> Void)
    /// Any thread.
    func cancel()
    /// Puts a barrier into every source. Any thread.
    func trigger(_ barrier: Barrier)
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
