import Synchronization

/// `java.util.HashSet` and the other sets. Iteration follows insertion, except that a `TreeSet` is
/// sorted.
public final class JavaSet: NestedObject, @unchecked Sendable {
    public override class var gatewayName: String { "java.util.HashSet" }
    /// Passed by the interface, whatever class it is of.
    public override class var parameterType: ParameterType { .reference("java.util.Set") }
    static let sortedName = "java.util.TreeSet"
    static let unmodifiable = "java.util.ImmutableCollections$SetN"

    private let typeName: String
    private let isMutable: Bool
    private let state = Mutex(OrderedTable())

    public init(
        _ elements: [GatewayValue] = [], typeName: String = JavaSet.gatewayName,
        isMutable: Bool = true
    ) {
        self.typeName = typeName
        self.isMutable = isMutable
        super.init()
        for element in elements {
            let frozen = Self.freeze(element)
            _ = state.withLock { $0.put(element, frozen, .null) }
        }
    }

    deinit { Graveyard.bury(self) }

    public override var gatewayTypeName: String { typeName }
    var isSorted: Bool { typeName == Self.sortedName }

    static func freeze(_ value: GatewayValue) -> FrozenValue {
        var nesting = Nesting()
        return nesting.freeze(value)
    }

    private func snapshot() -> (elements: [GatewayValue], version: Int) {
        let (elements, version) = state.withLock { ($0.keys, $0.version) }
        guard isSorted else { return (elements, version) }
        // What is in a sorted set has been compared with the rest when it was added.
        return ((try? Ordering.sorted(elements)) ?? elements, version)
    }

    override func takeElements() -> [GatewayValue] {
        state.withLock { state in
            defer { state.removeAll() }
            return state.keys
        }
    }

    override func describe(_ nesting: inout Nesting) -> String {
        var text = "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            guard nesting.spend() else { return text + "...]" }
            text += nesting.describe(element)
        }
        return text + "]"
    }

    override func hash(_ nesting: inout Nesting) -> Int32 {
        var hash: Int32 = 0
        for element in elements where nesting.spend() { hash = hash &+ nesting.hash(element) }
        return hash
    }

    override func freeze(_ nesting: inout Nesting) -> FrozenValue {
        FrozenValue.set(of: elements, self, &nesting)
    }
}

extension FrozenValue {
    static func set(
        of elements: [GatewayValue], _ owner: NestedObject, _ nesting: inout Nesting
    ) -> FrozenValue {
        var frozen = Set<FrozenValue>()
        for element in elements {
            guard nesting.spend() else { return .identity(ObjectIdentifier(owner)) }
            frozen.insert(nesting.freeze(element))
        }
        return .set(frozen)
    }
}

extension JavaSet: JavaCollection {
    public var count: Int { state.withLock { $0.count } }
    public var elements: [GatewayValue] { snapshot().elements }

    public func contains(_ value: GatewayValue) -> Bool {
        let frozen = Self.freeze(value)
        return state.withLock { $0.contains(frozen) }
    }

    public func add(_ value: GatewayValue) throws -> Bool {
        guard isMutable else { throw JavaThrowable.unsupported() }
        if isSorted { _ = try Ordering.compare(value, elements.first ?? value) }
        let frozen = Self.freeze(value)
        return state.withLock { state in
            let before = state.count
            if !state.contains(frozen) { _ = state.put(value, frozen, .null) }
            return state.count != before
        }
    }

    public func remove(_ value: GatewayValue) throws -> Bool {
        guard isMutable else { throw JavaThrowable.unsupported() }
        let frozen = Self.freeze(value)
        return state.withLock { $0.remove(frozen) != nil }
    }

    public func removeAll() throws {
        guard isMutable else { throw JavaThrowable.unsupported() }
        Graveyard.bury(self)
    }

    public func makeIterator() -> JavaIterator {
        let (elements, version) = snapshot()
        return JavaIterator(
            elements, version: version, currentVersion: { self.state.withLock { $0.version } },
            remove: { element, _ in _ = try self.remove(element) })
    }
}

extension JavaSet {
    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any JavaCollection>(
                "java.util.Set", extends: ["java.util.Collection"], interface: true
            )
            .rawStaticMethod("of") { arguments in
                .object(JavaSet(arguments.values, typeName: unmodifiable, isMutable: false))
            }
            .staticMethod("copyOf", CollectionArgument.self) { other in
                JavaSet(other.elements, typeName: unmodifiable, isMutable: false)
            })
        for name in [JavaSet.gatewayName, "java.util.LinkedHashSet", sortedName] {
            registry.register(
                TypeRegistration<JavaSet>(name, extends: ["java.util.Set"])
                    .constructor { JavaSet(typeName: name) }
                    .constructor(Int32.self) { _ in JavaSet(typeName: name) }
                    .constructor(CollectionArgument.self) { other in
                        let set = JavaSet(typeName: name)
                        for element in other.elements { _ = try set.add(element) }
                        return set
                    }
                    .method("first") { try end($0.elements.first) }
                    .method("last") { try end($0.elements.last) })
        }
        registry.register(TypeRegistration<JavaSet>(unmodifiable, extends: ["java.util.Set"]))
    }

    private static func end(_ value: GatewayValue?) throws -> GatewayValue {
        guard let value else { throw JavaThrowable("java.util.NoSuchElementException") }
        return value
    }
}
