public import Dataflow

/// Sources of one type, one after the other, as Flink's `HybridSource`.
public final class ChainedSource: SourceOperator {
    private let sources: [any SourceOperator]
    private let switching: SourceSwitch
    private var context: OperatorContext?
    private var notify: @Sendable () -> Void = {}
    /// The source that is read, or is to be read next.
    private var index = 0
    private var isOpen = false

    /// - Parameter switching: shared by the subtasks.
    public init(_ sources: [any SourceOperator], switching: SourceSwitch) {
        self.sources = sources
        self.switching = switching
    }

    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        self.notify = notify
        for source in sources { source.setNotifier(notify) }
    }

    public func open(_ context: OperatorContext) throws {
        self.context = context
        switching.enter(attempt: context.attempt)
        try openSource(context)
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        guard let context, index < sources.count else { return .finished }
        if !isOpen {
            let isTurn = switching.isFinished(
                index - 1, attempt: context.attempt, parallelism: context.parallelism,
                notify: notify)
            guard isTurn else { return .waiting }
            try openSource(context)
        }
        let progress = try sources[index].poll(into: output)
        guard progress == .finished else { return progress }
        closeSource()
        switching.finish(index, attempt: context.attempt)
        index += 1
        return index < sources.count ? .more : .finished
    }

    public func close() {
        closeSource()
        if let context { switching.leave(attempt: context.attempt) }
        context = nil
    }

    private func openSource(_ context: OperatorContext) throws {
        isOpen = true
        try sources[index].open(context)
    }

    private func closeSource() {
        if isOpen { sources[index].close() }
        isOpen = false
    }
}
