public import Columnar

/// What a Python stage does: the part of OPEN (`docs/worker-protocol.md`) that the plan knows.
public struct PythonStageSpec: Sendable {
    /// One function of the stage, applied to each row in turn.
    public struct Step: Sendable {
        public var kind: StepKind
        /// The display name of the operator, for messages.
        public var name: String
        /// The function, as cloudpickle made it.
        public var function: [UInt8]
        /// The type of the value after this step; nil for kinds that do not change it.
        public var output: DataType?
        /// Further entries of the step's map, for kinds that need them.
        public var options: [String: MessagePack]

        public init(
            _ kind: StepKind, name: String, function: [UInt8], output: DataType? = nil,
            options: [String: MessagePack] = [:]
        ) {
            self.kind = kind
            self.name = name
            self.function = function
            self.output = output
            self.options = options
        }
    }

    /// What a step does with the rows.
    public struct StepKind: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public static let map = StepKind(rawValue: "map")
        public static let filter = StepKind(rawValue: "filter")
        public static let flatMap = StepKind(rawValue: "flat_map")
        public static let keyBy = StepKind(rawValue: "key_by")
        public static let reduce = StepKind(rawValue: "reduce")
        /// The last step of a stage, whose result becomes the output key: the index of a channel.
        public static let partition = StepKind(rawValue: "partition")
        /// No function: values become what their type makes of them, as behind an exchange.
        public static let exchange = StepKind(rawValue: "exchange")
    }

    public enum Mode: String, Sendable { case streaming, batch }

    /// What the functions may import and read.
    public struct Files: Sendable {
        /// Directories for `sys.path`.
        public var searchPath: [String]
        public var workingDirectory: String
        public var files: [String]
        /// Directories of packages installed for the job, which come before `searchPath`.
        public var requirements: [String]
        /// Unpacked below `workDirectory`, under the name.
        public var archives: [(path: String, name: String)]
        /// A private directory of the job, or "".
        public var workDirectory: String

        public init(
            searchPath: [String] = [], workingDirectory: String = "", files: [String] = [],
            requirements: [String] = [], archives: [(path: String, name: String)] = [],
            workDirectory: String = ""
        ) {
            self.searchPath = searchPath
            self.workingDirectory = workingDirectory
            self.files = files
            self.requirements = requirements
            self.archives = archives
            self.workDirectory = workDirectory
        }
    }

    public var steps: [Step]
    /// The type of the value of the rows that come in, and of their key, if they have one.
    public var input: DataType
    public var inputKey: DataType?
    /// The type of the value of the rows that go out, and of their key, if they get one.
    public var output: DataType
    public var outputKey: DataType?
    public var mode: Mode
    /// The configuration of the job.
    public var configuration: [String: String]
    public var files: Files

    public init(
        steps: [Step], input: DataType, inputKey: DataType? = nil, output: DataType,
        outputKey: DataType? = nil, mode: Mode = .streaming, configuration: [String: String] = [:],
        files: Files = Files()
    ) {
        self.steps = steps
        self.input = input
        self.inputKey = inputKey
        self.output = output
        self.outputKey = outputKey
        self.mode = mode
        self.configuration = configuration
        self.files = files
    }
}
