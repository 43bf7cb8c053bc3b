/// What the configuration says about which operators may share a task.
struct ChainingRules {
    var isEnabled: Bool
    /// Whether operators of different maximum parallelism may.
    var allowsDifferentMaxParallelism: Bool

    init(_ configuration: Configuration) throws {
        // The second key is the one of older versions of Flink.
        isEnabled =
            try configuration.boolean("pipeline.operator-chaining.enabled")
            ?? configuration.boolean("pipeline.operator-chaining") ?? true
        allowsDifferentMaxParallelism =
            try configuration.boolean(
                "pipeline.operator-chaining.chain-operators-with-different-max-parallelism") ?? true
    }
}
