import Columnar
import Dataflow
import DataflowTesting
import Synchronization

/// The ways to run the same tasks.
enum RunnerKind: Sendable, CaseIterable, CustomStringConvertible {
    case threads, singleThread, simulation

    var description: String {
        switch self {
        case .threads: "threads"
        case .singleThread: "single thread"
        case .simulation: "simulation"
        }
    }

    func start(seed: UInt64 = 1) -> Run {
        switch self {
        case .threads:
            let clock = SystemClock()
            return Run(runner: ThreadRunner(clock: clock), clock: clock, shared: nil)
        case .singleThread: return Run(SequentialRunner(.inTurn))
        case .simulation: return Run(SequentialRunner(.simulated(seed: seed)))
        }
    }
}

/// A runner and what its tasks need of it.
struct Run {
    let runner: any Runner
    let clock: any Clock
    let shared: Signal?
    let ends = Ends()

    init(runner: any Runner, clock: any Clock, shared: Signal?) {
        self.runner = runner
        self.clock = clock
        self.shared = shared
    }

    init(_ runner: SequentialRunner) {
        self.init(runner: runner, clock: runner.clock, shared: runner.signal)
    }

    func assemble(_ graph: TestGraph) -> TestGraph.Assembled {
        graph.assemble(clock: clock, signal: { shared ?? Signal() })
    }

    func start(_ assembled: TestGraph.Assembled) {
        runner.start(assembled.tasks) { [ends] in ends.add($0) }
    }

    /// Runs a graph to its end, and returns what failed.
    @discardableResult
    func complete(_ graph: TestGraph) -> (any Error)? { complete(assemble(graph)) }

    @discardableResult
    func complete(_ assembled: TestGraph.Assembled) -> (any Error)? {
        start(assembled)
        return runner.join()
    }
}

/// What a runner has reported.
final class Ends: Sendable {
    private let list = Mutex<[(any Error)?]>([])

    func add(_ error: (any Error)?) { list.withLock { $0.append(error) } }
    var count: Int { list.withLock { $0.count } }
}

/// Something that operators of several tasks count or collect.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }
    func update(_ change: @Sendable (inout Value) -> Void) { state.withLock { change(&$0) } }
}

/// Says that something has happened.
struct Mishap: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func rows(_ values: some Sequence<Int>, keys: Int = 1) -> [TestRow] {
    values.map { TestRow(Int64($0), key: Int64($0 % keys)) }
}

/// What a step emits, kept.
final class Collected: Output {
    private(set) var elements: [StreamElement] = []

    func emit(_ element: StreamElement) throws { elements.append(element) }
}

extension StreamElement {
    /// For comparisons: batches by their rows.
    var summary: String {
        switch self {
        case .batch(let batch): "\(batch.testRows.map(\.value))"
        case .watermark(let value): value == .max ? "max" : "w\(value)"
        case .status(let status): "\(status)"
        case .barrier(let barrier): "b\(barrier.checkpointID)"
        case .end: "end"
        }
    }
}

extension [StreamElement] {
    var summaries: [String] { map(\.summary) }
}

extension Channel {
    func drain() -> [StreamElement] {
        var elements: [StreamElement] = []
        while let element = receive() { elements.append(element) }
        return elements
    }
}
