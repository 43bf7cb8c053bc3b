import Columnar
import Connectors
import Dataflow
import Operators
import PythonWorkers

/// Makes the operators of one parallel instance from their specifications.
struct OperatorFactory {
    let graph: JobGraph
    let workers: any WorkerSource
    let files: PythonStageSpec.Files
    let state: KeyedStatePlacement

    func make(_ spec: JobGraph.OperatorSpec) throws -> any Operator {
        switch spec.kind {
        case .source(let source): try make(source)
        case .python(let steps):
            PythonStage(
                PythonStageSpec(
                    steps: steps, input: spec.inputType ?? .pickled, inputKey: spec.inputKeyType,
                    output: spec.outputType ?? .pickled, outputKey: spec.outputKeyType,
                    secondInput: spec.secondInputType, secondInputKey: spec.secondInputKeyType,
                    sideOutputs: spec.sideOutputs,
                    mode: graph.isBatch ? .batch : .streaming,
                    configuration: graph.configuration.values, files: files),
                workers: workers, backends: state.backends, limits: state.limits)
        case .watermarks(let watermarks): try make(watermarks)
        case .sink(let sink): try make(sink)
        }
    }

    private func make(_ spec: SourceSpec) throws -> any SourceOperator {
        switch spec {
        case .rows(let batches): RowsSource(batches)
        case .numberSequence(let from, let to):
            NumberSequenceSource(try SequenceRange(from: from, to: to))
        case .textFiles(let input): TextFileSource(input)
        case .rateLimitedSequence(let options): try RateLimitedSequenceSource(options)
        case .chained(let sources, let switching):
            ChainedSource(try sources.map(make), switching: switching)
        }
    }

    private func make(_ spec: WatermarkSpec) throws -> any Operator {
        let interval = try graph.configuration.milliseconds("pipeline.auto-watermark-interval")
        // In batch there is one watermark, at the end.
        return try TimestampsAndWatermarks(
            spec.strategy,
            interval: graph.isBatch ? 0 : interval ?? TimestampsAndWatermarks.defaultInterval,
            idleTimeout: graph.isBatch ? nil : spec.idleness)
    }

    private func make(_ spec: SinkSpec) throws -> any Operator {
        switch spec {
        case .print(let identifier, let toStandardError):
            PrintSink(identifier: identifier, standardError: toStandardError)
        case .files(let options): try FileSink(options)
        case .discard: DiscardSink()
        case .collect(let queue): CollectSink(queue)
        case .latency(let histogram): LatencySink(into: histogram)
        }
    }
}
