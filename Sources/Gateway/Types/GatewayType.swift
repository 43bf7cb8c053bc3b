/// What a ``TypeRegistration`` has said about one type. Immutable.
public final class GatewayType: Sendable {
    public let name: String
    public let isInterface: Bool
    /// Superclass and interfaces, in the order given.
    public let parents: [String]
    let constructors: [Executable]
    let methods: [Executable]
    let fields: [FieldDescriptor]

    init(
        name: String, isInterface: Bool, parents: [String], constructors: [Executable],
        methods: [Executable], fields: [FieldDescriptor]
    ) {
        self.name = name
        self.isInterface = isInterface
        self.parents = parents
        self.constructors = constructors
        self.methods = methods
        self.fields = fields
    }
}

/// The types that a gateway exposes, by qualified name.
///
/// ```swift
/// var registry = TypeRegistry.standard
/// registry.register(
///     TypeRegistration<Stream>()
///         .method("setName", String.self) { stream, name in stream.rename(name) })
/// ```
public struct TypeRegistry: Sendable {
    private(set) var types: [String: GatewayType] = [:]

    /// No types at all, not even `java.lang.Object`.
    public init() {}

    /// Adds a type, or replaces the one of the same name.
    public mutating func register<Object>(_ registration: TypeRegistration<Object>) {
        types[registration.name] = registration.finish()
    }

    /// The names of all types, in no order.
    public var names: [String] { Array(types.keys) }
}
