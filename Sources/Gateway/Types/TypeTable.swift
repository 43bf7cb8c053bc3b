import Py4J

/// A type with everything it inherits, ready for dispatch. Immutable.
final class ResolvedType: Sendable {
    let declared: GatewayType
    /// Superclasses and interfaces with their distance, this type itself at 0.
    let distances: [String: Int]
    /// Own and inherited methods, instance and static, by name.
    let methods: [String: [Executable]]
    let fields: [String: FieldDescriptor]
    /// Which Python class wraps references to objects of this type.
    let kind: ReferenceKind

    var name: String { declared.name }

    init(
        declared: GatewayType, distances: [String: Int], methods: [String: [Executable]],
        fields: [String: FieldDescriptor], kind: ReferenceKind
    ) {
        self.declared = declared
        self.distances = distances
        self.methods = methods
        self.fields = fields
        self.kind = kind
    }
}

/// All types of a gateway, resolved. Immutable, so that every event loop reads it without a lock.
final class TypeTable: Sendable {
    static let objectName = "java.lang.Object"

    private let types: [String: ResolvedType]
    /// For objects of types that were not registered, and for all arrays.
    let fallback: ResolvedType
    let array: ResolvedType

    init(_ registry: TypeRegistry) {
        var resolved: [String: ResolvedType] = [:]
        for name in registry.types.keys {
            _ = Self.resolve(name, registry, &resolved, path: [])
        }
        let object =
            resolved[Self.objectName]
            ?? ResolvedType(
                declared: GatewayType(
                    name: Self.objectName, isInterface: false, parents: [], constructors: [],
                    methods: [], fields: []),
                distances: [Self.objectName: 0], methods: [:], fields: [:], kind: .object)
        types = resolved
        fallback = object
        array = ResolvedType(
            declared: object.declared, distances: object.distances, methods: object.methods,
            fields: [:], kind: .array)
    }

    /// The type with this very name; nil if it is not registered.
    func named(_ name: String) -> ResolvedType? { types[name] }

    /// Simple names of the classes nested in this one.
    func nestedNames(of name: String) -> [String] {
        types.keys.compactMap { full in
            guard full.hasPrefix(name + "$") else { return nil }
            let rest = full.dropFirst(name.count + 1)
            return rest.contains("$") ? nil : String(rest)
        }.sorted()
    }

    /// The type by which to treat an object of this name.
    func type(of object: any GatewayObject) -> ResolvedType {
        let name = object.gatewayTypeName
        if let type = types[name] { return type }
        if name.hasPrefix("[") { return array }
        // An exception of a class that nobody registered is still an exception.
        if object is JavaThrowable, let throwable = types["java.lang.RuntimeException"] {
            return throwable
        }
        return types[Swift.type(of: object).gatewayName] ?? fallback
    }

    private static func resolve(
        _ name: String, _ registry: TypeRegistry, _ resolved: inout [String: ResolvedType],
        path: Set<String>
    ) -> ResolvedType? {
        if let known = resolved[name] { return known }
        // A registration that names itself among its ancestors is a mistake; it gets no parents.
        guard let declared = registry.types[name], !path.contains(name) else { return nil }
        var parentNames = declared.parents
        if name != objectName, !parentNames.contains(objectName) { parentNames.append(objectName) }
        let parents = parentNames.compactMap {
            resolve($0, registry, &resolved, path: path.union([name]))
        }
        var distances = [name: 0]
        for parent in parents {
            for (ancestor, distance) in parent.distances where ancestor != objectName {
                distances[ancestor] = min(distances[ancestor] ?? .max, distance + 1)
            }
        }
        if name != objectName {
            // The root is reached through superclasses only, as in Java.
            let depths = parents.lazy.filter { !$0.declared.isInterface }
                .map { $0.distances[objectName] ?? 0 }
            distances[objectName] = 1 + (depths.max() ?? 0)
        }
        var methods: [String: [Executable]] = [:]
        var fields: [String: FieldDescriptor] = [:]
        for method in declared.methods { methods[method.name, default: []].append(method) }
        for field in declared.fields { fields[field.name] = field }
        for parent in parents {
            for (name, overloads) in parent.methods {
                for overload in overloads
                where !(methods[name] ?? []).contains(where: {
                    $0.parameters == overload.parameters
                }) {
                    methods[name, default: []].append(overload)
                }
            }
            fields.merge(parent.fields) { own, _ in own }
        }
        let type = ResolvedType(
            declared: declared, distances: distances, methods: methods, fields: fields,
            kind: kind(distances))
        resolved[name] = type
        return type
    }

    private static func kind(_ distances: [String: Int]) -> ReferenceKind {
        if distances["java.util.List"] != nil { return .list }
        if distances["java.util.Map"] != nil { return .map }
        if distances["java.util.Set"] != nil { return .set }
        if distances["java.util.Iterator"] != nil { return .iterator }
        return .object
    }
}
