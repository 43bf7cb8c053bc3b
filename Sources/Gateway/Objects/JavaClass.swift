/// `java.lang.Class`.
final class JavaClass: GatewayObject {
    static let gatewayName = "java.lang.Class"

    let name: String
    private let types: TypeTable

    init(_ name: String, _ types: TypeTable) {
        self.name = name
        self.types = types
    }

    private var type: ResolvedType? { types.named(name) }
    private var isPrimitive: Bool { ParameterType.primitive(name) != nil }

    func gatewayEquals(_ other: GatewayValue) -> Bool {
        guard case .object(let object as JavaClass) = other else { return false }
        return object.name == name
    }

    var gatewayHashCode: Int32 { Nesting.hash(name) }

    var gatewayDescription: String {
        if isPrimitive { return name }
        return (type?.declared.isInterface == true ? "interface " : "class ") + name
    }

    private func distance(from other: JavaClass) -> Int? {
        name == other.name ? 0 : other.type?.distances[name]
    }

    static let registration = TypeRegistration<JavaClass>(extends: ["java.lang.reflect.Type"])
        .method("getName") { $0.name }
        .method("getTypeName") { JavaNames.canonical($0.name) }
        .method("getCanonicalName") { JavaNames.canonical($0.name) }
        .method("getSimpleName") { JavaNames.short(JavaNames.canonical($0.name)) }
        .method("getPackageName") { JavaNames.package($0.name) }
        .method("isInterface") { $0.type?.declared.isInterface ?? false }
        .method("isPrimitive") { $0.isPrimitive }
        .method("isArray") { $0.name.hasPrefix("[") }
        .method("isEnum") { $0.type?.distances["java.lang.Enum"] != nil }
        .method("getComponentType") { type in
            JavaNames.element(of: type.name).map { JavaClass($0, type.types) }
        }
        .method("getSuperclass") { type in
            guard type.name != TypeTable.objectName, let declared = type.type?.declared,
                !declared.isInterface
            else { return JavaClass?.none }
            let parent = declared.parents.first {
                type.types.named($0)?.declared.isInterface == false
            }
            return JavaClass(parent ?? TypeTable.objectName, type.types)
        }
        .method("getInterfaces") { type in
            let interfaces = (type.type?.declared.parents ?? []).filter {
                type.types.named($0)?.declared.isInterface == true
            }
            return JavaArray(
                element: gatewayName, interfaces.map { .object(JavaClass($0, type.types)) })
        }
        .method("isAssignableFrom", JavaClass.self) { $0.distance(from: $1) != nil }
        .rawMethod("isInstance") { type, arguments in
            let value = try arguments.get(0, as: GatewayValue.self)
            return .bool(arguments.context.isInstance(value, of: type.name) ?? false)
        }
        .rawStaticMethod("forName") { arguments in
            let name = try arguments.get(0, as: String.self)
            let types = arguments.context.dispatcher.types
            guard types.named(name) != nil else { throw Dispatcher.classNotFound(name) }
            return .object(JavaClass(name, types))
        }
}
