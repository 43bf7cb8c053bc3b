/// `keySet()`, `values()` and `entrySet()`: they show the map as it is, and removing from them
/// removes from the map.
final class JavaMapView: NestedObject, JavaCollection, @unchecked Sendable {
    enum Part { case keys, values, entries }

    let map: JavaMap
    let part: Part

    init(_ map: JavaMap, _ part: Part) {
        self.map = map
        self.part = part
    }

    override class var gatewayName: String { "java.util.HashMap$KeySet" }
    override var gatewayTypeName: String {
        switch part {
        case .keys: "java.util.HashMap$KeySet"
        case .values: "java.util.HashMap$Values"
        case .entries: "java.util.HashMap$EntrySet"
        }
    }

    var count: Int { map.count }

    var elements: [GatewayValue] {
        switch part {
        case .keys: map.entries.map(\.key)
        case .values: map.entries.map(\.value)
        case .entries:
            map.entries.map { .object(JavaMapEntry(key: $0.key, value: $0.value, map: map)) }
        }
    }

    func contains(_ value: GatewayValue) -> Bool {
        part == .keys ? map.contains(key: value) : elements.contains(value)
    }

    func add(_ value: GatewayValue) throws -> Bool { throw JavaThrowable.unsupported() }

    func remove(_ value: GatewayValue) throws -> Bool {
        guard let key = key(of: value) else { return false }
        return try map.remove(key) != nil
    }

    private func key(of value: GatewayValue) -> GatewayValue? {
        switch part {
        case .keys: value
        case .values: map.entries.first { $0.value == value }?.key
        case .entries:
            if case .object(let object as JavaMapEntry) = value { object.key } else { nil }
        }
    }

    func removeAll() throws { try map.removeAll() }

    func makeIterator() -> JavaIterator {
        let keys = map.entries.map(\.key)
        return JavaIterator(
            elements, version: map.version, currentVersion: { self.map.version },
            remove: { element, position in
                // A value may occur twice; the key of the one that was returned is known.
                let key = self.part == .values ? keys[position] : self.key(of: element)
                if let key { _ = try self.map.remove(key) }
            })
    }

    override func describe(_ nesting: inout Nesting) -> String {
        nesting.describe(.object(JavaList(elements)))
    }

    override func hash(_ nesting: inout Nesting) -> Int32 {
        var hash: Int32 = 0
        for element in elements where nesting.spend() { hash = hash &+ nesting.hash(element) }
        return hash
    }

    override func freeze(_ nesting: inout Nesting) -> FrozenValue {
        part == .values
            ? .identity(ObjectIdentifier(self)) : .set(of: elements, self, &nesting)
    }
}

/// `java.util.Map.Entry`.
final class JavaMapEntry: NestedObject, @unchecked Sendable {
    let key: GatewayValue
    private let initialValue: GatewayValue
    private let map: JavaMap?

    init(key: GatewayValue, value: GatewayValue, map: JavaMap? = nil) {
        self.key = key
        self.initialValue = value
        self.map = map
    }

    override class var gatewayName: String { "java.util.Map$Entry" }
    override var gatewayTypeName: String { "java.util.AbstractMap$SimpleEntry" }

    var value: GatewayValue { map?.value(for: key) ?? initialValue }

    func set(_ value: GatewayValue) throws -> GatewayValue {
        guard let map else { throw JavaThrowable.unsupported() }
        return try map.put(key, value) ?? .null
    }

    override func describe(_ nesting: inout Nesting) -> String {
        nesting.describe(key) + "=" + nesting.describe(value)
    }

    override func hash(_ nesting: inout Nesting) -> Int32 {
        nesting.hash(key) ^ nesting.hash(value)
    }

    override func freeze(_ nesting: inout Nesting) -> FrozenValue {
        .map([nesting.freeze(key): nesting.freeze(value)])
    }
}
