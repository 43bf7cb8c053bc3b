import Columnar
import Dataflow
import Testing

@testable import PythonWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private let interpreter: String? = {
    if let given = getenv("MARTLET_PYTHON") { return String(cString: given) }
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/\(root)/.venv/bin/python"
    return access(path, X_OK) == 0 ? path : nil
}()

/// The package's own worker. Needs the interpreter of `make test`, or another in MARTLET_PYTHON.
@Suite(.enabled(if: interpreter != nil, "there is no .venv/bin/python"))
struct RealWorkerTests {
    static let pool = ZygotePool()

    /// A pickle that calls `eval` on the source.
    static func pickle(_ source: String) -> [UInt8] {
        Array("cbuiltins\neval\n(V\(source)\ntR.".utf8)
    }

    static func stage(
        _ steps: [(PythonStageSpec.StepKind, String, DataType?)], input: DataType = .bigInt,
        output: DataType = .bigInt, outputKey: DataType? = nil,
        options: [String: MessagePack] = [:], rowsPerBatch: Int = 8192
    ) throws -> PythonStage {
        var limits = PythonStage.Limits()
        limits.rowsPerBatch = rowsPerBatch
        let stage = PythonStage(
            PythonStageSpec(
                steps: steps.map { kind, source, type in
                    .init(
                        kind, name: "Step", function: pickle(source), output: type, options: options
                    )
                }, input: input, output: output, outputKey: outputKey),
            workers: pool.workers(in: PythonEnvironment(executable: interpreter ?? "")),
            limits: limits)
        try stage.open(
            OperatorContext(
                jobName: "job", name: "Stage", uid: "u", subtask: 0, parallelism: 2,
                maxParallelism: 128, attempt: 0, clock: FixedClock()))
        return stage
    }

    static func run(_ stage: PythonStage, _ elements: [StreamElement]) throws -> Collector {
        let output = Collector()
        defer { stage.close() }
        for element in elements {
            switch element {
            case .batch(let batch):
                while !stage.canAccept { try stage.deliver(into: output) }
                try stage.process(batch, input: 0, into: output)
            default: try stage.control(element, into: output)
            }
        }
        try stage.finish(into: output)
        while stage.isPending { try stage.deliver(into: output) }
        return output
    }

    static func failure(_ stage: PythonStage, _ elements: [StreamElement]) -> JobError? {
        do {
            _ = try run(stage, elements)
            return nil
        } catch {
            return error as? JobError
        }
    }

    @Test func fusedFunctions() throws {
        let stage = try Self.stage([
            (.map, "lambda x: x * 2 + 1", .bigInt), (.filter, "lambda x: x % 3 == 0", nil),
            (.flatMap, "lambda x: [x, -x]", .bigInt),
        ])
        let output = try Self.run(
            stage, [.batch(longs(0..<50_000)), .watermark(7), .batch(longs(50_000..<60_000))])
        let expected = (0..<60_000 as Range<Int64>).map { $0 * 2 + 1 }.filter { $0 % 3 == 0 }
            .flatMap { [$0, -$0] }
        #expect(output.longs == expected)
        #expect(output.outline.contains("watermark 7"))
    }

    @Test func typesChange() throws {
        let stage = try Self.stage([(.map, "lambda x: 'n' * x", .string)], output: .string)
        let output = try Self.run(stage, [.batch(longs(0..<4))])
        guard case .batch(let batch) = output.elements.first else {
            Issue.record("no batch")
            return
        }
        #expect((0..<4).map { batch.columns[0].bytes($0).count } == [0, 1, 2, 3])
    }

    @Test func timestampsStayWithTheirRows() throws {
        let stage = try Self.stage([(.filter, "lambda x: x > 1", nil)])
        let batch = Batch(
            count: 3, columns: [Column([1, 2, 3] as [Int64], type: .bigInt)],
            timestamps: Column([10, 20, 30] as [Int64], type: .bigInt))
        let output = try Self.run(stage, [.batch(batch)])
        guard case .batch(let kept) = output.elements.first else {
            Issue.record("no batch")
            return
        }
        #expect(kept.timestamps.map { Array($0.values(as: Int64.self)) } == [20, 30])
    }

    /// A `Row` has its kind with it; other values have none.
    @Test func kindsStayWithTheirRows() throws {
        let type = DataType(.row([.init("a", .bigInt)], style: .row))
        let stage = try Self.stage(
            [(.filter, "lambda row: row[0] > 1", nil)], input: type, output: type)
        let rows = Column(
            type: type, count: 3, validity: nil, buffers: [],
            children: [Column([1, 2, 3] as [Int64], type: .bigInt)])
        let batch = Batch(
            count: 3, columns: [rows],
            rowKinds: Column([0, 3, 2] as [UInt8], type: DataType.tinyInt.notNull()))
        let output = try Self.run(stage, [.batch(batch)])
        guard case .batch(let kept) = output.elements.first else {
            Issue.record("no batch")
            return
        }
        #expect(kept.rowKinds.map { Array($0.values(as: UInt8.self)) } == [3, 2])
        #expect(Array(kept.columns[0].field(0).values(as: Int64.self)) == [2, 3])
    }

    @Test func aChannelForEachRow() throws {
        let stage = try Self.stage(
            [(.partition, "lambda x, n: x % n", nil)], outputKey: DataType.int.notNull(),
            options: ["channels": 2])
        let output = try Self.run(stage, [.batch(longs(0..<4))])
        guard case .batch(let batch) = output.elements.first else {
            Issue.record("no batch")
            return
        }
        #expect(Array(batch.columns[1].values(as: Int32.self)) == [0, 1, 0, 1])
    }

    @Test func anExplosionOfRows() throws {
        // 20 000 rows for each one, with more batches waiting than the sockets hold.
        let stage = try Self.stage([(.flatMap, "lambda x: range(20000)", .bigInt)])
        let output = try Self.run(stage, (0..<20).map { _ in .batch(longs(0..<10)) })
        #expect(output.longs.count == 20 * 10 * 20_000)
        #expect(output.elements.count > 100)
    }

    @Test func aFunctionThatRaises() throws {
        let error = Self.failure(
            try Self.stage([(.map, "lambda x: 1 // (x - 2)", .bigInt)]), [.batch(longs(0..<4))])
        #expect(error?.code == "user-function")
        #expect(error?.location == "Step (1/2)")
        #expect(error?.exceptionType == "builtins.ZeroDivisionError")
        #expect(
            error?.message.hasPrefix("the function raised ZeroDivisionError") == true, "\(error!)")
        #expect(error?.record == "2")
        #expect(error?.traceback?.contains("lambda") == true, "\(error!)")
        #expect(error?.pickledException != nil)
    }

    @Test func aValueThatDoesNotFit() throws {
        let error = Self.failure(
            try Self.stage([(.map, "lambda x: 'text'", .bigInt)]), [.batch(longs(0..<4))])
        #expect(error?.code == "bad-value")
    }

    @Test func aFunctionThatCannotBeOpened() throws {
        let error = Self.failure(try Self.stage([(.map, "no_such_name", .bigInt)]), [])
        #expect(error?.code == "open-failed")
        #expect(error?.message.contains("no_such_name") == true)
    }

    @Test(arguments: [
        ("__import__('os').kill(__import__('os').getpid(), 9)", "was killed by signal 9 (SIGKILL)"),
        ("__import__('os')._exit(5)", "exited with status 5"),
    ])
    func aWorkerThatDies(source: String, text: String) throws {
        let error = Self.failure(
            try Self.stage([(.map, "lambda x: \(source)", .bigInt)]), [.batch(longs(0..<4))])
        #expect(error?.code == "worker-died")
        #expect(error?.message.contains(text) == true, "\(error!)")
    }

    @Test func cancellingABusyWorker() throws {
        let stage = try Self.stage([(.map, "lambda x: __import__('time').sleep(1000)", .bigInt)])
        let output = Collector()
        try stage.process(longs(0..<4), input: 0, into: output)
        stage.cancel()
        #expect(throws: CancellationError.self) { try stage.deliver(into: output) }
        stage.close()
    }
}
