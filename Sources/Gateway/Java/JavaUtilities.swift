/// The static helpers of `java.util`.
enum JavaUtilities {
    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>("java.util.Collections")
                .staticMethod("sort", JavaList.self) { try $0.sort() }
                .staticMethod("reverse", JavaList.self) { try $0.mutate { $0.reverse() } }
                .staticMethod("shuffle", JavaList.self) { try $0.mutate { $0.shuffle() } }
                .staticMethod("max", CollectionArgument.self) {
                    try Dispatcher.extreme($0.elements, sign: 1)
                }
                .staticMethod("min", CollectionArgument.self) {
                    try Dispatcher.extreme($0.elements, sign: -1)
                }
                .staticMethod("frequency", CollectionArgument.self, GatewayValue.self) {
                    collection, value in
                    Int32(clamping: collection.elements.count { $0 == value })
                }
                .staticMethod("emptyList") { JavaList([], isMutable: false) }
                .staticMethod("emptyMap") { JavaMap([], isMutable: false) }
                .staticMethod("emptySet") { JavaSet([], isMutable: false) }
                .staticMethod("singletonList", GatewayValue.self) {
                    JavaList([$0], isMutable: false)
                }
                .staticMethod("singleton", GatewayValue.self) { JavaSet([$0], isMutable: false) }
                .staticMethod("singletonMap", GatewayValue.self, GatewayValue.self) {
                    JavaMap([(key: $0, value: $1)], isMutable: false)
                }
                .staticMethod("unmodifiableList", JavaList.self) {
                    JavaList($0.elements, isMutable: false)
                }
                .staticMethod("unmodifiableSet", CollectionArgument.self) {
                    JavaSet($0.elements, isMutable: false)
                }
                .staticMethod("unmodifiableMap", JavaMap.self) {
                    JavaMap($0.entries, isMutable: false)
                }
                .rawStaticMethod("addAll") { arguments in
                    let target = try arguments.get(0, as: GatewayValue.self)
                    guard case .object(let object) = target,
                        let collection = object as? any JavaCollection
                    else { throw JavaThrowable.classCast(target, to: "java.util.Collection") }
                    var values = Array(arguments.values.dropFirst())
                    if values.count == 1, case .object(let array as JavaArray) = values[0] {
                        values = array.elements
                    }
                    var changed = false
                    for value in values where try collection.add(value) { changed = true }
                    return .bool(changed)
                })
        registry.register(
            TypeRegistration<any GatewayObject>("java.util.Arrays")
                .rawStaticMethod("asList") { arguments in
                    var values = arguments.values
                    if values.count == 1, case .object(let array as JavaArray) = values[0] {
                        values = array.elements
                    }
                    return .object(JavaList(values, typeName: "java.util.Arrays$ArrayList"))
                }
                .staticMethod("toString", GatewayValue.self) { value in
                    value.isNull ? "null" : JavaList(try value.requireElements()).gatewayDescription
                })
        registry.register(
            TypeRegistration<any GatewayObject>("java.util.Objects")
                .staticMethod("equals", GatewayValue.self, GatewayValue.self) { $0 == $1 }
                .staticMethod("hashCode", GatewayValue.self) { $0.javaHashCode }
                .staticMethod("toString", GatewayValue.self) { $0.description }
                .staticMethod("isNull", GatewayValue.self) { $0.isNull })
    }
}
