public import Columnar
public import PythonWorkers

/// What runs: chains of operators, and the exchanges between them.
public struct JobGraph: Sendable {
    public var name: String
    public var isBatch: Bool
    public var configuration: Configuration
    /// In topological order: an edge leads to a vertex further on.
    public var vertices: [Vertex]

    /// A chain of operators that runs in one task per parallel instance.
    public struct Vertex: Sendable {
        public var operators: [OperatorSpec]
        public var parallelism: Int
        public var maxParallelism: Int
        public var inputs: [Edge]

        /// The operators' names, as Flink joins those of a chain.
        public var name: String { operators.map(\.name).joined(separator: " -> ") }

        /// Their descriptions, likewise.
        public var description: String {
            operators.map(\.description).joined(separator: " -> ")
        }
    }

    /// Where a vertex gets its rows from.
    public struct Edge: Sendable {
        /// Index of the vertex that sends.
        public var source: Int
        public var partitioning: Partitioning
        public var keyType: DataType?
        /// Which input of the vertex's first operator it leads to.
        public var input = 0
        /// Which output of the sender's last operator it comes from; 0 is the main one.
        public var side = 0
    }

    /// One operator of a chain. Adjacent Python functions are one operator.
    public struct OperatorSpec: Sendable {
        /// The nodes of the stream graph that it stands for.
        public var nodeIDs: [Int]
        public var name: String
        /// What plans show; the name unless the user has said more.
        public var description: String
        /// What the operator is known by from one run to the next: the hash that the user has set,
        /// else the user's name for it, else the node's number.
        public var uid: String
        public var kind: Kind
        public var inputType: DataType?
        public var inputKeyType: DataType?
        public var outputType: DataType?
        /// The key (or channel) that its results carry; nil where nothing downstream needs it.
        public var outputKeyType: DataType?
        /// Of the second input, if there is one.
        public var secondInputType: DataType?
        public var secondInputKeyType: DataType?
        /// What it sends aside, in the order of the outputs' numbers from 1 on.
        public var sideOutputs: [PythonStageSpec.SideOutput] = []

        public enum Kind: Sendable {
            case source(SourceSpec)
            case python([PythonStageSpec.Step])
            case watermarks(WatermarkSpec)
            case sink(SinkSpec)
        }
    }
}
