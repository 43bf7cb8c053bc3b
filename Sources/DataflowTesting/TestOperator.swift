import Columnar
import Dataflow
import Synchronization

/// What has become of an operator: readable from any thread.
public final class Lifecycle: Sendable {
    private let counts = Mutex((opened: 0, finished: 0, closed: 0))

    public init() {}

    public var opened: Int { counts.withLock { $0.opened } }
    public var finished: Int { counts.withLock { $0.finished } }
    public var closed: Int { counts.withLock { $0.closed } }

    func open() { counts.withLock { $0.opened += 1 } }
    func finish() { counts.withLock { $0.finished += 1 } }
    func close() { counts.withLock { $0.closed += 1 } }
}

/// Passes everything on, and keeps account of its life.
open class TestOperator: Operator {
    public let lifecycle = Lifecycle()
    /// After `open`.
    public private(set) var context: OperatorContext?

    public init() {}

    open func open(_ context: OperatorContext) throws {
        self.context = context
        lifecycle.open()
    }

    open func process(_ batch: Batch, input: Int, into output: any Output) throws {
        try output.emit(.batch(batch))
    }

    open func control(_ element: StreamElement, into output: any Output) throws {
        try output.emit(element)
    }

    open func inputEnded(_ input: Int, into output: any Output) throws {}

    open func finish(into output: any Output) throws { lifecycle.finish() }

    open func close() { lifecycle.close() }
}

/// Makes any number of rows of each.
public final class FlatMapOperator: TestOperator {
    private let transform: (TestRow) -> [TestRow]
    /// Emits a batch for each row in place of one for all.
    private let singly: Bool

    public init(singly: Bool = false, _ transform: @escaping (TestRow) -> [TestRow]) {
        self.singly = singly
        self.transform = transform
    }

    public override func process(_ batch: Batch, input: Int, into output: any Output) throws {
        let rows = batch.testRows.map(transform)
        for part in singly ? rows : [rows.flatMap { $0 }] where !part.isEmpty {
            try output.emit(.batch(Batch(rows: part)))
        }
    }
}

/// Holds rows back for some processing time.
public final class BufferingOperator: TestOperator, TimedOperator {
    private let delay: Int64
    private var held: [Batch] = []
    public private(set) var nextDeadline: Int64?

    /// `delay` in milliseconds.
    public init(delay: Int64) { self.delay = delay }

    public override func process(_ batch: Batch, input: Int, into output: any Output) throws {
        held.append(batch)
        if nextDeadline == nil { nextDeadline = (context?.clock.now() ?? 0) + delay }
    }

    public override func control(_ element: StreamElement, into output: any Output) throws {
        try release(into: output)
        try output.emit(element)
    }

    public func advance(to now: Int64, into output: any Output) throws { try release(into: output) }

    public override func finish(into output: any Output) throws {
        try release(into: output)
        try super.finish(into: output)
    }

    private func release(into output: any Output) throws {
        nextDeadline = nil
        let batches = held
        held = []
        for batch in batches { try output.emit(.batch(batch)) }
    }
}

/// Fails at one point of its life, and passes everything on until then.
public final class FailingOperator: TestOperator, TimedOperator {
    public enum Point: Sendable, CaseIterable {
        case open, process, control, advance, inputEnded, finish
    }

    private let point: Point
    private let error: any Error
    private var isArmed = true

    public init(at point: Point, _ error: any Error) {
        self.point = point
        self.error = error
    }

    public var nextDeadline: Int64? { point == .advance && isArmed ? .min : nil }

    public override func open(_ context: OperatorContext) throws {
        try super.open(context)
        try fail(at: .open)
    }

    public override func process(_ batch: Batch, input: Int, into output: any Output) throws {
        try fail(at: .process)
        try output.emit(.batch(batch))
    }

    public override func control(_ element: StreamElement, into output: any Output) throws {
        try fail(at: .control)
        try output.emit(element)
    }

    public func advance(to now: Int64, into output: any Output) throws { try fail(at: .advance) }

    public override func inputEnded(_ input: Int, into output: any Output) throws {
        try fail(at: .inputEnded)
    }

    public override func finish(into output: any Output) throws {
        try super.finish(into: output)
        try fail(at: .finish)
    }

    private func fail(at point: Point) throws {
        guard self.point == point else { return }
        isArmed = false
        throw error
    }
}
