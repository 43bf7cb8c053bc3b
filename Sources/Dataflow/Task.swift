import Columnar
import Synchronization

/// An operator of a chain, and what it knows of its place.
public struct ChainedOperator {
    public var `operator`: any Operator
    public var context: OperatorContext

    public init(_ operator: any Operator, _ context: OperatorContext) {
        self.operator = `operator`
        self.context = context
    }
}

/// A chain of operators with its inputs and outputs: a state machine that a runner drives.
///
/// The runner asks what could be done and says which of it to do; the task knows no threads. All
/// calls but `cancel` and `inject` come from one thread at a time.
///
/// Sound to share: the fields belong to the thread that runs the task, except those marked.
public final class Task: @unchecked Sendable {
    /// Something that a task can do now.
    public enum Action: Sendable, Hashable {
        case open
        /// Takes the next result of the external operator at this place in the chain.
        case deliver(Int)
        /// Hands what waits in front of the external operator at this place to it.
        case flush(Int)
        /// Lets the operator at this place act on the time.
        case advance(Int)
        /// Puts a barrier into the source's stream.
        case inject
        /// Takes what the channel with this index offers next.
        case receive(Int)
        case poll
        /// Takes the next step after the end of input.
        case finish
    }

    enum Phase: Equatable {
        case created, running
        /// The operators before this one have finished; `called`: so has this one's `finish`.
        case finishing(Int, called: Bool)
        case finished, failed
    }

    /// What batches are merged up to on their way to a busy worker: whichever is reached first.
    public struct MergeLimits: Sendable, Hashable {
        public var rows = 4096
        /// Of the columns' values.
        public var bytes = 1 << 20
    }

    public static let mergeLimits = MergeLimits()

    public let name: String
    public let metrics = TaskMetrics()
    /// Called, on the task's thread, when a barrier has gone through the whole chain: all that
    /// came before it has been sent, and nothing that came after it. To be set before the start.
    public var onBarrier: (@Sendable (Barrier) -> Void)?
    /// Any thread: raised when there may be something to do.
    let signal: Signal
    let chain: [ChainedOperator]
    let outputs: [OutputEdge]
    let source: (any SourceOperator)?
    let externals: [(index: Int, operator: any ExternalOperator)]
    let timed: [(index: Int, operator: any TimedOperator)]
    /// Where each operator emits to.
    private(set) var links: [Link] = []
    /// By the operator's place; nil in front of those that are not external.
    private(set) var intakes: [Intake?] = []

    var gate: InputGate?
    var phase = Phase.created
    var sourceProgress = SourceProgress.more
    /// What the source has said of itself last.
    var sourceStatus = StreamStatus.active
    var sourceWatermark = Int64.min
    private var isClosed = false

    private let sourceNotice: SourceNotice
    /// Any thread.
    private let cancelled = Atomic<Bool>(false)
    /// Any thread.
    private let barriers = Mutex<[Barrier]>([])
    private let barrierCount = Atomic<Int>(0)

    /// A task that reads channels. `inputs` gives, for each channel, the input it belongs to.
    public convenience init(
        name: String, inputs: [(channel: Channel, input: Int)], chain: [ChainedOperator],
        outputs: [OutputEdge], signal: Signal
    ) {
        self.init(
            name: name, gate: InputGate(inputs), source: nil, chain: chain, outputs: outputs,
            signal: signal)
    }

    /// A task whose first operator is a source.
    public convenience init(
        name: String, source: any SourceOperator, context: OperatorContext,
        chain: [ChainedOperator], outputs: [OutputEdge], signal: Signal
    ) {
        self.init(
            name: name, gate: nil, source: source,
            chain: [ChainedOperator(source, context)] + chain, outputs: outputs, signal: signal)
    }

    private init(
        name: String, gate: InputGate?, source: (any SourceOperator)?, chain: [ChainedOperator],
        outputs: [OutputEdge], signal: Signal
    ) {
        precondition(!chain.isEmpty, "a task needs an operator")
        self.name = name
        self.gate = gate
        self.source = source
        self.chain = chain
        self.outputs = outputs
        self.signal = signal
        sourceNotice = SourceNotice(signal)
        externals = chain.enumerated().compactMap { index, entry in
            (entry.operator as? any ExternalOperator).map { (index, $0) }
        }
        timed = chain.enumerated().compactMap { index, entry in
            (entry.operator as? any TimedOperator).map { (index, $0) }
        }
        links = chain.indices.map { Link(self, after: $0) }
        intakes = chain.enumerated().map { index, entry in
            (entry.operator as? any ExternalOperator).map {
                Intake($0, output: links[index], limits: Self.mergeLimits)
            }
        }
        gate?.connect(receiver: signal)
        for edge in outputs {
            for channel in edge.channels { channel.connect(sender: signal) }
        }
        for external in externals {
            external.operator.setNotifier { [signal] in signal.raise() }
        }
        source?.setNotifier { [sourceNotice] in sourceNotice.give() }
    }

    public var isOver: Bool { phase == .finished || phase == .failed }
    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    // MARK: Any thread

    /// Puts a barrier into a source's stream, after what it has emitted and before what it will.
    /// Tasks that are not sources get their barriers through their channels, and ignore this; so
    /// does a source that has finished.
    public func inject(_ barrier: Barrier) {
        guard source != nil else { return }
        barriers.withLock { $0.append(barrier) }
        barrierCount.add(1, ordering: .sequentiallyConsistent)
        signal.raise()
    }

    /// Makes the task stop soon, wherever it is.
    public func cancel() {
        cancelled.store(true, ordering: .releasing)
        for external in externals { external.operator.cancel() }
        signal.raise()
    }

    // MARK: The task's thread

    /// Whether the source has said that it has more since its last poll.
    var sourceWasNotified: Bool { sourceNotice.isGiven }

    func forgetSourceNotice() { sourceNotice.forget() }

    var hasBarrier: Bool { barrierCount.load(ordering: .sequentiallyConsistent) > 0 }

    func takeBarrier() -> Barrier? {
        guard hasBarrier else { return nil }
        barrierCount.subtract(1, ordering: .relaxed)
        return barriers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Closes a task that will not be driven any more. Does nothing the second time.
    public func abort() {
        if !isOver { phase = .failed }
        close()
    }

    /// Every operator hears of the end exactly once, whichever it is: the last of the chain first.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for entry in chain.reversed() { entry.operator.close() }
        for intake in intakes { intake?.clear() }
        gate?.abandon()
    }
}

/// That a waiting source has more. An object of its own, so that the source need not hold the task.
private final class SourceNotice: Sendable {
    private let given = Atomic<Bool>(false)
    private let signal: Signal

    init(_ signal: Signal) { self.signal = signal }

    var isGiven: Bool { given.load(ordering: .sequentiallyConsistent) }

    /// Any thread.
    func give() {
        given.store(true, ordering: .sequentiallyConsistent)
        signal.raise()
    }

    func forget() { given.store(false, ordering: .sequentiallyConsistent) }
}
