import Columnar
import Connectors
import Gateway
import Jobs
import Operators

/// `martlet.Sink`: the end of a stream.
final class SinkObject: GatewayObject, NodeObject {
    static let gatewayName = "martlet.Sink"

    let graph: StreamGraph
    let node: Transformation

    init(_ node: Transformation, in graph: StreamGraph) {
        self.node = node
        self.graph = graph
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(registerSettings(TypeRegistration<SinkObject>()))
    }
}

/// `martlet.CollectSink`: the rows of a stream, as the client reads them.
final class CollectObject: GatewayObject, SessionBound {
    static let gatewayName = "martlet.CollectSink"

    private let queue: CollectQueue
    private let type: DataType

    init(_ queue: CollectQueue, type: DataType) {
        self.queue = queue
        self.type = type
    }

    // Who has no reference to it cannot read, and must not hold the job back.
    deinit { queue.close() }

    var outlivesItsReferences: Bool { false }

    func sessionEnded() { queue.close() }

    /// A byte of flags as in frames of the worker channel, then a BATCH body; nil at the end.
    func next(_ maxRows: Int) async throws -> [UInt8]? {
        guard let batch = try await queue.nextLater(maxRows: maxRows) else { return nil }
        let hasKinds = batch.rowKinds != nil
        let value = Batch(count: batch.count, columns: [batch.columns[0]], rowKinds: batch.rowKinds)
        let size = BatchCodec.encodedSize(value, includeRowKinds: hasKinds)
        return try [UInt8](unsafeUninitializedCapacity: size + 1) { target, count in
            target[0] = hasKinds ? 4 : 0
            let body = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(target)[1...])
            count = 1 + (try BatchCodec.encode(value, includeRowKinds: hasKinds, into: body))
        }
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<CollectObject>()
                .asyncMethod("next", Int.self) { try await $0.next($1) }
                .method("close") { $0.queue.close() }
                .method("type") { $0.type.description })
    }
}

/// `martlet.LatencySink`: how long the rows of a rate-limited sequence were under way.
final class LatencyObject: GatewayObject {
    static let gatewayName = "martlet.LatencySink"

    private let histogram = LatencyHistogram()

    init(_ stream: StreamObject) {
        _ = stream.sink(.latency(histogram), name: "Latency")
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<LatencyObject>()
                .method("quantileNanoseconds", Double.self) { $0.histogram.quantile($1) }
                .method("count") { Int64($0.histogram.count) })
    }
}
