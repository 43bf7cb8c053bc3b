import Dataflow

/// A dataflow to be put together by a test: vertices with parallel instances, and edges.
public struct TestGraph {
    public struct Vertex {
        public var name: String
        public var parallelism: Int
        /// Makes the chain of one instance.
        public var chain: (_ subtask: Int) -> [any Operator]
        /// What it reads; the place in this list is the input's index, unless `isUnion`.
        public var inputs: [Edge]
        /// All edges belong to input 0.
        public var isUnion = true
    }

    public struct Edge: Sendable {
        public var from: Int
        public var exchange: Exchange
        public var capacity: Channel.Capacity
    }

    /// The tasks of a graph, and what lies between them.
    public struct Assembled {
        public var tasks: [Task] = []
        public var channels: [Channel] = []
        /// By vertex, subtask and place in the chain.
        public var operators: [[[any Operator]]] = []
    }

    public private(set) var vertices: [Vertex] = []
    public var maxParallelism = 128

    public init() {}

    /// Adds a vertex and returns its number.
    @discardableResult
    public mutating func add(
        _ name: String, parallelism: Int = 1, reading inputs: [Edge] = [], isUnion: Bool = true,
        chain: @escaping (_ subtask: Int) -> [any Operator]
    ) -> Int {
        vertices.append(
            Vertex(
                name: name, parallelism: parallelism, chain: chain, inputs: inputs,
                isUnion: isUnion))
        return vertices.count - 1
    }

    /// The tasks, with the signals that `signal` makes for each.
    public func assemble(
        clock: any Clock, signal: () -> Signal,
        onBarrier: (@Sendable (String, Barrier) -> Void)? = nil
    ) -> Assembled {
        var result = Assembled()
        var inputs = vertices.map { vertex in
            [[(channel: Channel, input: Int)]](repeating: [], count: vertex.parallelism)
        }
        var outputs = vertices.map { vertex in
            [[OutputEdge]](repeating: [], count: vertex.parallelism)
        }
        for (target, vertex) in vertices.enumerated() {
            for (input, edge) in vertex.inputs.enumerated() {
                let senders = vertices[edge.from].parallelism
                for sender in 0..<senders {
                    let receivers = edge.exchange.receivers(
                        of: sender, senders: senders, count: vertex.parallelism)
                    let channels = receivers.map { _ in Channel(capacity: edge.capacity) }
                    for (receiver, channel) in zip(receivers, channels) {
                        inputs[target][receiver].append((channel, vertex.isUnion ? 0 : input))
                    }
                    result.channels += channels
                    outputs[edge.from][sender].append(
                        OutputEdge(edge.exchange, to: channels, subtask: sender))
                }
            }
        }
        for (index, vertex) in vertices.enumerated() {
            var instances: [[any Operator]] = []
            for subtask in 0..<vertex.parallelism {
                let operators = vertex.chain(subtask)
                instances.append(operators)
                let chain = operators.enumerated().map { place, entry in
                    ChainedOperator(
                        entry,
                        OperatorContext(
                            jobName: "test",
                            name: place == 0 ? vertex.name : "\(vertex.name).\(place)",
                            uid: "\(index).\(place)", subtask: subtask,
                            parallelism: vertex.parallelism, maxParallelism: maxParallelism,
                            attempt: 0, clock: clock))
                }
                let name = "\(vertex.name) (\(subtask + 1)/\(vertex.parallelism))"
                let task: Task
                if let source = operators[0] as? any SourceOperator {
                    task = Task(
                        name: name, source: source, context: chain[0].context,
                        chain: Array(chain.dropFirst()), outputs: outputs[index][subtask],
                        signal: signal())
                } else {
                    task = Task(
                        name: name, inputs: inputs[index][subtask], chain: chain,
                        outputs: outputs[index][subtask], signal: signal())
                }
                if let onBarrier { task.onBarrier = { onBarrier(name, $0) } }
                result.tasks.append(task)
            }
            result.operators.append(instances)
        }
        return result
    }
}

extension TestGraph.Edge {
    public static func from(
        _ vertex: Int, _ exchange: Exchange, capacity: Channel.Capacity = Channel.Capacity()
    ) -> TestGraph.Edge {
        TestGraph.Edge(from: vertex, exchange: exchange, capacity: capacity)
    }
}
