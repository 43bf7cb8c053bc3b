import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

/// A task alone, with channels that a test fills and reads.
final class Bench {
    let signal = Signal()
    let clock = VirtualClock(now: 1000)
    let inputs: [Channel]
    let outputs: [Channel]
    let task: Task

    /// `inputs` gives the input that each channel belongs to; a chain with a source has none.
    init(
        _ chain: [any Operator], inputs: [Int] = [0], outputs: Int = 1,
        capacity: Channel.Capacity = .init()
    ) {
        let clock = clock
        let operators = chain.enumerated().map { index, entry in
            ChainedOperator(
                entry,
                OperatorContext(
                    jobName: "job", name: "op\(index)", uid: "\(index)", subtask: 1, parallelism: 4,
                    maxParallelism: 128, attempt: 0, clock: clock))
        }
        let outputs = (0..<outputs).map { _ in Channel(capacity: capacity) }
        self.outputs = outputs
        let edges = outputs.isEmpty ? [] : [OutputEdge(.broadcast, to: outputs, subtask: 1)]
        if let source = chain[0] as? any SourceOperator {
            self.inputs = []
            task = Task(
                name: "task", source: source, context: operators[0].context,
                chain: Array(operators.dropFirst()), outputs: edges, signal: signal)
        } else {
            let channels = inputs.map { (channel: Channel(), input: $0) }
            self.inputs = channels.map(\.channel)
            task = Task(
                name: "task", inputs: channels, chain: operators, outputs: edges, signal: signal)
        }
    }

    var actions: [Task.Action] { task.actions(now: clock.now()) }

    func perform(_ action: Task.Action) throws {
        guard actions.contains(action) else {
            throw Mishap("\(action) is not among \(actions)")
        }
        try task.perform(action)
    }

    /// Does all that can be done, the most urgent first.
    func settle() throws {
        while let action = task.nextAction(now: clock.now()) { try task.perform(action) }
    }

    func settled() throws -> [String] {
        try settle()
        return output
    }

    /// What the first output has received since it was last asked.
    var output: [String] { outputs[0].drain().summaries }

    func send(_ values: Int..., to channel: Int = 0) {
        inputs[channel].send(.batch(Batch(rows: rows(values))))
    }
}

struct TaskTests {
    @Test func opensFirst() throws {
        let probe = TestOperator()
        let bench = Bench([probe])
        bench.send(1)
        #expect(bench.actions == [.open])
        try bench.perform(.open)
        #expect(probe.lifecycle.opened == 1)
        #expect(bench.actions == [.receive(0)])
    }

    @Test func passesElementsThroughTheChain() throws {
        let double = FlatMapOperator { [$0, TestRow($0.value * 10)] }
        let bench = Bench([double, TestOperator()])
        bench.send(1, 2)
        for element in [.watermark(5), .status(.idle), .barrier(barrier(1))] as [StreamElement] {
            bench.inputs[0].send(element)
        }
        #expect(try bench.settled() == ["[1, 10, 2, 20]", "w5", "idle", "b1"])
        #expect(bench.task.metrics.rowsIn == 2)
        #expect(bench.task.metrics.rowsOut == 4)
        #expect(bench.task.metrics.currentWatermark == 5)
    }

    @Test func endsInTheOrderOfTheChain() throws {
        let order = Shared<[String]>([])
        final class Last: TestOperator {
            let name: String, order: Shared<[String]>
            init(_ name: String, _ order: Shared<[String]>) {
                (self.name, self.order) = (name, order)
            }
            override func finish(into output: any Output) throws {
                order.update { [name] in $0.append("finish \(name)") }
                try output.emit(.batch(Batch(rows: rows([7]))))
                try super.finish(into: output)
            }
            override func close() {
                order.update { [name] in $0.append("close \(name)") }
                super.close()
            }
        }
        let chain = [Last("a", order), Last("b", order), Last("c", order)]
        let bench = Bench(chain)
        bench.inputs[0].send(.watermark(.max))
        bench.inputs[0].send(.end)
        #expect(try bench.settled() == ["max", "[7]", "[7]", "[7]", "end"])
        #expect(
            order.value == ["finish a", "finish b", "finish c", "close c", "close b", "close a"])
        #expect(bench.task.isOver)
        #expect(bench.actions.isEmpty)
        bench.task.abort()
        #expect(chain.allSatisfy { $0.lifecycle.closed == 1 })
    }

    @Test func anEndWithoutAWatermarkIsTheEndOfTime() throws {
        let bench = Bench([TestOperator()])
        bench.inputs[0].send(.end)
        #expect(try bench.settled() == ["max", "end"])
    }

    @Test func aTaskWithoutChannelsFinishes() throws {
        let bench = Bench([TestOperator()], inputs: [])
        #expect(try bench.settled() == ["end"])
    }

    @Test func channelsAreServedInTurn() throws {
        let bench = Bench([TestOperator()], inputs: [0, 0, 0])
        for value in 0..<2 {
            for channel in [0, 2] { bench.send(channel * 10 + value, to: channel) }
        }
        #expect(try bench.settled() == ["[0]", "[20]", "[1]", "[21]"])
    }

    @Test func everyInputEndsOnce() throws {
        let sink = RecordingSink()
        let bench = Bench([sink], inputs: [0, 0, 1])
        try bench.settle()
        bench.inputs[0].send(.end)
        bench.send(1, to: 2)
        try bench.settle()
        #expect(sink.entries == [.row(TestRow(1), input: 1)])
        bench.inputs[1].send(.end)
        try bench.settle()
        #expect(sink.entries.suffix(1) == [.inputEnded(0)])
        bench.inputs[2].send(.end)
        try bench.settle()
        #expect(sink.entries.suffix(3) == [.watermark(.max), .inputEnded(1), .finished])
    }

    @Test func barriersAreAlignedAcrossInputs() throws {
        let bench = Bench([TestOperator()], inputs: [0, 1])
        bench.send(1, to: 0)
        bench.inputs[0].send(.barrier(barrier(1)))
        bench.send(2, to: 0)
        #expect(try bench.settled() == ["[1]"])
        bench.send(3, to: 1)
        bench.inputs[1].send(.barrier(barrier(1)))
        #expect(try bench.settled() == ["[3]", "b1", "[2]"])
    }

    @Test func aFullOutputStopsTheTask() throws {
        let bench = Bench([TestOperator()], capacity: .init(elements: 2))
        for value in 0..<5 { bench.send(value) }
        try bench.settle()
        #expect(bench.outputs[0].waiting.elements == 2)
        #expect(bench.actions.isEmpty)
        #expect(bench.task.waitsFor.contains("room in channel 0 of output 0"))
        #expect(try bench.settled() == ["[0]", "[1]"])
        #expect(try bench.settled() == ["[2]", "[3]"])
        #expect(try bench.settled() == ["[4]"])
    }

    @Test func anOperatorsErrorHasItsPlace() throws {
        let failing = FailingOperator(at: .process, Mishap("no"))
        let probe = TestOperator()
        let bench = Bench([probe, failing])
        bench.send(1)
        let error = #expect(throws: JobError.self) { try bench.settle() }
        #expect(error?.location == "op1 (2/4)")
        #expect(error?.message == "no")
        #expect(error?.code == "internal")
        #expect(bench.task.isOver)
        #expect(probe.lifecycle.closed == 1 && failing.lifecycle.closed == 1)
    }

    @Test(arguments: FailingOperator.Point.allCases)
    func everyCallbackMayFail(point: FailingOperator.Point) throws {
        let failing = FailingOperator(at: point, JobError(code: "c", "m"))
        let probes = [TestOperator(), TestOperator()]
        let bench = Bench(
            point == .inputEnded ? [failing] + probes : [probes[0], failing, probes[1]])
        bench.send(1)
        bench.inputs[0].send(.watermark(1))
        bench.inputs[0].send(.end)
        let error = #expect(throws: JobError.self) { try bench.settle() }
        #expect(error?.code == "c")
        #expect(error?.location == (point == .inputEnded ? "op0 (2/4)" : "op1 (2/4)"))
        #expect((probes + [failing]).allSatisfy { $0.lifecycle.closed == 1 })
        #expect(bench.actions.isEmpty)
    }

    @Test func anOperatorMustNotSendTheEnd() throws {
        final class Ender: TestOperator {
            override func process(_ batch: Batch, input: Int, into output: any Output) throws {
                try output.emit(.end)
            }
        }
        let bench = Bench([Ender()])
        bench.send(1)
        #expect(throws: JobError.self) { try bench.settle() }
    }

    @Test func aCancelledTaskCloses() throws {
        let probe = TestOperator()
        let bench = Bench([probe])
        try bench.settle()
        bench.send(1)
        bench.task.cancel()
        #expect(bench.signal.isRaised)
        #expect(throws: CancellationError.self) { try bench.task.perform(.receive(0)) }
        #expect(probe.lifecycle.closed == 1)
        #expect(probe.lifecycle.finished == 0)
    }

    @Test func timersActWhenDueAndOutputsAreFree() throws {
        let buffer = BufferingOperator(delay: 10)
        let bench = Bench([buffer], capacity: .init(elements: 1))
        bench.send(1)
        #expect(try bench.settled() == [])
        #expect(bench.task.nextWake(after: 1000) == 1010)
        bench.clock.advance(to: 1010)
        #expect(bench.actions == [.advance(0)])
        #expect(try bench.settled() == ["[1]"])
        #expect(bench.task.nextWake(after: 1010) == nil)
        bench.send(2)
        try bench.settle()
        bench.outputs[0].send(.watermark(0))
        bench.clock.advance(to: 2000)
        #expect(bench.actions.isEmpty)
        #expect(bench.task.nextWake(after: 2000) == nil, "time alone changes nothing")
        #expect(bench.output == ["w0"])
        #expect(try bench.settled() == ["[2]"])
    }

    @Test func aBarrierIsReportedOnceItHasPassed() throws {
        let worker = WorkerOperator(capacity: 2, .onDemand)
        let bench = Bench([worker])
        let seen = Shared<[UInt64]>([])
        bench.task.onBarrier = { barrier in seen.update { $0.append(barrier.checkpointID) } }
        bench.send(1)
        bench.inputs[0].send(.barrier(barrier(4)))
        try bench.settle()
        #expect(seen.value == [])
        worker.answer()
        worker.answer()
        #expect(try bench.settled() == ["[1]", "b4"])
        #expect(seen.value == [4])
    }
}

func barrier(_ id: UInt64) -> Barrier { Barrier(checkpointID: id, timestamp: 0) }
