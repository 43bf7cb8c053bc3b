import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

/// What all runners have in common.
struct RunnerTests {
    private func pipeline(
        source: @escaping @Sendable (Int) -> ScriptedSource = { _ in
            ScriptedSource((0..<50).map { .rows(rows($0 * 10..<$0 * 10 + 10, keys: 7)) })
        },
        middle: @escaping (Int) -> [any Operator], sink: RecordingSink = RecordingSink()
    ) -> TestGraph {
        var graph = TestGraph()
        let capacity = Channel.Capacity(elements: 3)
        let from = graph.add("source", parallelism: 2) { [source($0)] }
        let through = graph.add(
            "middle", parallelism: 3,
            reading: [.from(from, .hash(column: 1, maxParallelism: 16), capacity: capacity)],
            chain: middle)
        graph.add("sink", reading: [.from(through, .global, capacity: capacity)]) { _ in [sink] }
        return graph
    }

    private func closed(_ assembled: TestGraph.Assembled) -> [Int] {
        assembled.operators.joined().joined().map { ($0 as? TestOperator)?.lifecycle.closed ?? -1 }
    }

    @Test(arguments: RunnerKind.allCases)
    func runsToTheEnd(kind: RunnerKind) {
        let sink = RecordingSink()
        let run = kind.start()
        let assembled = run.assemble(
            pipeline(
                middle: { _ in [TestOperator(), WorkerOperator(), BufferingOperator(delay: 3)] },
                sink: sink))
        #expect(run.complete(assembled) == nil)
        #expect(
            sink.rows.map(\.value).sorted() == (0..<500).flatMap { [$0, $0] }.map { Int64($0) })
        #expect(closed(assembled).allSatisfy { $0 == 1 })
        #expect(run.ends.count == 1)
        #expect(run.runner.join() == nil)
    }

    @Test(arguments: RunnerKind.allCases)
    func nothingToRunIsAnEnd(kind: RunnerKind) {
        let run = kind.start()
        #expect(run.complete(TestGraph()) == nil)
        #expect(run.ends.count == 1)
    }

    @Test(arguments: RunnerKind.allCases, FailingOperator.Point.allCases)
    func theFirstFailureEndsTheRun(kind: RunnerKind, point: FailingOperator.Point) throws {
        let run = kind.start()
        let assembled = run.assemble(
            pipeline { subtask in
                let failing = FailingOperator(at: point, JobError(code: "told", "to fail"))
                if subtask != 1 { return [TestOperator(), WorkerOperator(.onDemand)] }
                return point == .inputEnded ? [failing] : [TestOperator(), failing]
            })
        // What the others' workers still owe: an answer would let them end before the failure.
        let workers = assembled.operators[1].joined().compactMap { $0 as? WorkerOperator }
        if kind != .threads { for worker in workers { for _ in 0..<1000 { worker.answer() } } }
        let error = try #require(run.complete(assembled) as? JobError)
        #expect(error.code == "told")
        #expect(error.location == "middle\(point == .inputEnded ? "" : ".1") (2/3)")
        #expect(closed(assembled).allSatisfy { $0 == 1 })
        #expect(run.ends.count == 1)
    }

    @Test(arguments: RunnerKind.allCases)
    func aSourcesFailureEndsTheRun(kind: RunnerKind) throws {
        let run = kind.start()
        let assembled = run.assemble(
            pipeline(
                source: { subtask in
                    ScriptedSource(subtask == 0 ? [.fail(JobError(code: "x", "y"))] : [.wait])
                }, middle: { _ in [TestOperator()] }))
        let error = try #require(run.complete(assembled) as? JobError)
        #expect(error.location == "source (1/2)")
        #expect(closed(assembled).allSatisfy { $0 == 1 })
    }

    /// A task may wait for its source, a worker, time, its input or room in its outputs.
    @Test(arguments: RunnerKind.allCases, 0..<5)
    func cancellingEndsTheRun(kind: RunnerKind, reason: Int) throws {
        let run = kind.start()
        let reached = Signal()
        let source: @Sendable (Int) -> ScriptedSource = { subtask in
            let reach = ScriptedSource.Step.act { reached.raise() }
            let many = (0..<100).map { ScriptedSource.Step.rows(rows([$0], keys: 7)) }
            switch reason {
            case 0: return ScriptedSource([reach, .wait])
            case 1: return ScriptedSource([.rows(rows(0..<20, keys: 7)), reach, .wait])
            case 2: return ScriptedSource([reach, .pause(1_000_000_000)])
            default: return ScriptedSource(Array(many.prefix(2)) + [reach] + many)
            }
        }
        let assembled = run.assemble(
            pipeline(source: source) { _ in
                reason == 1 || reason == 3
                    ? [WorkerOperator(capacity: 1, .onDemand)]
                    : reason == 4 ? [BufferingOperator(delay: 1_000_000_000)] : [TestOperator()]
            })
        run.start(assembled)
        reached.wait()
        run.runner.cancel()
        let error = run.runner.join()
        // A virtual clock does not wait for anybody.
        let mayEnd = kind == .simulation && (reason == 2 || reason == 4)
        #expect(error is CancellationError || (error == nil && mayEnd))
        #expect(closed(assembled).allSatisfy { $0 == 1 })
        #expect(run.ends.count == 1)
    }

    @Test(arguments: RunnerKind.allCases)
    func cancellingBeforeTheStart(kind: RunnerKind) {
        let run = kind.start()
        let assembled = run.assemble(pipeline { _ in [TestOperator()] })
        run.runner.cancel()
        #expect(run.complete(assembled) is CancellationError)
        #expect(closed(assembled).allSatisfy { $0 == 1 })
    }

    @Test(arguments: RunnerKind.allCases)
    func sourcesAreWokenFromOutside(kind: RunnerKind) throws {
        let run = kind.start()
        let sink = RecordingSink()
        let reached = Signal()
        let source = ScriptedSource([
            .rows(rows([1])), .act { reached.raise() }, .wait, .rows(rows([2])),
        ])
        var graph = TestGraph()
        let from = graph.add("source") { _ in [source] }
        graph.add("sink", reading: [.from(from, .forward)]) { _ in [sink] }
        run.start(run.assemble(graph))
        reached.wait()
        source.wake()
        #expect(run.runner.join() == nil)
        #expect(sink.rows.map(\.value) == [1, 2])
    }

    @Test(arguments: RunnerKind.allCases)
    func triggeredBarriersReachEveryTask(kind: RunnerKind) throws {
        let run = kind.start()
        let reached = Signal()
        let sources = (0..<2).map { _ in
            ScriptedSource([.rows(rows([1])), .act { reached.raise() }, .wait, .rows(rows([2]))])
        }
        var graph = TestGraph()
        let sink = RecordingSink()
        let from = graph.add("source", parallelism: 2) { [sources[$0]] }
        let through = graph.add("middle", parallelism: 2, reading: [.from(from, .roundRobin)]) {
            _ in [WorkerOperator()]
        }
        graph.add("sink", reading: [.from(through, .roundRobin)]) { _ in [sink] }
        let seen = Shared<[String]>([])
        let assembled = graph.assemble(clock: run.clock, signal: { run.shared ?? Signal() }) {
            task, barrier in
            seen.update { $0.append("\(task) \(barrier.checkpointID)") }
            // The sink's report is the last: now the sources may go on.
            if task == "sink (1/1)" { for source in sources { source.wake() } }
        }
        run.start(assembled)
        reached.wait()
        run.runner.trigger(barrier(3))
        #expect(run.runner.join() == nil)
        #expect(
            seen.value.sorted() == [
                "middle (1/2) 3", "middle (2/2) 3", "sink (1/1) 3", "source (1/2) 3",
                "source (2/2) 3",
            ])
        let before = try #require(sink.rows(beforeBarrier: 3))
        #expect(before.allSatisfy { $0.value == 1 })
        #expect(sink.rows.map(\.value).sorted() == [1, 1, 2, 2])
    }

    @Test(arguments: [RunnerKind.singleThread, .simulation])
    func aDeadlockIsReported(kind: RunnerKind) throws {
        /// Accepts nothing, and has nothing.
        final class Stuck: TestOperator, ExternalOperator {
            var canAccept: Bool { false }
            var isPending: Bool { false }
            var hasDelivery: Bool { false }
            func deliver(into output: any Output) throws {}
            func setNotifier(_ notify: @escaping @Sendable () -> Void) {}
            func cancel() {}
        }
        let run = kind.start()
        let error = run.complete(pipeline { _ in [Stuck()] }) as? JobError
        let message = try #require(error?.message)
        #expect(error?.code == "deadlock")
        #expect(message.contains("middle (2/3) waits for room in middle (2/3)"))
        #expect(message.contains("source (1/2) waits for room in channel"))
        if kind == .simulation { #expect(error?.causes.first?.contains("poll") == true) }
    }

    @Test func threadsReportWhatTheyDidWithTheirTime() throws {
        let run = RunnerKind.threads.start()
        let assembled = run.assemble(pipeline { _ in [TestOperator()] })
        #expect(run.complete(assembled) == nil)
        for task in assembled.tasks { #expect(task.metrics.busyNanoseconds > 0) }
    }
}
