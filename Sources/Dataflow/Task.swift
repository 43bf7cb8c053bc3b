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
/// calls but `cancel` come from one thread at a time.
///
/// Sound to share: the fields belong to the thread that runs the task, except those marked.
public final class Task: @unchecked Sendable {
    /// Something that a task can do now.
    public enum Action: Sendable, Hashable {
        case open
        /// Takes the next result of the external operator at this place in the chain.
        case deliver(Int)
        /// Lets the operator at this place act on the time.
        case advance(Int)
        /// Takes what the channel with this index offers next.
        case receive(Int)
        case poll
        /// Takes the next step after the end of input.
        case finish
    }

    /// The number of rows beyond which batches are not merged on their way to a busy worker.
    public static let mergedRows = 4096

    public let name: String
    public let metrics = TaskMetrics()
    /// Any thread: raised when there may be something to do.
    let signal: Signal
    let chain: [ChainedOperator]
    let outputs: [OutputEdge]
    var gate: InputGate?
    private let source: (any SourceOperator)?
    let externals: [(index: Int, operator: any ExternalOperator)]
    let timed: [(index: Int, operator: any TimedOperator)]
    private(set) var links: [Link] = []

    enum Phase: Equatable {
        case created, running
        /// The operators before this one have finished; `called`: so has this one's `finish`.
        case finishing(Int, called: Bool)
        case finished, failed
    }
    private(set) var phase = Phase.created
    private var sourceProgress = SourceProgress.more
    /// Any thread: a waiting source has more.
    private let sourceNotified = Atomic<Bool>(false)
    /// Any thread.
    private let cancelled = Atomic<Bool>(false)
    private var pendingBarriers: [Barrier] = []
    private var isClosed = false

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
        externals = chain.enumerated().compactMap { index, entry in
            (entry.operator as? any ExternalOperator).map { (index, $0) }
        }
        timed = chain.enumerated().compactMap { index, entry in
            (entry.operator as? any TimedOperator).map { (index, $0) }
        }
        links = chain.indices.map { Link(self, after: $0) }
        gate?.connect(receiver: signal)
        for channel in outputs.flatMap(\.channels) { channel.connect(sender: signal) }
        for external in externals {
            external.operator.setNotifier { [signal] in signal.raise() }
        }
        source?.setNotifier { [weak self] in self?.sourceHasMore() }
    }

    private func sourceHasMore() {
        sourceNotified.store(true, ordering: .releasing)
        signal.raise()
    }

    // MARK: What can be done

    public var isOver: Bool { phase == .finished || phase == .failed }
    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// The most urgent of what can be done now: results before input, so that work leaves before
    /// more comes in.
    func nextAction(now: Int64) -> Action? {
        if phase == .created { return .open }
        guard !isOver, !outputsAreFull else { return nil }
        for external in externals.reversed()
        where external.operator.hasDelivery && accepts(after: external.index) {
            return .deliver(external.index)
        }
        for entry in timed where entry.operator.nextDeadline.map({ $0 <= now }) ?? false {
            return .advance(entry.index)
        }
        return intake(now: now)
    }

    /// All that can be done now; a pending result counts, as taking it waits for it.
    func actions(now: Int64) -> [Action] {
        if phase == .created { return [.open] }
        guard !isOver, !outputsAreFull else { return [] }
        var actions: [Action] = []
        for external in externals
        where (external.operator.isPending || external.operator.hasDelivery)
            && accepts(after: external.index)
        {
            actions.append(.deliver(external.index))
        }
        for entry in timed where entry.operator.nextDeadline.map({ $0 <= now }) ?? false {
            actions.append(.advance(entry.index))
        }
        if case .running = phase, let gate, accepts(after: -1) {
            for channel in gate.offered() where !holdsBack(gate.channels[channel].channel) {
                actions.append(.receive(channel))
            }
        } else if let action = intake(now: now) {
            actions.append(action)
        }
        return actions
    }

    /// When something will be to do even if nothing else happens; milliseconds of the clock.
    var nextDeadline: Int64? {
        guard !isOver, phase != .created else { return nil }
        var deadlines = timed.compactMap { $0.operator.nextDeadline }
        if case .running = phase, case .idle(let until) = sourceProgress, source != nil {
            deadlines.append(until)
        }
        return deadlines.min()
    }

    /// Whether results of an external operator are still to come.
    var isWaitingForExternals: Bool { externals.contains { $0.operator.isPending } }

    private func intake(now: Int64) -> Action? {
        switch phase {
        case .running:
            guard accepts(after: -1) else { return nil }
            guard source != nil else {
                return gate?.next(where: { !holdsBack($0) }).map { .receive($0) }
            }
            switch sourceProgress {
            case .more, .finished: return .poll
            case .idle(let until):
                return now >= until || sourceNotified.load(ordering: .acquiring) ? .poll : nil
            case .waiting: return sourceNotified.load(ordering: .acquiring) ? .poll : nil
            }
        case .finishing(let index, let called):
            // What the operator handed out must come back before the next one finishes.
            let isPending = (chain[index].operator as? any ExternalOperator)?.isPending ?? false
            return called && isPending ? nil : .finish
        case .created, .finished, .failed: return nil
        }
    }

    private var outputsAreFull: Bool { outputs.contains { $0.isFull } }

    private func accepts(after index: Int) -> Bool {
        externals.allSatisfy { $0.index <= index || $0.operator.canAccept }
    }

    /// Rows that would find the worker busy wait until it is not, or until there are enough of them.
    /// So an idle stream has the latency of a row, and a busy one the throughput of thousands.
    private func holdsBack(_ channel: Channel) -> Bool {
        guard let first = externals.first, first.operator.isPending else { return false }
        return channel.rows < Self.mergedRows && channel.holdsOnlyBatches
    }

    // MARK: Doing it

    /// Does what `nextAction` or `actions` offered. After an error the task has failed and is closed.
    func perform(_ action: Action) throws {
        do {
            if isCancelled { throw CancellationError() }
            try dispatch(action)
        } catch {
            phase = .failed
            close()
            throw error
        }
    }

    private func dispatch(_ action: Action) throws {
        switch action {
        case .open:
            for index in chain.indices.reversed() {
                try located(index) { try chain[index].operator.open(chain[index].context) }
            }
            phase = .running
        case .deliver(let index):
            guard let external = chain[index].operator as? any ExternalOperator else { return }
            try located(index) { try external.deliver(into: links[index]) }
        case .advance(let index):
            guard let operation = chain[index].operator as? any TimedOperator else { return }
            try located(index) {
                try operation.advance(to: chain[index].context.clock.now(), into: links[index])
            }
        case .receive(let index): try receive(index)
        case .poll: try poll()
        case .finish: try finish()
        }
    }

    private func receive(_ index: Int) throws {
        guard let channel = gate?.channels[index].channel, let input = gate?.channels[index].input
        else { return }
        let batches = channel.receiveBatches(maxRows: externals.isEmpty ? 0 : Self.mergedRows)
        guard batches.isEmpty else {
            let batch = Self.merged(batches)
            metrics.countIn(rows: batch.count)
            return try located(0) {
                try chain[0].operator.process(batch, input: input, into: links[0])
            }
        }
        guard let element = channel.receive() else { return }
        for result in gate?.control(element, channel: index) ?? [] {
            if case .watermark(let value) = result { metrics.advanced(to: value) }
            try located(0) { try chain[0].operator.control(result, into: links[0]) }
        }
        if gate?.hasEnded ?? false { phase = .finishing(0, called: false) }
    }

    private static func merged(_ elements: [StreamElement]) -> Batch {
        var batches: [Batch] = []
        for case .batch(let batch) in elements { batches.append(batch) }
        return batches.count == 1 ? batches[0] : Batch.concatenate(batches)
    }

    private func poll() throws {
        guard let source else { return }
        sourceNotified.store(false, ordering: .releasing)
        for barrier in pendingBarriers { try links[0].emit(.barrier(barrier)) }
        pendingBarriers = []
        sourceProgress = try located(0) { try source.poll(into: links[0]) }
        if sourceProgress == .finished {
            try links[0].emit(.watermark(.max))
            phase = .finishing(0, called: false)
        }
    }

    private func finish() throws {
        guard case .finishing(let index, let called) = phase else { return }
        if !called {
            try located(index) { try chain[index].operator.finish(into: links[index]) }
            phase = .finishing(index, called: true)
            if (chain[index].operator as? any ExternalOperator)?.isPending ?? false { return }
        }
        if index + 1 < chain.count {
            phase = .finishing(index + 1, called: false)
        } else {
            for edge in outputs { try edge.send(.end) }
            phase = .finished
            close()
        }
    }

    /// Puts a barrier into a source's stream, before what it emits next.
    func inject(_ barrier: Barrier) {
        pendingBarriers.append(barrier)
    }

    private func close() {
        guard !isClosed else { return }
        isClosed = true
        for entry in chain { entry.operator.close() }
        gate?.abandon()
    }

    /// Closes a task that will not be driven any more.
    func abort() {
        if !isOver { phase = .failed }
        close()
    }

    /// Any thread: makes the task stop soon, wherever it is.
    func cancel() {
        cancelled.store(true, ordering: .releasing)
        for external in externals { external.operator.cancel() }
        signal.raise()
    }
}
