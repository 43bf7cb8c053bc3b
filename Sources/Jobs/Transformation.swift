public import Columnar
public import Connectors
public import Operators
public import PythonWorkers

/// A node of the graph that a program builds: what to do, with which settings, on which inputs.
///
/// Sound to share: everything but `settings` is constant, and these are guarded by the lock of the
/// `StreamGraph` that made the node.
public final class Transformation: @unchecked Sendable {
    public let id: Int
    public let kind: Kind
    public let inputs: [Transformation]
    public let outputType: DataType?
    /// The key's type, where the rows of this node carry a key.
    public let keyType: DataType?
    public var settings: Settings

    init(
        id: Int, kind: Kind, inputs: [Transformation], outputType: DataType?,
        keyType: DataType? = nil, settings: Settings
    ) {
        self.id = id
        self.kind = kind
        self.inputs = inputs
        self.outputType = outputType
        self.keyType = keyType
        self.settings = settings
    }

    public enum Kind: Sendable {
        case source(SourceSpec)
        /// One Python function; its display name is the node's.
        case python(PythonStageSpec.Step)
        case watermarks(WatermarkSpec)
        /// Says how rows reach the consumers; no operator of its own.
        case partition(Partitioning)
        /// The rows of all inputs; no operator of its own.
        case union
        /// The rows that its input sends aside under a tag; no operator of its own.
        case sideOutput(tag: String)
        case sink(SinkSpec)
    }

    /// What a user may set on a node; nil: the default applies.
    public struct Settings: Sendable {
        public var name: String
        public var description: String?
        public var uid: String?
        public var uidHash: String?
        public var parallelism: Int?
        /// The environment's when the node was made: it applies where none is set.
        var inheritedParallelism: Int?
        public var maxParallelism: Int?
        public var slotSharingGroup: String?
        public var bufferTimeout: Int?
        public var chaining: Chaining = .always
        /// Set where more than one parallel instance would be wrong.
        public var isNonParallel = false

        public init(name: String) { self.name = name }
    }

    /// Whether an operator may share a task with the one before it, and with those after it.
    public enum Chaining: Sendable { case always, head, never }

    /// Whether the node only says where rows go, by their key or by a partitioner's choice.
    var isSelector: Bool {
        if case .python(let step) = kind {
            step.kind == .keyBy || step.kind == .partition
        } else {
            false
        }
    }

    /// Whether the node stands for an operator, and not merely for how rows travel.
    var isOperator: Bool {
        switch kind {
        case .partition, .union, .sideOutput: false
        default: true
        }
    }
}

/// How rows of one operator's instances reach the next one's.
public enum Partitioning: Sendable, Hashable {
    case forward, rebalance, rescale, shuffle, broadcast, global
    /// By the key group of the key in column 1.
    case hash
    /// To the channel whose index stands in column 1.
    case custom

    /// The name in Flink's plan.
    var strategyName: String {
        switch self {
        case .forward: "FORWARD"
        case .rebalance: "REBALANCE"
        case .rescale: "RESCALE"
        case .shuffle: "SHUFFLE"
        case .broadcast: "BROADCAST"
        case .global: "GLOBAL"
        case .hash: "HASH"
        case .custom: "CUSTOM"
        }
    }
}

public indirect enum SourceSpec: Sendable {
    case rows([Batch])
    case numberSequence(from: Int64, to: Int64)
    case textFiles(TextFileInput)
    /// Numbers at a steady rate, each with the time it was made.
    case rateLimitedSequence(RateLimitedSequenceSource.Options)
    /// One after the other.
    case chained([SourceSpec], SourceSwitch)

    public var isBounded: Bool {
        switch self {
        case .textFiles(let input): input.isBounded
        case .chained(let sources, _): sources.allSatisfy(\.isBounded)
        case .rows, .numberSequence, .rateLimitedSequence: true
        }
    }
}

/// Which watermarks follow from the timestamps of the rows.
public struct WatermarkSpec: Sendable {
    public var strategy: WatermarkStrategy
    /// Milliseconds without rows after which the stream counts as idle.
    public var idleness: Int64?

    public init(_ strategy: WatermarkStrategy, idleness: Int64? = nil) {
        self.strategy = strategy
        self.idleness = idleness
    }
}

public enum SinkSpec: Sendable {
    case print(identifier: String?, toStandardError: Bool)
    case files(FileSink.Options)
    case discard
    case collect(CollectQueue)
    /// Measures the time since each row of a rate-limited sequence was made.
    case latency(LatencyHistogram)
}
