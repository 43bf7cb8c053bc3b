import Columnar
import Dataflow

extension PythonStageSpec {
    /// The body of the OPEN frame for one subtask.
    ///
    /// - Parameters:
    ///   - stateIsEmpty: the runtime keeps nothing for this stage.
    ///   - cacheBytes: what the worker's cache of keyed state may take; 0: any amount.
    func openMessage(
        _ context: OperatorContext, batchRows: Int, stateIsEmpty: Bool = true, cacheBytes: Int = 0
    ) -> MessagePack {
        .map([
            ("job", .string(context.jobName)),
            ("operator", .string(context.name)),
            ("subtask", MessagePack(context.subtask)),
            ("parallelism", MessagePack(context.parallelism)),
            ("max_parallelism", MessagePack(context.maxParallelism)),
            ("attempt", MessagePack(context.attempt)),
            ("sys_path", MessagePack(files.searchPath)),
            ("cwd", .string(files.workingDirectory)),
            ("files", MessagePack(files.files)),
            ("requirements_path", MessagePack(files.requirements)),
            ("archives", .array(files.archives.map { MessagePack([$0.path, $0.name]) })),
            ("work_dir", .string(files.workDirectory)),
            (
                "config",
                .map(
                    configuration.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            ),
            ("mode", .string(mode.rawValue)),
            ("input", .string(input.description)),
            ("input_key", MessagePack(inputKey?.description)),
            ("input2", MessagePack(secondInput?.description)),
            ("input2_key", MessagePack(secondInputKey?.description)),
            (
                "side_outputs",
                .array(sideOutputs.map { MessagePack([$0.tag, $0.type.description]) })
            ),
            ("state_empty", .bool(stateIsEmpty)),
            ("cache_bytes", MessagePack(cacheBytes)),
            ("output", .string(output.description)),
            ("output_key", MessagePack(outputKey?.description)),
            ("batch_rows", MessagePack(batchRows)),
            ("steps", .array(steps.map(\.message))),
        ])
    }
}

extension PythonStageSpec.Step {
    fileprivate var message: MessagePack {
        .map(
            [
                ("kind", .string(kind.rawValue)),
                ("name", .string(name)),
                ("function", .binary(function)),
                ("output", MessagePack(output?.description)),
                ("key", MessagePack(key?.description)),
            ] + options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}
