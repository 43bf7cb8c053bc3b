import Gateway
import Jobs

/// What streams and sinks have in common: the settings of the operator behind them.
protocol NodeObject: GatewayObject {
    var graph: StreamGraph { get }
    var node: Transformation { get }
}

extension NodeObject {
    fileprivate func set(
        _ change: (inout Transformation.Settings) throws -> Void
    ) rethrows -> Self {
        try graph.update(node, change)
        return self
    }

    fileprivate func setParallelism(_ value: Int) throws -> Self {
        try StreamGraph.checkParallelism(value)
        return try set { settings in
            guard value == 1 || !settings.isNonParallel else {
                throw ValidationError(
                    "The parallelism of non parallel operator must be 1: '\(settings.name)'.")
            }
            settings.parallelism = value
        }
    }

    /// Adds the settings to a type's registration.
    static func registerSettings(_ type: TypeRegistration<Self>) -> TypeRegistration<Self> {
        type
            .method("setName", String.self) { object, name in object.set { $0.name = name } }
            .method("setDescription", String.self) { object, text in
                object.set { $0.description = text }
            }
            .method("setUid", String.self) { object, uid in object.set { $0.uid = uid } }
            .method("setUidHash", String.self) { object, hash in object.set { $0.uidHash = hash } }
            .method("setParallelism", Int.self) { try $0.setParallelism($1) }
            .method("setMaxParallelism", Int.self) { object, value in
                try StreamGraph.checkMaxParallelism(value)
                return object.set { $0.maxParallelism = value }
            }
            .method("setBufferTimeout", Int.self) { object, value in
                object.set { $0.bufferTimeout = value }
            }
            .method("startNewChain") { object in object.set { $0.chaining = .head } }
            .method("disableChaining") { object in object.set { $0.chaining = .never } }
            .method("slotSharingGroup", String.self) { object, group in
                object.set { $0.slotSharingGroup = group }
            }
            .method("forceNonParallel") { object in
                object.set {
                    $0.parallelism = 1
                    $0.isNonParallel = true
                }
            }
            .method("id") { Int32($0.node.id) }
            .method("name") { $0.graph.settings(of: $0.node).name }
            .method("parallelism") { Int32($0.graph.parallelism(of: $0.node)) }
            .method("maxParallelism") {
                Int32(
                    $0.graph.settings(of: $0.node).maxParallelism ?? $0.graph.maxParallelism ?? -1)
            }
    }
}
