public import Columnar

/// Where an operator's results go: the next operator of its chain, or the task's outputs.
public protocol Output: AnyObject {
    func emit(_ element: StreamElement) throws
    /// Emits rows aside: to those who read the side output with this number, from 1 on.
    func emit(_ batch: Batch, toSide side: Int) throws
}

extension Output {
    public func emit(_ batch: Batch, toSide side: Int) throws {
        throw JobError(code: "internal", "rows for side output \(side), which is not there")
    }
}

/// What an operator knows of its place.
public struct OperatorContext: Sendable {
    public var jobName: String
    /// The display name of the operator.
    public var name: String
    /// Stable across restarts and savepoints.
    public var uid: String
    /// From 0.
    public var subtask: Int
    public var parallelism: Int
    public var maxParallelism: Int
    public var attempt: Int
    public var clock: any Clock

    public init(
        jobName: String, name: String, uid: String, subtask: Int, parallelism: Int,
        maxParallelism: Int, attempt: Int, clock: any Clock
    ) {
        self.jobName = jobName
        self.name = name
        self.uid = uid
        self.subtask = subtask
        self.parallelism = parallelism
        self.maxParallelism = maxParallelism
        self.attempt = attempt
        self.clock = clock
    }
}

/// Time as a task sees it: real, or the simulation's.
public protocol Clock: Sendable {
    /// Milliseconds since the epoch.
    func now() -> Int64
}

/// One step of a dataflow, run by the task that owns it and by no other thread.
///
/// The task has merged its inputs before an operator sees them: watermarks are the minimum over
/// the active channels, barriers are aligned, and `end` of an input comes once. An operator
/// forwards the control elements that it does not act on; the default does.
public protocol Operator: AnyObject {
    func open(_ context: OperatorContext) throws
    /// Called with each batch of input `input`.
    func process(_ batch: Batch, input: Int, into output: any Output) throws
    /// Called with watermarks, status changes and aligned barriers.
    func control(_ element: StreamElement, into output: any Output) throws
    /// Called when input `input` of several has ended, for operators that read them differently.
    func inputEnded(_ input: Int, into output: any Output) throws
    /// Called once when every input has ended; emits what is left. The task sends `end` itself.
    func finish(into output: any Output) throws
    /// Called once whatever happened, after `finish` or instead of it. Must not throw or block.
    func close()
}

extension Operator {
    public func open(_ context: OperatorContext) throws {}
    public func control(_ element: StreamElement, into output: any Output) throws {
        try output.emit(element)
    }
    public func inputEnded(_ input: Int, into output: any Output) throws {}
    public func finish(into output: any Output) throws {}
    public func close() {}
}

/// An operator with no input.
public protocol SourceOperator: Operator {
    /// Emits at most about one batch of what there is, and says how to go on.
    func poll(into output: any Output) throws -> SourceProgress
    /// Makes `notify` be called, from any thread, when a source that answered `waiting` has more.
    func setNotifier(_ notify: @escaping @Sendable () -> Void)
}

extension SourceOperator {
    public func process(_ batch: Batch, input: Int, into output: any Output) throws {}
    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {}
}

public enum SourceProgress: Sendable, Hashable {
    /// There may be more at once.
    case more
    /// Nothing before this time (milliseconds of the task's clock).
    case idle(until: Int64)
    /// Nothing until the notifier is called.
    case waiting
    /// Nothing ever again.
    case finished
}

/// An operator whose results come from outside the task's thread: a Python worker, an async client.
///
/// `process`, `control` and `finish` hand work out; `deliver` takes results in, in the order that
/// the operator defines. A control element must come out only after the results of all batches
/// that went in before it; so `control` submits it, and `deliver` emits it.
public protocol ExternalOperator: Operator {
    /// Whether `process` may be called now without waiting for results first.
    var canAccept: Bool { get }
    /// Whether results are still to come.
    var isPending: Bool { get }
    /// Whether `deliver` would find a result now. May be called from the task's thread only.
    var hasDelivery: Bool { get }
    /// Takes the next result in, waiting for it if there is none yet, and emits what it gives.
    func deliver(into output: any Output) throws
    /// Makes `notify` be called, from any thread, whenever a result may have arrived.
    func setNotifier(_ notify: @escaping @Sendable () -> Void)
    /// Makes a waiting `deliver` or a blocked `process` throw `CancellationError` soon. Any thread.
    func cancel()
}

/// An operator that acts at points of processing time.
public protocol TimedOperator: Operator {
    /// When `advance` is to be called next (milliseconds of the clock); nil: not at all.
    var nextDeadline: Int64? { get }
    func advance(to now: Int64, into output: any Output) throws
}
