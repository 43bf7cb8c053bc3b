public import Dataflow
public import State

/// Makes the backend for the keyed state of each instance of an operator.
public protocol KeyedStateBackends: Sendable {
    func make(for context: OperatorContext) throws -> any KeyedStateBackend
}

/// State in memory.
public struct HeapStateBackends: KeyedStateBackends {
    public init() {}

    public func make(for context: OperatorContext) throws -> any KeyedStateBackend {
        HeapStateBackend()
    }
}
