import Columnar
import Dataflow
import Synchronization
import Testing

@testable import PythonWorkers

@Suite struct PythonStageTests {
    @Test func opensWithTheStage() throws {
        let seen = Mutex<MessagePack>(.null)
        let step = PythonStageSpec.Step(
            .map, name: "Map", function: [1, 2], output: .string, options: ["extra": 7])
        let harness = try StageHarness(
            input: .bigInt, inputKey: .string, output: .string,
            outputKey: DataType.int.notNull(), steps: [step]
        ) { worker in
            guard let frame = worker.read() else { return }
            let message = try MessagePack(decoding: frame.body.array)
            seen.withLock { $0 = message }
            worker.send(.ready)
            worker.echo()
        }
        try harness.finish()
        let open = seen.withLock { $0 }
        #expect(open["job"] == "job")
        #expect(open["operator"] == "Map")
        #expect(open["subtask"] == 1)
        #expect(open["parallelism"] == 4)
        #expect(open["max_parallelism"] == 128)
        #expect(open["config"] == .map([("a", "1"), ("b", "2")]))
        #expect(open["mode"] == "streaming")
        #expect(open["input"] == "BIGINT")
        #expect(open["input_key"] == "VARCHAR(2147483647)")
        #expect(open["output_key"] == "INT NOT NULL")
        #expect(open["batch_rows"] == .int(Int64(PythonStage.Limits().rowsPerBatch)))
        #expect(
            open["steps"]
                == .array([
                    .map([
                        ("kind", "map"), ("name", "Map"), ("function", .binary([1, 2])),
                        ("output", "VARCHAR(2147483647)"), ("key", .null), ("extra", 7),
                    ])
                ]))
        #expect(harness.stage.metrics.isReady)
    }

    @Test func keepsTheOrderOfBatchesAndControl() throws {
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        try harness.process(longs(0..<3))
        try harness.control(.watermark(5))
        try harness.control(.status(.idle))
        try harness.process(longs(3..<5))
        try harness.control(.barrier(Barrier(checkpointID: 9, timestamp: -1)))
        #expect(harness.stage.isPending)
        try harness.finish()
        #expect(
            harness.output.outline == ["3 rows", "watermark 5", "idle", "2 rows", "barrier 9"])
        #expect(harness.output.longs == Array(0..<5))
        #expect(!harness.stage.isPending)
        #expect(!harness.stage.hasDelivery)
        #expect(harness.stage.metrics.rowsToWorker.value == 5)
        #expect(harness.stage.metrics.rowsFromWorker.value == 5)
    }

    @Test func keepsSeveralBatchesInFlight() throws {
        var limits = PythonStage.Limits()
        limits.batchesInFlight = 3
        let harness = try StageHarness(limits: limits) { worker in
            worker.open()
            // Answers only once it has three.
            var frames: [FakeWorker.Received] = []
            while frames.count < 3, let frame = worker.read() { frames.append(frame) }
            for frame in frames {
                worker.send(.result, flags: .last, sequence: frame.sequence, frame.body)
            }
            worker.echo()
        }
        for start in 0..<3 {
            #expect(harness.stage.canAccept)
            try harness.stage.process(longs([Int64(start)]), input: 0, into: harness.output)
        }
        #expect(!harness.stage.canAccept)
        try harness.deliver()
        #expect(harness.stage.canAccept)
        try harness.finish()
        #expect(harness.output.longs == [0, 1, 2])
    }

    @Test func takesManyResultsForOneBatch() throws {
        let harness = try StageHarness { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            try worker.send(longs([1, 2]), sequence: frame.sequence, last: false)
            try worker.send(longs([3]), sequence: frame.sequence, last: false)
            try worker.send(longs([]), sequence: frame.sequence, last: true)
            guard let watermark = worker.read() else { return }
            try worker.send(longs([4]), sequence: watermark.sequence, last: false)
            worker.send(.echo, sequence: watermark.sequence, watermark.body)
            guard let end = worker.read() else { return }
            try worker.send(longs([5]), sequence: end.sequence, last: false)
            worker.send(.echo, sequence: end.sequence)
        }
        try harness.process(longs([0]))
        try harness.control(.watermark(1))
        try harness.finish()
        #expect(harness.output.outline == ["2 rows", "1 rows", "1 rows", "watermark 1", "1 rows"])
        #expect(harness.output.longs == [1, 2, 3, 4, 5])
    }

    @Test func cutsLargeBatchesByRows() throws {
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        try harness.process(longs(0..<100_000))
        try harness.process(Batch(count: 0, columns: [Column([Int64](), type: .bigInt)]))
        try harness.finish()
        #expect(harness.output.longs == Array(0..<100_000))
        let rows = PythonStage.Limits().rowsPerBatch
        #expect(harness.output.elements.count == (100_000 + rows - 1) / rows)
    }

    @Test func cutsLargeBatchesByBytes() throws {
        var limits = PythonStage.Limits()
        limits.bytesPerBatch = 1000
        let harness = try StageHarness(input: .string, output: .string, limits: limits) { worker in
            worker.open()
            worker.echo()
        }
        let builder = BatchBuilder([.string])
        for index in 0..<100 {
            builder.columns[0].append(String(repeating: "x", count: index * 20))
        }
        let batch = builder.finish()
        try harness.process(batch)
        try harness.finish()
        var row = 0
        for case .batch(let part) in harness.output.elements {
            #expect(part.count == 1 || RowFrames.byteCount(of: part, 0..<part.count) <= 1000)
            for index in 0..<part.count {
                #expect(part.columns[0].bytes(index).elementsEqual(batch.columns[0].bytes(row)))
                row += 1
            }
        }
        #expect(row == 100)
    }

    @Test func carriesTimestampsKindsAndKeys() throws {
        let harness = try StageHarness(inputKey: .bigInt, outputKey: .bigInt) { worker in
            worker.open()
            worker.echo()
        }
        let column = Column([1, 2] as [Int64], type: .bigInt)
        try harness.process(
            Batch(
                count: 2, columns: [column, Column([7, 8] as [Int64], type: .bigInt)],
                timestamps: Column([10, 20] as [Int64], type: .bigInt),
                rowKinds: Column([0, 3] as [UInt8], type: DataType.tinyInt.notNull())))
        try harness.process(Batch(count: 2, columns: [column, column]))
        try harness.finish()
        guard case .batch(let first) = harness.output.elements.first,
            case .batch(let second) = harness.output.elements.last
        else {
            Issue.record("no batches")
            return
        }
        #expect(first.columns.map { Array($0.values(as: Int64.self)) } == [[1, 2], [7, 8]])
        #expect(first.timestamps.map { Array($0.values(as: Int64.self)) } == [10, 20])
        #expect(first.rowKinds.map { Array($0.values(as: UInt8.self)) } == [0, 3])
        #expect(second.timestamps == nil)
        #expect(second.rowKinds == nil)
    }

    @Test func refusesRowsThatThePlanDoesNotDeclare() throws {
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        let error = #expect(throws: JobError.self) {
            try harness.process(Batch(Column([1] as [Int32], type: .int)))
        }
        #expect(error?.code == "plan-mismatch")
    }

    @Test func leavesAKeyBehindThatItDoesNotDeclare() throws {
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        let column = Column([1, 2] as [Int64], type: .bigInt)
        try harness.process(Batch(count: 2, columns: [column, column]))
        try harness.finish()
        #expect(harness.output.longs == [1, 2])
    }

    @Test func tellsWhenThereIsSomethingToDeliver() throws {
        let monitor = Monitor()
        nonisolated(unsafe) var calls = 0
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        harness.stage.setNotifier {
            monitor.locked {
                calls += 1
                monitor.broadcast()
            }
        }
        try harness.process(longs([1]))
        monitor.locked { while calls == 0 { monitor.wait() } }
        #expect(harness.stage.hasDelivery)
        try harness.finish()
    }

    @Test func storesTheWorkersMetrics() throws {
        let harness = try StageHarness { worker in
            worker.open()
            worker.send(.metrics, .map([("rows", 3), ("seconds", .double(0.5))]))
            worker.send(.metrics, .map([("rows", 4)]))
            worker.echo()
        }
        try harness.finish()
        #expect(harness.stage.metrics.worker == ["rows": 4, "seconds": 0.5])
    }

    /// The worker answers with far more than either side buffers before it reads on, while the
    /// task has far more to write: neither may wait for the other.
    @Test func doesNotLockUpWhenBothSidesAreFull() throws {
        var limits = PythonStage.Limits()
        limits.batchesInFlight = 4
        limits.bytesInFlight = 1 << 30
        limits.rowsPerBatch = 1 << 20
        limits.bytesPerBatch = 1 << 30
        var channelLimits = WorkerChannel.Limits()
        channelLimits.queuedBytes = 1 << 20
        let harness = try StageHarness(limits: limits, channelLimits: channelLimits) { worker in
            worker.open()
            while let frame = worker.read() {
                if frame.kind == .end {
                    worker.send(.echo, sequence: frame.sequence)
                    return
                }
                for index in 0..<8 {
                    worker.send(
                        .result, flags: index == 7 ? .last : [], sequence: frame.sequence,
                        frame.body)
                }
            }
        }
        let batch = longs(0..<100_000)
        for _ in 0..<12 { try harness.process(batch) }
        try harness.finish()
        #expect(harness.output.elements.count == 12 * 8)
    }

    @Test func agreesWithABareLoopOverRandomTraffic() throws {
        var generator = SeededGenerator(state: 11)
        let harness = try StageHarness { worker in
            worker.open()
            worker.echo()
        }
        var expected: [Int64] = []
        var controls = 0
        for step in 0..<300 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                try harness.control(.watermark(Int64(step)))
                controls += 1
            case 1 where harness.stage.isPending: try harness.deliver()
            default:
                let values = (0..<Int64.random(in: 0..<500, using: &generator)).map { _ in
                    Int64.random(in: .min ... .max, using: &generator)
                }
                expected += values
                try harness.process(longs(values))
            }
        }
        try harness.finish()
        #expect(harness.output.longs == expected)
        #expect(harness.output.outline.count { $0.hasPrefix("watermark") } == controls)
    }
}
