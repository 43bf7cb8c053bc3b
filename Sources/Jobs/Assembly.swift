import Columnar
import Connectors
import Dataflow
import PythonWorkers
import Synchronization

/// Makes the parallel instances of a job graph, and the channels between them.
final class Assembly: Sendable {
    /// By the task's name.
    let metrics: [(String, TaskMetrics)]
    let progress: [ReadProgress]
    private let queues: [CollectQueue]
    private let directories: [WorkDirectory]
    /// Ends an interpreter that is the job's alone.
    private let endInterpreter: @Sendable () -> Void
    private let tasks: Mutex<[Task]>

    init(
        graph: JobGraph, service: JobService, clock: any Clock, signals: SignalSource
    ) throws {
        let directory = WorkDirectory()
        let dependencies = try PythonDependencies(
            graph.configuration, defaultExecutable: service.pythonExecutable,
            workDirectory: directory.path)
        let environment = PythonEnvironment(
            executable: dependencies.executable ?? service.pythonExecutable)
        let state = try KeyedStatePlacement(of: graph, in: directory)
        let factory = OperatorFactory(
            graph: graph, workers: service.zygotes.workers(in: environment),
            files: dependencies.files, state: state)
        var builder = TaskBuilder(graph: graph, factory: factory, clock: clock, signals: signals)
        let tasks = try builder.build()
        directories = [directory] + state.directories
        let pool = dependencies.isExecutableUnpacked ? service.zygotes : nil
        endInterpreter = { pool?.shutDown(environment) }
        metrics = tasks.map { ($0.name, $0.metrics) }
        progress = builder.progress
        queues = graph.vertices.flatMap(\.operators).compactMap {
            if case .sink(.collect(let queue)) = $0.kind { queue } else { nil }
        }
        self.tasks = Mutex(tasks)
    }

    /// The tasks, which the runner holds from here on: a job that is over must not keep batches.
    func takeTasks() -> [Task] {
        tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
    }

    /// Tells those who collect results that there will be no more, and cleans up.
    func release(_ failure: JobError?) {
        for queue in queues { queue.end(failure) }
        endInterpreter()
        removeFiles()
    }

    /// Removes what the job has put on the disk for itself.
    func removeFiles() {
        for directory in directories { directory.remove() }
    }
}

private struct TaskBuilder {
    let graph: JobGraph
    let factory: OperatorFactory
    let clock: any Clock
    let signals: SignalSource
    var progress: [ReadProgress] = []

    init(
        graph: JobGraph, factory: OperatorFactory, clock: any Clock, signals: SignalSource
    ) {
        self.graph = graph
        self.factory = factory
        self.clock = clock
        self.signals = signals
    }

    mutating func build() throws -> [Task] {
        // For each vertex and subtask: the channels it reads, and the edges it writes.
        var inputs = graph.vertices.map { vertex in
            [[(channel: Channel, input: Int)]](repeating: [], count: vertex.parallelism)
        }
        var outputs = graph.vertices.map { vertex in
            [[OutputEdge]](repeating: [], count: vertex.parallelism)
        }
        for (target, vertex) in graph.vertices.enumerated() {
            let head = vertex.operators[0]
            for edge in vertex.inputs {
                let readsKeys =
                    (edge.input == 0 ? head.inputKeyType : head.secondInputKeyType) != nil
                let senders = graph.vertices[edge.source].parallelism
                let exchange = exchange(edge, to: vertex)
                for sender in 0..<senders {
                    let receivers = exchange.receivers(
                        of: sender, senders: senders, count: vertex.parallelism)
                    let channels = receivers.map { _ in Channel() }
                    for (receiver, channel) in zip(receivers, channels) {
                        inputs[target][receiver].append((channel, edge.input))
                    }
                    outputs[edge.source][sender].append(
                        OutputEdge(
                            exchange, to: channels, subtask: sender, sendsKey: readsKeys,
                            side: edge.side))
                }
            }
        }
        var tasks: [Task] = []
        for (index, vertex) in graph.vertices.enumerated() {
            if case .source(.textFiles(let input)) = vertex.operators[0].kind {
                progress.append(input.progress)
            }
            for subtask in 0..<vertex.parallelism {
                tasks.append(
                    try task(
                        vertex, subtask, inputs: inputs[index][subtask],
                        outputs: outputs[index][subtask]))
            }
        }
        return tasks
    }

    private mutating func task(
        _ vertex: JobGraph.Vertex, _ subtask: Int, inputs: [(channel: Channel, input: Int)],
        outputs: [OutputEdge]
    ) throws -> Task {
        var chain: [ChainedOperator] = []
        for spec in vertex.operators {
            let context = OperatorContext(
                jobName: graph.name, name: spec.name, uid: spec.uid, subtask: subtask,
                parallelism: vertex.parallelism, maxParallelism: vertex.maxParallelism, attempt: 0,
                clock: clock)
            chain.append(ChainedOperator(try factory.make(spec), context))
        }
        let name = "\(vertex.name) (\(subtask + 1)/\(vertex.parallelism))"
        let head = chain[0]
        guard let source = head.operator as? any SourceOperator else {
            return Task(
                name: name, inputs: inputs, chain: chain, outputs: outputs, signal: signals.make())
        }
        return Task(
            name: name, source: source, context: head.context, chain: Array(chain.dropFirst()),
            outputs: outputs, signal: signals.make())
    }

    private func exchange(_ edge: JobGraph.Edge, to vertex: JobGraph.Vertex) -> Exchange {
        switch edge.partitioning {
        case .forward: .forward
        case .rebalance: .roundRobin
        case .rescale: .rescale
        case .shuffle: .shuffle(seed: UInt64(edge.source))
        case .broadcast: .broadcast
        case .global: .global
        case .hash: .hash(column: 1, maxParallelism: vertex.maxParallelism)
        case .custom: .custom(column: 1)
        }
    }
}
