extension JavaList {
    static let listRegistration = TypeRegistration<JavaList>(
        "java.util.List", extends: ["java.util.Collection"], interface: true
    )
    .method("get", Int32.self) { try $0.element(at: Int($1)) }
    .method("set", Int32.self, GatewayValue.self) { list, index, value in
        try list.mutate { elements in
            guard elements.indices.contains(Int(index)) else {
                throw JavaThrowable.indexOutOfBounds(Int(index), elements.count)
            }
            defer { elements[Int(index)] = value }
            return elements[Int(index)]
        }
    }
    .method("add", Int32.self, GatewayValue.self) { try $0.insert([$2], at: Int($1)) }
    .method("remove", Int32.self) { try $0.remove(at: Int($1)) }
    .method("addAll", Int32.self, CollectionArgument.self) { list, index, other in
        try list.insert(other.elements, at: Int(index))
        return !other.elements.isEmpty
    }
    .method("indexOf", GatewayValue.self) { list, value in
        Int32(list.elements.firstIndex(of: value) ?? -1)
    }
    .method("lastIndexOf", GatewayValue.self) { list, value in
        Int32(list.elements.lastIndex(of: value) ?? -1)
    }
    .method("subList", Int32.self, Int32.self) { list, from, to in
        let elements = list.elements
        guard from >= 0, from <= to, Int(to) <= elements.count else {
            throw JavaThrowable.indexOutOfBounds(Int(from < 0 ? from : to), elements.count)
        }
        return JavaList(Array(elements[Int(from)..<Int(to)]))
    }
    .method("sort", GatewayValue.self) { list, comparator in
        guard comparator.isNull else {
            throw JavaThrowable.unsupported("Only the natural order is supported.")
        }
        try list.sort()
    }
    .staticMethod("copyOf", CollectionArgument.self) { other in
        JavaList(other.elements, typeName: unmodifiable, isMutable: false)
    }
    .rawStaticMethod("of") { arguments in
        .object(JavaList(arguments.values, typeName: unmodifiable, isMutable: false))
    }

    static let unmodifiable = "java.util.ImmutableCollections$ListN"

    private static func registration(_ name: String) -> TypeRegistration<JavaList> {
        // Java's lists name the interface again, which brings it nearer than `Object`.
        TypeRegistration<JavaList>(name, extends: ["java.util.AbstractList", "java.util.List"])
            .constructor { JavaList(typeName: name) }
            .constructor(Int32.self) { capacity in
                guard capacity >= 0 else {
                    throw JavaThrowable.illegalArgument("Illegal Capacity: \(capacity)")
                }
                return JavaList(typeName: name)
            }
            .constructor(CollectionArgument.self) { JavaList($0.elements, typeName: name) }
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(listRegistration)
        registry.register(
            TypeRegistration<JavaList>("java.util.AbstractList", extends: ["java.util.List"]))
        registry.register(registration("java.util.ArrayList"))
        registry.register(registration("java.util.Vector"))
        registry.register(
            registration("java.util.LinkedList")
                .method("addFirst", GatewayValue.self) { try $0.insert([$1], at: 0) }
                .method("addLast", GatewayValue.self) { list, value in _ = try list.add(value) }
                .method("getFirst") { try first($0, $0.elements.first) }
                .method("getLast") { try first($0, $0.elements.last) }
                .method("removeFirst") { list in
                    _ = try first(list, list.elements.first)
                    return try list.remove(at: 0)
                }
                .method("removeLast") { list in
                    _ = try first(list, list.elements.last)
                    return try list.remove(at: list.count - 1)
                })
        registry.register(
            TypeRegistration<JavaList>("java.util.Arrays$ArrayList", extends: ["java.util.List"]))
        registry.register(
            TypeRegistration<JavaList>(unmodifiable, extends: ["java.util.List"]))
    }

    private static func first(_ list: JavaList, _ value: GatewayValue?) throws -> GatewayValue {
        guard let value else { throw JavaThrowable("java.util.NoSuchElementException") }
        return value
    }
}
