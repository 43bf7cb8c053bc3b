/// The arguments of a call, and who calls.
public struct Arguments: Sendable {
    public let values: [GatewayValue]
    public let context: CallContext

    init(_ values: [GatewayValue], _ context: CallContext) {
        self.values = values
        self.context = context
    }

    public var count: Int { values.count }

    public subscript(index: Int) -> GatewayValue { values[index] }

    /// The argument as a Swift type.
    /// - Throws: ``JavaThrowable`` if there is no such argument or it is of another type.
    public func get<Value: GatewayConvertible>(
        _ index: Int, as type: Value.Type = Value.self
    ) throws -> Value {
        guard values.indices.contains(index) else {
            throw JavaThrowable.indexOutOfBounds(index, values.count)
        }
        return try Value.fromGateway(values[index])
    }
}

/// A constructor or method: what it accepts and what runs when it is called.
public struct Executable: Sendable {
    public typealias Inline =
        @Sendable (_ receiver: (any GatewayObject)?, _ arguments: Arguments) throws -> GatewayValue
    public typealias Suspending =
        @Sendable (_ receiver: (any GatewayObject)?, _ arguments: Arguments) async throws
        -> GatewayValue

    /// Where the code runs.
    public enum Body: Sendable {
        /// On the connection's event loop, at once. Must not block.
        case inline(Inline)
        /// In a task on the event loop, which serves others while the task waits.
        case suspending(Suspending)
        /// On a thread that may block.
        case blocking(Inline)
    }

    public let name: String
    /// nil: any number of arguments of any type, asked only when no overload fits.
    public let parameters: [ParameterType]?
    /// Name of the result's type, for help pages; `void` for none.
    public let resultName: String
    public let isStatic: Bool
    public let body: Body

    public init(
        name: String, parameters: [ParameterType]?, resultName: String, isStatic: Bool, body: Body
    ) {
        self.name = name
        self.parameters = parameters
        self.resultName = resultName
        self.isStatic = isStatic
        self.body = body
    }
}

/// A field. Constants have no setter.
public struct FieldDescriptor: Sendable {
    public let name: String
    public let type: ParameterType
    public let isStatic: Bool
    let get: @Sendable ((any GatewayObject)?) throws -> GatewayValue
    let set: (@Sendable ((any GatewayObject)?, GatewayValue) throws -> Void)?
}
