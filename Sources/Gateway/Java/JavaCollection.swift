/// What all of `java.util`'s collections can do.
public protocol JavaCollection: GatewayObject {
    var count: Int { get }
    /// The elements in iteration order.
    var elements: [GatewayValue] { get }
    func contains(_ value: GatewayValue) -> Bool
    /// - Returns: Whether the collection has changed.
    func add(_ value: GatewayValue) throws -> Bool
    /// Removes one occurrence.
    /// - Returns: Whether there was one.
    func remove(_ value: GatewayValue) throws -> Bool
    func removeAll() throws
    func makeIterator() -> JavaIterator
}

extension JavaThrowable {
    static func unsupported(_ what: String? = nil) -> JavaThrowable {
        JavaThrowable("java.lang.UnsupportedOperationException", what)
    }
}

extension GatewayValue {
    /// The elements of a collection or array argument.
    func requireElements() throws -> [GatewayValue] {
        if case .object(let object) = self {
            if let collection = object as? any JavaCollection { return collection.elements }
            if let array = object as? JavaArray { return array.elements }
        }
        throw JavaThrowable.classCast(self, to: "java.util.Collection")
    }
}

enum JavaCollections {
    static let iterable = TypeRegistration<any JavaCollection>(
        "java.lang.Iterable", interface: true
    )
    .method("iterator") { $0.makeIterator() }

    static let collection = TypeRegistration<any JavaCollection>(
        "java.util.Collection", extends: ["java.lang.Iterable"], interface: true
    )
    .method("size") { Int32(clamping: $0.count) }
    .method("isEmpty") { $0.count == 0 }
    .method("contains", GatewayValue.self) { $0.contains($1) }
    .method("add", GatewayValue.self) { try $0.add($1) }
    .method("remove", GatewayValue.self) { try $0.remove($1) }
    .method("clear") { try $0.removeAll() }
    .method("containsAll", CollectionArgument.self) { collection, other in
        other.elements.allSatisfy { collection.contains($0) }
    }
    .method("addAll", CollectionArgument.self) { collection, other in
        var changed = false
        for element in other.elements where try collection.add(element) { changed = true }
        return changed
    }
    .method("removeAll", CollectionArgument.self) { collection, other in
        var changed = false
        for element in other.elements {
            while try collection.remove(element) { changed = true }
        }
        return changed
    }
    .method("retainAll", CollectionArgument.self) { collection, other in
        let kept = Set(
            other.elements.map { value in
                var nesting = Nesting()
                return nesting.freeze(value)
            })
        var changed = false
        for element in collection.elements {
            var nesting = Nesting()
            if !kept.contains(nesting.freeze(element)), try collection.remove(element) {
                changed = true
            }
        }
        return changed
    }
    .method("toArray") { JavaArray(element: TypeTable.objectName, $0.elements) }
}

/// A parameter of type `Collection`.
struct CollectionArgument: GatewayConvertible, Sendable {
    let elements: [GatewayValue]
    private let value: GatewayValue

    static var parameterType: ParameterType { .reference("java.util.Collection") }
    static func fromGateway(_ value: GatewayValue) throws -> CollectionArgument {
        CollectionArgument(elements: try value.requireElements(), value: value)
    }
    var gatewayValue: GatewayValue { value }
}
