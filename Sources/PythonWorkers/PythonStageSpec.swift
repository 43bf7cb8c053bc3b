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
        /// The type of the current key, of a step on a keyed stream.
        public var key: DataType?
        /// Further entries of the step's map, for kinds that need them.
        public var options: [String: MessagePack]

        public init(
            _ kind: StepKind, name: String, function: [UInt8], output: DataType? = nil,
            key: DataType? = nil, options: [String: MessagePack] = [:]
        ) {
            self.kind = kind
            self.name = name
            self.function = function
            self.output = output
            self.key = key
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
        public static let process = StepKind(rawValue: "process")
        /// Results come later: the first step of a stage.
        public static let async = StepKind(rawValue: "async")
        public static let coMap = StepKind(rawValue: "co_map")
        public static let coFlatMap = StepKind(rawValue: "co_flat_map")
        public static let coProcess = StepKind(rawValue: "co_process")
        public static let broadcastProcess = StepKind(rawValue: "broadcast_process")
        /// Sets the time of the row.
        public static let timestamp = StepKind(rawValue: "timestamp")

        /// The kinds whose functions see the rows of two inputs.
        public static let ofTwoInputs: Set<StepKind> = [
            .coMap, .coFlatMap, .coProcess, .broadcastProcess,
        ]
        /// The kinds whose functions may set timers, if the stream is keyed.
        public static let withTimers: Set<StepKind> = [
            .process, .coProcess, .broadcastProcess, .window,
        ]
        /// Keyed windows; state and timers belong to a key and a window of it.
        public static let window = StepKind(rawValue: "window")

        /// No function: values become what their type makes of them, as behind an exchange.
        public static let exchange = StepKind(rawValue: "exchange")
    }

    /// Rows that a process function sends aside, under an `OutputTag`.
    public struct SideOutput: Hashable, Sendable {
        public var tag: String
        public var type: DataType

        public init(tag: String, type: DataType) {
            self.tag = tag
            self.type = type
        }
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
    /// Of the second input, if there is one.
    public var secondInput: DataType?
    public var secondInputKey: DataType?
    /// What the functions may send aside, in the order of the outputs' numbers from 1 on.
    public var sideOutputs: [SideOutput]
    public var mode: Mode
    /// The configuration of the job.
    public var configuration: [String: String]
    public var files: Files

    public init(
        steps: [Step], input: DataType, inputKey: DataType? = nil, output: DataType,
        outputKey: DataType? = nil, secondInput: DataType? = nil, secondInputKey: DataType? = nil,
        sideOutputs: [SideOutput] = [], mode: Mode = .streaming,
        configuration: [String: String] = [:], files: Files = Files()
    ) {
        self.steps = steps
        self.input = input
        self.inputKey = inputKey
        self.output = output
        self.outputKey = outputKey
        self.secondInput = secondInput
        self.secondInputKey = secondInputKey
        self.sideOutputs = sideOutputs
        self.mode = mode
        self.configuration = configuration
        self.files = files
    }
}

extension PythonStageSpec {
    /// By what the timers of a step are addressed.
    struct TimerKey {
        var type: DataType
        /// It is `(key, start, end)` of a window.
        var isWindowed: Bool
    }

    /// The keys of the timers of the steps that may set any, by step. In batch mode, where the
    /// timers of a key fire after its last row, the worker keeps them itself.
    var timerKeys: [Int: TimerKey] {
        guard mode == .streaming else { return [:] }
        var keys: [Int: TimerKey] = [:]
        for (index, step) in steps.enumerated() where StepKind.withTimers.contains(step.kind) {
            guard let key = step.key else { continue }
            let isWindowed = step.kind == .window
            keys[index] = TimerKey(
                type: isWindowed ? Self.windowed(key) : key, isWindowed: isWindowed)
        }
        return keys
    }

    private static func windowed(_ key: DataType) -> DataType {
        let bound = DataType.bigInt.notNull()
        let fields = [key, bound, bound].enumerated().map { DataType.Field("f\($0)", $1) }
        return DataType(.row(fields, style: .tuple), nullable: false)
    }
}
