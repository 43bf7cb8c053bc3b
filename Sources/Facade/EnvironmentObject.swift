import Columnar
import Connectors
import Gateway
import Jobs

/// `martlet.StreamEnvironment`: a job graph under construction, and its configuration.
final class EnvironmentObject: GatewayObject {
    static let gatewayName = "martlet.StreamEnvironment"

    let graph: StreamGraph
    let service: JobService

    init(service: JobService) {
        self.service = service
        graph = StreamGraph(defaultParallelism: service.defaultParallelism)
    }

    func stream(_ node: Transformation) -> StreamObject { StreamObject(node, in: self) }

    // MARK: Sources

    func fromBatches(_ bodies: [[UInt8]], type text: String, name: String) throws -> StreamObject {
        let type = try DataType(parsing: text)
        let batches = try bodies.map { body in
            try body.withUnsafeBytes {
                try BatchCodec.decode(body: Buffer(copying: $0), types: [type])
            }
        }
        return stream(
            graph.add(.source(.rows(batches)), name: name, outputType: type) {
                $0.isNonParallel = true
            })
    }

    func numberSequence(from: Int64, to: Int64, name: String) throws -> StreamObject {
        _ = try validated { try SequenceRange(from: from, to: to) }
        return stream(
            graph.add(
                .source(.numberSequence(from: from, to: to)), name: name,
                outputType: NumberSequenceSource.outputType))
    }

    func textFiles(
        _ paths: [String], options: [String: String], name: String
    ) throws -> StreamObject {
        let settings = Configuration(options)
        var inputOptions = TextFileInput.Options()
        if let charset = settings["charset"] { inputOptions.charset = charset }
        inputOptions.isSplittable = try settings.boolean("splittable") ?? true
        inputOptions.monitorInterval = try settings.integer("monitor-interval-ms").map(Int64.init)
        inputOptions.emitsPaths = try settings.boolean("paths") ?? false
        let input = try validated { try TextFileInput(paths, options: inputOptions) }
        return stream(
            graph.add(
                .source(.textFiles(input)), name: name,
                outputType: .string
            ) {
                // Whoever reads the files shares them out among its instances.
                $0.isNonParallel = inputOptions.emitsPaths
            })
    }

    func chainedSource(_ streams: [StreamObject], name: String) throws -> StreamObject {
        let sources = try streams.enumerated().map { index, stream -> SourceSpec in
            guard stream.environment === self, case .source(let source) = stream.node.kind else {
                throw ValidationError(
                    "'\(graph.settings(of: stream.node).name)' cannot be part of a hybrid source: "
                        + "only what the runtime reads by itself can, such as lines of text files "
                        + "and number sequences.")
            }
            guard source.isBounded || index == streams.count - 1 else {
                throw ValidationError(
                    "Only the last source of a hybrid source may be unbounded, and source "
                        + "\(index + 1) of \(streams.count) is.")
            }
            return source
        }
        guard let type = streams.first?.node.outputType else {
            throw ValidationError("A hybrid source needs at least one source.")
        }
        for case let other? in streams.map(\.node.outputType) where other != type {
            throw ValidationError(
                "The sources of a hybrid source must be of one type, not \(type) and \(other).")
        }
        return stream(
            graph.add(.source(.chained(sources, SourceSwitch())), name: name, outputType: type))
    }

    func rateLimitedSequence(rate: Int64, count: Int64, name: String) throws -> StreamObject {
        guard rate > 0 else {
            throw ValidationError("The rate must be at least one row per second, but is \(rate).")
        }
        var options = RateLimitedSequenceSource.Options(
            range: try validated { try SequenceRange(from: 1, to: count) },
            rowsPerSecond: Double(rate))
        options.includesCreationTime = true
        return stream(
            graph.add(
                .source(.rateLimitedSequence(options)), name: name, outputType: options.outputType))
    }

    func execute(_ name: String?, isDetached: Bool) throws -> JobObject {
        JobObject(
            try service.submit(graph.jobGraph(named: name, clearing: true)),
            isDetached: isDetached)
    }

    static func register(in registry: inout TypeRegistry, service: JobService) {
        registry.register(
            TypeRegistration<EnvironmentObject>()
                .constructor { EnvironmentObject(service: service) }
                .method("set", String.self, String.self) { environment, key, value in
                    environment.graph.configuration[key] = value
                }
                .method("get", String.self) { $0.graph.configuration[$1] }
                .method("remove", String.self) { environment, key in
                    environment.graph.configuration[key] = nil
                }
                .method("settings") { JavaMap(strings: $0.graph.configuration.values) }
                .method("setParallelism", Int.self) { try $0.graph.setParallelism($1) }
                .method("getParallelism") { Int32($0.graph.parallelism) }
                .method("setMaxParallelism", Int.self) { try $0.graph.setMaxParallelism($1) }
                .method("getMaxParallelism") { Int32($0.graph.maxParallelism ?? -1) }
                .method("fromRows", [UInt8].self, String.self, String.self) {
                    try $0.fromBatches([$1], type: $2, name: $3)
                }
                .method("fromBatches", JavaList.self, String.self, String.self) {
                    try $0.fromBatches($1.typed(), type: $2, name: $3)
                }
                .method("numberSequence", Int64.self, Int64.self, String.self) {
                    try $0.numberSequence(from: $1, to: $2, name: $3)
                }
                .method("chainedSource", JavaList.self, String.self) {
                    try $0.chainedSource($1.typed(), name: $2)
                }
                .blockingMethod("textFiles", JavaList.self, JavaMap.self, String.self) {
                    try $0.textFiles($1.typed(), options: $2.strings(), name: $3)
                }
                .method("rateLimitedSequence", Int64.self, Int64.self, String.self) {
                    try $0.rateLimitedSequence(rate: $1, count: $2, name: $3)
                }
                .blockingMethod("execute", String?.self) {
                    try $0.execute($1, isDetached: false)
                }
                .blockingMethod("execute", String?.self, Bool.self) {
                    try $0.execute($1, isDetached: $2)
                }
                .method("executionPlan") {
                    try $0.graph.jobGraph(named: nil, clearing: false).plan()
                }
                .method("clear") { $0.graph.clear() })
    }
}
