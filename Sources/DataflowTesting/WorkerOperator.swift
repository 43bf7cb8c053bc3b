import Columnar
import Dataflow
import DequeModule
import Synchronization

/// An external operator whose worker passes rows on, unchanged or not.
///
/// Either its results are there at once, or a test answers its requests when it likes, from any
/// thread: then `deliver` waits for that.
///
/// Sound to share: `shared` is under its lock, and everything else belongs to the task's thread,
/// which makes all calls but `answer` and `cancel`.
public final class WorkerOperator: TestOperator, ExternalOperator, @unchecked Sendable {
    public enum Answers: Sendable {
        /// As soon as they are asked for.
        case atOnce
        /// After so many calls of `answer`.
        case onDemand
    }

    private struct Shared {
        var answered = 0
        var isCancelled = false
        var notify: (@Sendable () -> Void)?
    }

    private enum Request {
        case batch(Batch)
        case control(StreamElement)
        case end
    }

    private let answers: Answers
    private let capacity: Int
    private let transform: (Batch) throws -> [Batch]
    private let shared = Mutex(Shared())
    private let signal = Signal()
    // The task's thread owns these.
    private var requests: Deque<Request> = []
    private var delivered = 0
    /// The numbers of rows of the batches that `process` was called with.
    public private(set) var batchSizes: [Int] = []

    public init(
        capacity: Int = 4, _ answers: Answers = .atOnce,
        transform: @escaping (Batch) throws -> [Batch] = { [$0] }
    ) {
        self.capacity = capacity
        self.answers = answers
        self.transform = transform
    }

    /// Answers the next request, made already or not. Any thread.
    public func answer() {
        let notify = shared.withLock { state in
            state.answered += 1
            return state.notify
        }
        signal.raise()
        notify?()
    }

    public var canAccept: Bool { requests.count < capacity }
    public var isPending: Bool { !requests.isEmpty }
    public var hasDelivery: Bool { isPending && (isAnswered || isCancelled) }

    private var isAnswered: Bool {
        answers == .atOnce || shared.withLock { $0.answered } > delivered
    }
    private var isCancelled: Bool { shared.withLock { $0.isCancelled } }

    public override func process(_ batch: Batch, input: Int, into output: any Output) throws {
        precondition(canAccept, "called although it accepts nothing")
        batchSizes.append(batch.count)
        requests.append(.batch(batch))
    }

    public override func control(_ element: StreamElement, into output: any Output) throws {
        requests.append(.control(element))
    }

    public override func finish(into output: any Output) throws {
        requests.append(.end)
        try super.finish(into: output)
    }

    public func deliver(into output: any Output) throws {
        while !isAnswered {
            if isCancelled { throw CancellationError() }
            signal.wait()
        }
        if isCancelled { throw CancellationError() }
        guard let request = requests.popFirst() else { return }
        delivered += 1
        switch request {
        case .batch(let batch):
            for result in try transform(batch) { try output.emit(.batch(result)) }
        case .control(let element): try output.emit(element)
        case .end: break
        }
    }

    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        shared.withLock { $0.notify = notify }
    }

    public func cancel() {
        let notify = shared.withLock { state in
            state.isCancelled = true
            return state.notify
        }
        signal.raise()
        notify?()
    }
}
