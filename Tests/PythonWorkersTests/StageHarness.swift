import Columnar
import Dataflow

@testable import PythonWorkers

/// A stage over longs with a played worker.
///
/// Sound to share: for tests of `cancel`, which any thread may call; the rest is one thread's.
final class StageHarness: @unchecked Sendable {
    let stage: PythonStage
    let output = Collector()

    init(
        input: DataType = .bigInt, inputKey: DataType? = nil, output: DataType = .bigInt,
        outputKey: DataType? = nil, steps: [PythonStageSpec.Step] = [],
        exit: WorkerExit? = .exited(status: 0), limits: PythonStage.Limits = .init(),
        channelLimits: WorkerChannel.Limits = .init(), open: Bool = true,
        _ play: @escaping @Sendable (FakeWorker) throws -> Void
    ) throws {
        stage = PythonStage(
            PythonStageSpec(
                steps: steps, input: input, inputKey: inputKey, output: output,
                outputKey: outputKey, configuration: ["b": "2", "a": "1"]),
            workers: FakeWorkers(exit: exit, play: play), limits: limits,
            channelLimits: channelLimits)
        if open { try self.open() }
    }

    func open() throws {
        try stage.open(
            OperatorContext(
                jobName: "job", name: "Map", uid: "u", subtask: 1, parallelism: 4,
                maxParallelism: 128, attempt: 0, clock: FixedClock()))
    }

    deinit { stage.close() }

    func process(_ batch: Batch) throws {
        while !stage.canAccept { try stage.deliver(into: output) }
        try stage.process(batch, input: 0, into: output)
    }

    func control(_ element: StreamElement) throws { try stage.control(element, into: output) }

    func deliver() throws { try stage.deliver(into: output) }

    func finish() throws {
        try stage.finish(into: output)
        while stage.isPending { try stage.deliver(into: output) }
    }

    /// The error that delivering ends with; nil if it does not.
    func failure() -> JobError? {
        do {
            while stage.isPending { try stage.deliver(into: output) }
            return nil
        } catch let error as JobError {
            return error
        } catch {
            return JobError(code: "not a JobError", "\(error)")
        }
    }
}
