import Synchronization

/// `java.util.ArrayList` and the other lists: one class behind several names.
public final class JavaList: NestedObject, @unchecked Sendable {
    public override class var gatewayName: String { "java.util.ArrayList" }
    /// Passed by the interface, whatever class it is of.
    public override class var parameterType: ParameterType { .reference("java.util.List") }

    private struct State {
        var elements: [GatewayValue]
        /// Counts changes of length, so that iterators notice them.
        var version = 0
        /// Counts all changes.
        var changes = 0
    }

    private let typeName: String
    private let isMutable: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - typeName: The Java class, where it is not `ArrayList`.
    ///   - isMutable: Whether clients may change it.
    public init(
        _ elements: [GatewayValue] = [], typeName: String = JavaList.gatewayName,
        isMutable: Bool = true
    ) {
        self.typeName = typeName
        self.isMutable = isMutable
        self.state = Mutex(State(elements: elements))
    }

    deinit { Graveyard.bury(self) }

    public override var gatewayTypeName: String { typeName }

    public var elements: [GatewayValue] { state.withLock { $0.elements } }
    public var count: Int { state.withLock { $0.elements.count } }

    /// Changes the elements under the list's lock.
    func mutate<Result: Sendable>(
        _ body: (inout [GatewayValue]) throws -> Result
    ) throws -> Result {
        guard isMutable else { throw JavaThrowable.unsupported() }
        return try state.withLock { state in
            let count = state.elements.count
            defer {
                state.changes += 1
                if state.elements.count != count { state.version += 1 }
            }
            return try body(&state.elements)
        }
    }

    public func element(at index: Int) throws -> GatewayValue {
        try state.withLock { state in
            guard state.elements.indices.contains(index) else {
                throw JavaThrowable.indexOutOfBounds(index, state.elements.count)
            }
            return state.elements[index]
        }
    }

    /// The elements at these positions, in this order.
    func slice(_ indices: [Int]) throws -> [GatewayValue] {
        let elements = elements
        return try indices.map { index in
            guard elements.indices.contains(index) else {
                throw JavaThrowable.indexOutOfBounds(index, elements.count)
            }
            return elements[index]
        }
    }

    override func takeElements() -> [GatewayValue] {
        state.withLock { state in
            defer { state.elements = [] }
            return state.elements
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
        var hash: Int32 = 1
        // Wraps around by Java's definition.
        for element in elements where nesting.spend() {
            hash = hash &* 31 &+ nesting.hash(element)
        }
        return hash
    }

    override func freeze(_ nesting: inout Nesting) -> FrozenValue {
        var frozen: [FrozenValue] = []
        for element in elements {
            guard nesting.spend() else { return .identity(ObjectIdentifier(self)) }
            frozen.append(nesting.freeze(element))
        }
        return .list(frozen)
    }
}

extension JavaList: JavaCollection {
    public func contains(_ value: GatewayValue) -> Bool { elements.contains(value) }

    public func add(_ value: GatewayValue) throws -> Bool {
        try mutate { elements in
            try Self.checkCount(elements.count + 1)
            elements.append(value)
        }
        return true
    }

    public func remove(_ value: GatewayValue) throws -> Bool {
        // Compared outside of the lock: equality may look into other collections.
        guard let index = elements.firstIndex(of: value) else { return false }
        return try mutate { elements in
            guard elements.indices.contains(index) else { return false }
            elements.remove(at: index)
            return true
        }
    }

    public func removeAll() throws { try mutate { $0 = [] } }

    public func makeIterator() -> JavaIterator {
        let (elements, version) = state.withLock { ($0.elements, $0.version) }
        return JavaIterator(
            elements, version: version, currentVersion: { self.state.withLock { $0.version } },
            remove: { _, position in _ = try self.remove(at: position) })
    }

    func remove(at index: Int) throws -> GatewayValue {
        try mutate { elements in
            guard elements.indices.contains(index) else {
                throw JavaThrowable.indexOutOfBounds(index, elements.count)
            }
            return elements.remove(at: index)
        }
    }

    func insert(_ values: [GatewayValue], at index: Int) throws {
        try mutate { elements in
            guard (0...elements.count).contains(index) else {
                throw JavaThrowable.indexOutOfBounds(index, elements.count)
            }
            try Self.checkCount(elements.count + values.count)
            elements.insert(contentsOf: values, at: index)
        }
    }

    /// Sorts by natural order.
    func sort() throws {
        guard isMutable else { throw JavaThrowable.unsupported() }
        for _ in 0..<100 {
            let (elements, changes) = state.withLock { ($0.elements, $0.changes) }
            // Compared outside of the lock: comparing may look into other objects.
            let sorted = try Ordering.sorted(elements)
            let isDone = state.withLock { state in
                guard state.changes == changes else { return false }
                state.elements = sorted
                state.changes += 1
                return true
            }
            if isDone { return }
        }
        throw JavaThrowable(
            "java.util.ConcurrentModificationException",
            "The list keeps changing while it is sorted")
    }
}
