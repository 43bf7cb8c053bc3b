/// Says once what clients may do with a type: the replacement for Java's reflection.
///
/// `Object` is the Swift class, or for an interface a protocol (`any P`). Parameters are written as
/// Swift types, from which the dispatcher knows the Java types for choosing overloads:
/// `Int32` is `int`, `Int64` and `Int` are `long`, `Int32?` is `Integer`, a registered class is
/// itself, ``GatewayValue`` is `Object`.
///
/// Methods come in three kinds: `method` runs at once on the event loop and must not block,
/// `asyncMethod` may suspend and may call Python objects, `blockingMethod` runs on a thread of its
/// own. Overloads of one name may be of different kinds.
public struct TypeRegistration<Object>: Sendable {
    public let name: String
    private let isInterface: Bool
    private let parents: [String]
    private var constructors: [Executable] = []
    private var methods: [Executable] = []
    private var fields: [FieldDescriptor] = []

    /// - Parameters:
    ///   - name: Qualified name; nested classes are written `Outer$Inner`.
    ///   - parents: Superclass and interfaces by name. `java.lang.Object` is implied.
    public init(_ name: String, extends parents: [String] = [], interface: Bool = false) {
        self.name = name
        self.isInterface = interface
        self.parents = parents
    }

    func finish() -> GatewayType {
        GatewayType(
            name: name, isInterface: isInterface, parents: parents, constructors: constructors,
            methods: methods, fields: fields)
    }

    @usableFromInline
    consuming func add(constructor: Executable) -> Self {
        constructors.append(constructor)
        return self
    }

    @usableFromInline
    consuming func add(method: Executable) -> Self {
        methods.append(method)
        return self
    }

    @usableFromInline
    consuming func add(field: FieldDescriptor) -> Self {
        fields.append(field)
        return self
    }

    /// The receiver of an instance method.
    @usableFromInline
    static func receiver(_ object: (any GatewayObject)?) throws -> Object {
        guard let typed = object as? Object else {
            throw JavaThrowable.classCast(object.map { .object($0) } ?? .null, to: "\(Object.self)")
        }
        return typed
    }
}

extension TypeRegistration where Object: GatewayObject {
    /// Registers the class under its own name.
    public init(extends parents: [String] = []) {
        self.init(Object.gatewayName, extends: parents)
    }
}

/// Hands the arguments to a parameter pack one by one.
@usableFromInline
struct ArgumentCursor {
    private let values: [GatewayValue]
    private var index = 0

    @usableFromInline
    init(_ arguments: Arguments) { values = arguments.values }

    @usableFromInline
    mutating func next<Value: GatewayConvertible>(_ type: Value.Type) throws -> Value {
        guard index < values.count else {
            throw JavaThrowable.indexOutOfBounds(index, values.count)
        }
        defer { index += 1 }
        return try Value.fromGateway(values[index])
    }
}

@usableFromInline
func parameterTypes<each Parameter: GatewayConvertible>(
    _ types: repeat (each Parameter).Type
) -> [ParameterType] {
    var result: [ParameterType] = []
    repeat result.append((each types).parameterType)
    return result
}
