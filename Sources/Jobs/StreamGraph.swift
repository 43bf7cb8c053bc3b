public import Columnar
import Synchronization

/// The graph that a program builds, call by call, and the settings it runs under.
///
/// Calls come from the gateway's threads; one lock guards the graph and its nodes.
public final class StreamGraph: @unchecked Sendable {
    private let lock = Mutex(())
    /// Guarded by `lock`, as are the nodes themselves.
    private var nodes: [Transformation] = []
    private var nextID = 1
    private var settings: Configuration
    private var defaultParallelism: Int
    private var defaultMaxParallelism: Int?

    public init(defaultParallelism: Int) {
        self.defaultParallelism = defaultParallelism
        self.settings = Configuration()
    }

    /// Runs `body` while no other call can see or change the graph.
    public func locked<R>(_ body: () throws -> R) rethrows -> R {
        lock._unsafeLock()
        defer { lock._unsafeUnlock() }
        return try body()
    }

    // MARK: Settings

    public var configuration: Configuration {
        get { locked { settings } }
        set { locked { settings = newValue } }
    }

    public var parallelism: Int { locked { defaultParallelism } }
    public var maxParallelism: Int? { locked { defaultMaxParallelism } }

    public func setParallelism(_ value: Int) throws {
        try Self.checkParallelism(value)
        locked { defaultParallelism = value }
    }

    public func setMaxParallelism(_ value: Int) throws {
        try Self.checkMaxParallelism(value)
        locked { defaultMaxParallelism = value }
    }

    /// Refuses what can be no parallelism.
    public static func checkParallelism(_ value: Int) throws {
        guard value >= 1 && value <= 1 << 15 else {
            throw ValidationError(
                "The parallelism must be between 1 and \(1 << 15), but is \(value).")
        }
    }

    /// Refuses what can be no maximum parallelism.
    public static func checkMaxParallelism(_ value: Int) throws {
        guard value >= 1 && value <= 1 << 15 else {
            throw ValidationError(
                "The maximum parallelism must be between 1 and \(1 << 15), but is \(value).")
        }
    }

    // MARK: Nodes

    /// Adds a node. `name` is what plans and messages call it until the user says otherwise.
    public func add(
        _ kind: Transformation.Kind, name: String, inputs: [Transformation] = [],
        outputType: DataType?, keyType: DataType? = nil,
        configure: (inout Transformation.Settings) -> Void = { _ in }
    ) -> Transformation {
        locked {
            var nodeSettings = Transformation.Settings(name: name)
            nodeSettings.inheritedParallelism = defaultParallelism
            configure(&nodeSettings)
            let node = Transformation(
                id: nextID, kind: kind, inputs: inputs, outputType: outputType, keyType: keyType,
                settings: nodeSettings)
            nextID += 1
            nodes.append(node)
            return node
        }
    }

    /// Changes a node's settings.
    public func update(
        _ node: Transformation, _ change: (inout Transformation.Settings) throws -> Void
    ) rethrows {
        try locked { try change(&node.settings) }
    }

    public func settings(of node: Transformation) -> Transformation.Settings {
        locked { node.settings }
    }

    /// The parallelism a node runs with.
    public func parallelism(of node: Transformation) -> Int {
        locked { JobGraphBuilder.parallelism(of: node, default: defaultParallelism) }
    }

    /// The nodes and all that they depend on, which an earlier job may have used as well; in the
    /// order in which the program made them.
    private static func withInputs(_ nodes: [Transformation]) -> [Transformation] {
        var found: [Int: Transformation] = [:]
        // Where nothing reads a source, there is nothing to run.
        var left = nodes.filter { !$0.inputs.isEmpty }
        while let node = left.popLast() {
            guard found.updateValue(node, forKey: node.id) == nil else { continue }
            left += node.inputs
        }
        return found.values.sorted { $0.id < $1.id }
    }

    public func clear() { locked { nodes.removeAll() } }

    /// The job graph of what was built so far; with `clearing` it is for a run, and the next job
    /// starts afresh.
    public func jobGraph(named name: String?, clearing: Bool) throws -> JobGraph {
        try locked {
            guard nodes.contains(where: { $0.isOperator && !$0.inputs.isEmpty }) else {
                throw ValidationError(
                    "No operators defined in streaming topology. Cannot execute.")
            }
            let graph = try JobGraphBuilder(
                name: name ?? settings["pipeline.name"] ?? "Flink Streaming Job",
                nodes: Self.withInputs(nodes),
                configuration: settings, defaultParallelism: defaultParallelism,
                defaultMaxParallelism: defaultMaxParallelism
            ).build()
            if clearing {
                try graph.checkRunnable()
                nodes.removeAll()
            }
            return graph
        }
    }
}
