import Synchronization

/// `java.util.HashMap` and the other maps. Iteration follows insertion, except that a `TreeMap` is
/// sorted by key.
public final class JavaMap: NestedObject, @unchecked Sendable {
    public override class var gatewayName: String { "java.util.HashMap" }
    /// Passed by the interface, whatever class it is of.
    public override class var parameterType: ParameterType { .reference("java.util.Map") }
    static let sortedName = "java.util.TreeMap"
    static let unmodifiable = "java.util.ImmutableCollections$MapN"

    private let typeName: String
    private let isMutable: Bool
    private let state = Mutex(OrderedTable())

    public init(
        _ entries: [(key: GatewayValue, value: GatewayValue)] = [],
        typeName: String = JavaMap.gatewayName, isMutable: Bool = true
    ) {
        self.typeName = typeName
        self.isMutable = isMutable
        super.init()
        for entry in entries {
            let frozen = JavaSet.freeze(entry.key)
            _ = state.withLock { $0.put(entry.key, frozen, entry.value) }
        }
    }

    deinit { Graveyard.bury(self) }

    public override var gatewayTypeName: String { typeName }

    public var count: Int { state.withLock { $0.count } }
    var version: Int { state.withLock { $0.version } }

    /// Keys and values in iteration order.
    public var entries: [(key: GatewayValue, value: GatewayValue)] {
        let entries = state.withLock { $0.entries }
        guard typeName == Self.sortedName else { return entries }
        // What is in a sorted map has been compared with the rest when it was put there.
        return (try? entries.sorted { try Ordering.compare($0.key, $1.key) < 0 }) ?? entries
    }

    public func contains(key: GatewayValue) -> Bool {
        let frozen = JavaSet.freeze(key)
        return state.withLock { $0.contains(frozen) }
    }

    /// - Returns: nil if there is no such key.
    public func value(for key: GatewayValue) -> GatewayValue? {
        let frozen = JavaSet.freeze(key)
        return state.withLock { $0[frozen] }
    }

    /// - Returns: The value that was there before.
    public func put(_ key: GatewayValue, _ value: GatewayValue) throws -> GatewayValue? {
        guard isMutable else { throw JavaThrowable.unsupported() }
        if typeName == Self.sortedName {
            let first = state.withLock { $0.entries.first?.key }
            _ = try Ordering.compare(key, first ?? key)
        }
        let frozen = JavaSet.freeze(key)
        return state.withLock { $0.put(key, frozen, value) }
    }

    /// - Returns: The value that was there; nil if there was none.
    public func remove(_ key: GatewayValue) throws -> GatewayValue? {
        guard isMutable else { throw JavaThrowable.unsupported() }
        let frozen = JavaSet.freeze(key)
        return state.withLock { $0.remove(frozen) }
    }

    public func removeAll() throws {
        guard isMutable else { throw JavaThrowable.unsupported() }
        Graveyard.bury(self)
    }

    override func takeElements() -> [GatewayValue] {
        state.withLock { state in
            defer { state.removeAll() }
            return state.keys + state.values
        }
    }

    override func describe(_ nesting: inout Nesting) -> String {
        var text = "{"
        for (index, entry) in entries.enumerated() {
            if index > 0 { text += ", " }
            guard nesting.spend() else { return text + "...}" }
            text += nesting.describe(entry.key) + "=" + nesting.describe(entry.value)
        }
        return text + "}"
    }

    override func hash(_ nesting: inout Nesting) -> Int32 {
        var hash: Int32 = 0
        for entry in entries where nesting.spend() {
            hash = hash &+ (nesting.hash(entry.key) ^ nesting.hash(entry.value))
        }
        return hash
    }

    override func freeze(_ nesting: inout Nesting) -> FrozenValue {
        var frozen: [FrozenValue: FrozenValue] = [:]
        for entry in entries {
            guard nesting.spend() else { return .identity(ObjectIdentifier(self)) }
            frozen[nesting.freeze(entry.key)] = nesting.freeze(entry.value)
        }
        return .map(frozen)
    }
}
