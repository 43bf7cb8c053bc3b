import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

struct ExternalTaskTests {
    @Test func aPendingResultIsDeliverable() throws {
        let worker = WorkerOperator()
        let bench = Bench([worker])
        bench.send(1)
        try bench.perform(.open)
        try bench.perform(.receive(0))
        #expect(bench.actions == [.deliver(0)])
        #expect(bench.output == [])
        try bench.perform(.deliver(0))
        #expect(bench.output == ["[1]"])
    }

    @Test func onDemandOnlyASimulationWaits() throws {
        let worker = WorkerOperator(.onDemand)
        let bench = Bench([worker])
        bench.send(1)
        try bench.settle()
        #expect(bench.actions == [.deliver(0)])
        #expect(bench.task.nextAction(now: 0) == nil)
        #expect(bench.task.awaitsOutside)
        bench.signal.lower()
        worker.answer()
        #expect(bench.signal.isRaised)
        #expect(try bench.settled() == ["[1]"])
    }

    @Test func inputWaitsForRoomInEveryExternal() throws {
        let first = WorkerOperator(capacity: 1, .onDemand)
        let second = WorkerOperator(capacity: 1, .onDemand)
        let bench = Bench([first, TestOperator(), second])
        for value in 1...4 {
            bench.send(value)
            bench.inputs[0].send(.watermark(Int64(value)))
        }
        try bench.settle()
        #expect(first.batchSizes == [1])
        first.answer()
        try bench.settle()
        #expect(second.batchSizes == [1])
        #expect(bench.inputs[0].waiting.elements == 7, "the second has no room")
        second.answer()
        #expect(try bench.settled() == ["[1]"])
        #expect(bench.inputs[0].waiting.elements == 6)
    }

    @Test func deliveryWaitsForRoomInTheLaterOnes() throws {
        let first = WorkerOperator(capacity: 4)
        let second = WorkerOperator(capacity: 1, .onDemand)
        let bench = Bench([first, second])
        try bench.perform(.open)
        bench.send(1)
        bench.inputs[0].send(.watermark(1))
        for _ in 0..<2 { try bench.perform(.receive(0)) }
        try bench.perform(.deliver(0))
        #expect(bench.actions == [.deliver(1)], "not of the first, nor input")
        second.answer()
        try bench.perform(.deliver(1))
        #expect(bench.actions.contains(.deliver(0)))
    }

    @Test func deliveryWaitsForRoomInTheOutputs() throws {
        let worker = WorkerOperator()
        let bench = Bench([worker], capacity: .init(elements: 1))
        bench.send(1)
        try bench.perform(.open)
        try bench.perform(.receive(0))
        bench.outputs[0].send(.watermark(0))
        #expect(bench.actions.isEmpty)
        #expect(bench.output == ["w0"])
        #expect(try bench.settled() == ["[1]"])
    }

    @Test func whatOneStepEmitsBeyondTheRoomWaits() throws {
        let spread = FlatMapOperator(singly: true) { [$0] }
        // Full at once: `process` must not be called, and the operator would object.
        let worker = WorkerOperator(capacity: 1, .onDemand)
        let bench = Bench([spread, worker])
        bench.send(1, 2, 3)
        bench.inputs[0].send(.watermark(9))
        try bench.settle()
        #expect(worker.batchSizes == [1])
        for _ in 0..<3 { worker.answer() }
        #expect(try bench.settled() == ["[1]", "[2, 3]", "w9"], "merged while they waited")
    }

    @Test func resultsComeBackBeforeTheNextFinishes() throws {
        let worker = WorkerOperator(capacity: 2, .onDemand)
        let sink = RecordingSink()
        let bench = Bench([TestOperator(), worker, sink])
        bench.send(1)
        bench.inputs[0].send(.end)
        try bench.settle()
        #expect(worker.lifecycle.finished == 0, "the row and the watermark fill it")
        #expect(bench.task.nextAction(now: 0) == nil)
        worker.answer()
        worker.answer()
        try bench.settle()
        #expect(worker.lifecycle.finished == 1)
        #expect(sink.lifecycle.finished == 0, "END has not come back")
        worker.answer()
        #expect(try bench.settled() == ["[1]", "max", "end"])
        #expect(sink.entries == [.row(TestRow(1), input: 0), .watermark(.max), .finished])
        #expect(worker.lifecycle.closed == 1)
    }

    @Test func cancellingReleasesADelivery() throws {
        let worker = WorkerOperator(.onDemand)
        let bench = Bench([worker])
        bench.send(1)
        try bench.settle()
        try startThread(named: "canceller") { [task = bench.task] in task.cancel() }
        #expect(throws: CancellationError.self) { try bench.task.perform(.deliver(0)) }
        #expect(worker.lifecycle.closed == 1)
    }

    @Test func anErrorOfTheWorkerIsLocated() throws {
        let worker = WorkerOperator { _ in throw Mishap("died") }
        let bench = Bench([TestOperator(), worker])
        bench.send(1)
        let error = #expect(throws: JobError.self) { try bench.settle() }
        #expect(error?.location == "op1 (2/4)")
    }
}

struct IntakeTests {
    private func bench(capacity: Int = 4) throws -> (WorkerOperator, Bench) {
        let worker = WorkerOperator(capacity: capacity, .onDemand)
        let bench = Bench([worker])
        try bench.settle()
        return (worker, bench)
    }

    @Test func anIdleWorkerGetsARowAtOnce() throws {
        let (worker, bench) = try bench()
        for value in 0..<3 {
            bench.send(value)
            try bench.settle()
            #expect(worker.batchSizes.count == value + 1)
            worker.answer()
            #expect(try bench.settled() == ["[\(value)]"])
        }
    }

    @Test func rowsForABusyWorkerAreMerged() throws {
        let (worker, bench) = try bench()
        for value in 0..<10 {
            bench.send(value)
            try bench.settle()
        }
        #expect(worker.batchSizes == [1])
        worker.answer()
        #expect(try bench.settled() == ["[0]"])
        #expect(worker.batchSizes == [1, 9], "it is idle again")
        worker.answer()
        #expect(try bench.settled() == ["[1, 2, 3, 4, 5, 6, 7, 8, 9]"])
    }

    @Test func enoughRowsLeaveAtOnce() throws {
        let (worker, bench) = try bench()
        for _ in 0..<5 {
            bench.inputs[0].send(.batch(Batch(rows: rows(0..<1500))))
            try bench.settle()
        }
        #expect(worker.batchSizes == [1500, 4500], "three make a full batch, the last one waits")
        bench.inputs[0].send(.batch(Batch(rows: rows(0..<5000))))
        try bench.settle()
        #expect(worker.batchSizes == [1500, 4500, 6500])
    }

    @Test func fullBatchesAreNotCopied() throws {
        let (_, bench) = try bench()
        let worker = WorkerOperator(capacity: 8, .onDemand)
        let other = Bench([worker])
        try other.settle()
        _ = bench
        for _ in 0..<3 { other.inputs[0].send(.batch(Batch(rows: rows(0..<4096)))) }
        try other.settle()
        #expect(worker.batchSizes == [4096, 4096, 4096])
    }

    /// One row of this many bytes.
    private func line(_ bytes: Int, nullable: Bool = true) -> Batch {
        let column = Column(
            type: nullable ? .string : .string.notNull(), count: 1, validity: nil,
            buffers: [Buffer(copying: [0, Int32(bytes)]), Buffer(zeros: bytes)])
        return Batch(column)
    }

    @Test func enoughBytesLeaveAtOnce() throws {
        let (worker, bench) = try bench(capacity: 3)
        for _ in 0..<40 { bench.inputs[0].send(.batch(line(400 << 10))) }
        try bench.settle()
        // Two make less than 1 MiB and three more; what is handed over stays below it.
        #expect(worker.batchSizes == [1, 2, 2])
        #expect(!worker.canAccept)
        #expect(bench.inputs[0].waiting.elements == 34, "one is left over, the others stay behind")
        worker.answer()
        try bench.settle()
        #expect(worker.batchSizes == [1, 2, 2, 2])
    }

    @Test func aLargeBatchIsNotCopied() throws {
        let (worker, bench) = try bench(capacity: 8)
        for size in [1, 100, 3 << 20, 100] {
            bench.inputs[0].send(.batch(line(size)))
            try bench.settle()
        }
        #expect(worker.batchSizes == [1, 1, 1], "the small one before it goes alone")
    }

    @Test func differentColumnsAreNotMerged() throws {
        let (worker, bench) = try bench(capacity: 8)
        let value = Column([1, 2] as [Int64], type: .bigInt)
        let key = Column([7, 7] as [Int32], type: .int)
        let keyed = Batch(count: 2, columns: [value, key])
        for batch in [keyed, keyed, keyed, Batch(value), Batch(value), line(2, nullable: false)] {
            bench.inputs[0].send(.batch(batch))
            try bench.settle()
        }
        #expect(worker.batchSizes == [2, 4, 4], "the last one waits")
        bench.inputs[0].send(.batch(line(2)))
        try bench.settle()
        #expect(worker.batchSizes == [2, 4, 4, 1])
        for _ in 0..<4 { worker.answer() }
        try bench.settle()
        #expect(worker.batchSizes == [2, 4, 4, 1, 1])
    }

    @Test func controlElementsReleaseWhatStandsBeforeThem() throws {
        let (worker, bench) = try bench(capacity: 8)
        bench.send(0)
        bench.send(1)
        bench.inputs[0].send(.watermark(1))
        bench.send(2)
        bench.send(3)
        try bench.settle()
        #expect(worker.batchSizes == [1, 1], "1 leaves with the watermark; 2 and 3 wait")
        bench.inputs[0].send(.barrier(barrier(1)))
        try bench.settle()
        #expect(worker.batchSizes == [1, 1, 2])
        for _ in 0..<5 { worker.answer() }
        #expect(try bench.settled() == ["[0]", "[1]", "w1", "[2, 3]", "b1"])
    }

    @Test func theEndReleasesWhatWaits() throws {
        let (worker, bench) = try bench(capacity: 8)
        for value in 0..<3 { bench.send(value) }
        try bench.settle()
        #expect(worker.batchSizes == [1])
        bench.inputs[0].send(.end)
        try bench.settle()
        #expect(worker.batchSizes == [1, 2])
        for _ in 0..<4 { worker.answer() }
        #expect(try bench.settled() == ["[0]", "[1, 2]", "max", "end"])
    }

    @Test func inputsAreKeptApart() throws {
        let worker = WorkerOperator(capacity: 8, .onDemand)
        let bench = Bench([worker], inputs: [0, 0, 1])
        try bench.settle()
        for channel in [0, 1, 0, 2, 2, 1] {
            bench.send(channel, to: channel)
            try bench.settle()
        }
        // The first left at once; 1 and 0 are of one input; then the change of input releases.
        #expect(worker.batchSizes == [1, 2, 2], "the last one waits")
        worker.answer()
        worker.answer()
        worker.answer()
        try bench.settle()
        #expect(worker.batchSizes == [1, 2, 2, 1])
    }

    @Test func aSourcesBatchesAreMergedToo() throws {
        let worker = WorkerOperator(capacity: 8, .onDemand)
        let bench = Bench([ScriptedSource((0..<6).map { .rows(rows([$0])) } + [.wait]), worker])
        try bench.settle()
        #expect(worker.batchSizes == [1])
        worker.answer()
        #expect(try bench.settled() == ["[0]"])
        #expect(worker.batchSizes == [1, 5])
    }
}
