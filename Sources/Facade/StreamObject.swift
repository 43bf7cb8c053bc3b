import Columnar
import Connectors
import Gateway
import Jobs
import Operators
import PythonWorkers

/// `martlet.Stream`: the output of a transformation, and what can be done with it.
final class StreamObject: GatewayObject, NodeObject {
    static let gatewayName = "martlet.Stream"

    let environment: EnvironmentObject
    let node: Transformation
    var graph: StreamGraph { environment.graph }

    init(_ node: Transformation, in environment: EnvironmentObject) {
        self.node = node
        self.environment = environment
    }

    private var type: DataType { node.outputType ?? .pickled }

    /// The type of the keys, where functions see a keyed stream; the channels that a custom
    /// partitioning chooses travel in their place, and are none.
    private var key: DataType? {
        if case .python(let step) = node.kind, step.kind == .keyBy { node.keyType } else { nil }
    }

    private func add(
        _ kind: Transformation.Kind, name: String, type: DataType?, key: DataType? = nil,
        configure: (inout Transformation.Settings) -> Void = { _ in }
    ) -> StreamObject {
        environment.stream(
            graph.add(
                kind, name: name, inputs: [node], outputType: type, keyType: key,
                configure: configure))
    }

    // MARK: Transformations

    func python(
        kind: String, function: [UInt8], outputType: String?, name: String
    ) throws -> StreamObject {
        let stepKind = PythonStageSpec.StepKind(rawValue: kind)
        guard [.map, .filter, .flatMap, .process, .window, .async].contains(stepKind) else {
            throw ValidationError("There is no Python transformation '\(kind)'.")
        }
        guard stepKind != .window || key != nil else {
            throw ValidationError("Windows need a keyed stream: call key_by first.")
        }
        let output = try outputType.map { try DataType(parsing: $0) }
        return add(
            .python(
                .init(
                    stepKind, name: name, function: function, output: output, key: key)),
            name: name, type: output ?? type)
    }

    /// A function over the rows of this stream and of another one.
    func connect(
        _ other: StreamObject, kind: String, function: [UInt8], outputType: String, name: String,
        broadcastStates: [String]
    ) throws -> StreamObject {
        let stepKind = PythonStageSpec.StepKind(rawValue: kind)
        guard PythonStageSpec.StepKind.ofTwoInputs.contains(stepKind) else {
            throw ValidationError("There is no Python transformation '\(kind)' of two streams.")
        }
        guard other.environment === environment else {
            throw ValidationError("Streams of different environments cannot be connected.")
        }
        let isBroadcast = stepKind == .broadcastProcess
        if !isBroadcast, (key == nil) != (other.key == nil) {
            throw ValidationError(
                "Either both or neither of two connected streams must be keyed.")
        }
        if !isBroadcast, let key, let otherKey = other.key, key != otherKey {
            throw ValidationError(
                "The keys of two connected streams must be of one type, not \(key) and "
                    + "\(otherKey).")
        }
        let output = try DataType(parsing: outputType)
        let step = PythonStageSpec.Step(
            stepKind, name: name, function: function, output: output, key: key,
            options: ["broadcast": MessagePack(broadcastStates)])
        return environment.stream(
            graph.add(
                .python(step), name: name, inputs: [node, other.node], outputType: output))
    }

    func sideOutput(tag: String, type text: String) throws -> StreamObject {
        add(.sideOutput(tag: tag), name: "Side output", type: try DataType(parsing: text))
    }

    func assignTimestamps(function: [UInt8], name: String) -> StreamObject {
        add(
            .python(.init(.timestamp, name: name, function: function)), name: name, type: type)
    }

    func keyBy(selector: [UInt8], keyType: String, name: String) throws -> StreamObject {
        let key = try DataType(parsing: keyType)
        return add(
            .python(.init(.keyBy, name: name, function: selector, output: key)), name: name,
            type: type, key: key)
    }

    func reduce(function: [UInt8], name: String) throws -> StreamObject {
        guard key != nil else {
            throw ValidationError("reduce needs a keyed stream: call key_by first.")
        }
        return add(
            .python(
                .init(
                    .reduce, name: name, function: function, key: key,
                    options: ["value": .string(type.description)])),
            name: name, type: type)
    }

    func partition(_ strategy: String) throws -> StreamObject {
        let partitionings: [String: Partitioning] = [
            "forward": .forward, "rebalance": .rebalance, "rescale": .rescale,
            "shuffle": .shuffle, "broadcast": .broadcast, "global": .global,
        ]
        guard let partitioning = partitionings[strategy] else {
            throw ValidationError("There is no partitioning '\(strategy)'.")
        }
        return add(.partition(partitioning), name: "Partition", type: type)
    }

    func partitionCustom(function: [UInt8], name: String) -> StreamObject {
        let channel = DataType.int.notNull()
        return add(
            .python(.init(.partition, name: name, function: function, output: channel)),
            name: name, type: type, key: channel)
    }

    func union(_ others: [StreamObject]) throws -> StreamObject {
        for other in others {
            guard other.environment === environment else {
                throw ValidationError("Streams of different environments cannot be united.")
            }
            guard other.type.kind == type.kind else {
                throw ValidationError(
                    "Cannot union streams of different types: \(type) and \(other.type)")
            }
        }
        return environment.stream(
            graph.add(
                .union, name: "Union", inputs: [node] + others.map(\.node), outputType: type))
    }

    func watermarks(_ strategy: String, options: [String: String]) throws -> StreamObject {
        let settings = Configuration(options)
        let idleness = try settings.integer("idleness-ms").map(Int64.init)
        let chosen: WatermarkStrategy
        switch strategy {
        case "none": chosen = .none
        case "monotonous": chosen = .monotonous
        case "bounded":
            guard let delay = try settings.integer("max-out-of-orderness-ms"), delay >= 0 else {
                throw ValidationError(
                    "A bound of out-of-orderness needs 'max-out-of-orderness-ms', at least 0.")
            }
            chosen = .boundedOutOfOrderness(Int64(delay))
        default: throw ValidationError("There is no watermark strategy '\(strategy)'.")
        }
        return add(
            .watermarks(WatermarkSpec(chosen, idleness: idleness)), name: "Timestamps/Watermarks",
            type: type)
    }

    // MARK: Sinks

    func sink(_ spec: SinkSpec, name: String) -> SinkObject {
        SinkObject(
            graph.add(.sink(spec), name: name, inputs: [node], outputType: nil), in: graph)
    }

    func fileSink(_ options: [String: String]) throws -> SinkObject {
        sink(.files(try validated { try FileSink.Options.validate(options) }), name: "Writer")
    }

    func collect() -> CollectObject {
        let queue = CollectQueue()
        _ = graph.add(
            .sink(.collect(queue)), name: "Collect", inputs: [node], outputType: nil
        ) { $0.isNonParallel = true }
        return CollectObject(queue, type: type)
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(
            registerSettings(TypeRegistration<StreamObject>())
                .method("python", String.self, [UInt8].self, String?.self, String.self) {
                    try $0.python(kind: $1, function: $2, outputType: $3, name: $4)
                }
                .method("keyBy", [UInt8].self, String.self, String.self) {
                    try $0.keyBy(selector: $1, keyType: $2, name: $3)
                }
                .method("reduce", [UInt8].self, String.self) {
                    try $0.reduce(function: $1, name: $2)
                }
                .method(
                    "connect", StreamObject.self, String.self, [UInt8].self, String.self,
                    String.self, JavaList.self
                ) {
                    try $0.connect(
                        $1, kind: $2, function: $3, outputType: $4, name: $5,
                        broadcastStates: $6.typed())
                }
                .method("sideOutput", String.self, String.self) {
                    try $0.sideOutput(tag: $1, type: $2)
                }
                .method("assignTimestamps", [UInt8].self, String.self) {
                    $0.assignTimestamps(function: $1, name: $2)
                }
                .method("partition", String.self) { try $0.partition($1) }
                .method("partitionCustom", [UInt8].self, String.self) {
                    $0.partitionCustom(function: $1, name: $2)
                }
                .method("union", JavaList.self) { try $0.union($1.typed()) }
                .method("watermarks", String.self, JavaMap.self) {
                    try $0.watermarks($1, options: $2.strings())
                }
                .method("print", String?.self, Bool.self) {
                    $0.sink(
                        .print(identifier: $1, toStandardError: $2),
                        name: $2 ? "Print to Std. Err" : "Print to Std. Out")
                }
                .method("fileSink", JavaMap.self) { try $0.fileSink($1.strings()) }
                .method("discard", String.self) { $0.sink(.discard, name: $1) }
                .method("collect") { $0.collect() }
                .method("measureLatency") { stream in
                    LatencyObject(stream)
                }
                .method("type") { $0.type.description }
                .method("isKeyed") { $0.node.keyType != nil }
                .method("keyType") { $0.node.keyType?.description })
    }
}
