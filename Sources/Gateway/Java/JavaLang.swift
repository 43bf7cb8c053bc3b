/// A plain `java.lang.Object`.
final class JavaObject: GatewayObject {
    static let gatewayName = TypeTable.objectName
}

/// A constant of a Java enumeration.
public final class JavaEnumConstant: GatewayComparable {
    public static let gatewayName = "java.lang.Enum"

    public let typeName: String
    public let name: String
    public let ordinal: Int

    init(typeName: String, name: String, ordinal: Int) {
        self.typeName = typeName
        self.name = name
        self.ordinal = ordinal
    }

    public var gatewayTypeName: String { typeName }
    public var gatewayDescription: String { name }
    public var gatewayHashCode: Int32 { Nesting.hash(name) }

    public func gatewayEquals(_ other: GatewayValue) -> Bool {
        guard case .object(let object as JavaEnumConstant) = other else { return false }
        return object.typeName == typeName && object.ordinal == ordinal
    }

    public func gatewayCompare(to other: GatewayValue) throws -> Int {
        guard case .object(let object as JavaEnumConstant) = other, object.typeName == typeName
        else { throw JavaThrowable.classCast(other, to: typeName) }
        return ordinal - object.ordinal
    }
}

extension TypeRegistration where Object == JavaEnumConstant {
    /// An enumeration with these constants.
    public static func enumeration(
        _ name: String, _ constants: [String]
    ) -> TypeRegistration<JavaEnumConstant> {
        let values = constants.enumerated().map {
            JavaEnumConstant(typeName: name, name: $0.element, ordinal: $0.offset)
        }
        var registration = TypeRegistration<JavaEnumConstant>(name, extends: ["java.lang.Enum"])
            .staticMethod("values") {
                JavaArray(element: name, values.map { .object($0) })
            }
            .staticMethod("valueOf", String.self) { wanted in
                guard let value = values.first(where: { $0.name == wanted }) else {
                    throw JavaThrowable.illegalArgument("No enum constant \(name).\(wanted)")
                }
                return value
            }
        for value in values { registration = registration.constant(value.name, value) }
        return registration
    }
}

enum JavaLang {
    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>(TypeTable.objectName)
                .constructor { JavaObject() }
                .rawMethod("getClass") { object, arguments in
                    let types = arguments.context.dispatcher.types
                    return .object(JavaClass(object.gatewayTypeName, types))
                }
                .method("hashCode") { $0.gatewayHashCode }
                .method("equals", GatewayValue.self) { $0.gatewayEquals($1) }
                .method("toString") { $0.gatewayDescription }
                .method("notify") { _ in try notOwner() }
                .method("notifyAll") { _ in try notOwner() }
                .method("wait") { _ in try notOwner() }
                .method("wait", Int64.self) { _, _ in try notOwner() })
        for interface in [
            "java.lang.Comparable", "java.lang.CharSequence", "java.lang.reflect.Type",
            "java.lang.Runnable", "java.io.Serializable", "java.lang.AutoCloseable",
        ] {
            registry.register(
                TypeRegistration<any GatewayObject>(interface, interface: true))
        }
        registry.register(JavaClass.registration)
        registry.register(JavaByteChannel.registration)
        registry.register(
            TypeRegistration<JavaEnumConstant>(extends: ["java.lang.Comparable"])
                .method("name") { $0.name }
                .method("ordinal") { Int32($0.ordinal) }
                .method("compareTo", JavaEnumConstant.self) {
                    Int32(try $0.gatewayCompare(to: .object($1)))
                }
                .rawMethod("getDeclaringClass") { constant, arguments in
                    .object(JavaClass(constant.typeName, arguments.context.dispatcher.types))
                })
    }

    /// No caller ever holds a monitor here.
    private static func notOwner() throws {
        throw JavaThrowable(
            "java.lang.IllegalMonitorStateException", "current thread is not owner")
    }
}
