import Synchronization

/// `java.util.Iterator` over a collection as it was when the iterator was made. It notices when
/// the collection has changed since, as Java's do.
public final class JavaIterator: GatewayObject {
    public static let gatewayName = "java.util.Iterator"

    private struct State {
        var position = 0
        var version: Int
        var mayRemove = false
        var removed = 0
    }

    private let elements: [GatewayValue]
    private let state: Mutex<State>
    private let currentVersion: @Sendable () -> Int
    private let removeElement: @Sendable (_ element: GatewayValue, _ position: Int) throws -> Void

    /// - Parameters:
    ///   - version: What `currentVersion` is as long as the collection is unchanged.
    ///   - remove: Removes an element, given with its present position.
    init(
        _ elements: [GatewayValue], version: Int = 0,
        currentVersion: @escaping @Sendable () -> Int = { 0 },
        remove: @escaping @Sendable (GatewayValue, Int) throws -> Void = { _, _ in
            throw JavaThrowable("java.lang.UnsupportedOperationException", "remove")
        }
    ) {
        self.elements = elements
        self.state = Mutex(State(version: version))
        self.currentVersion = currentVersion
        self.removeElement = remove
    }

    public var hasNext: Bool { state.withLock { $0.position < elements.count } }

    public func next() throws -> GatewayValue {
        let current = currentVersion()
        return try state.withLock { state in
            guard state.version == current else {
                throw JavaThrowable("java.util.ConcurrentModificationException")
            }
            guard state.position < elements.count else {
                throw JavaThrowable("java.util.NoSuchElementException")
            }
            defer { state.position += 1 }
            state.mayRemove = true
            return elements[state.position]
        }
    }

    /// Removes from the collection what `next` has returned last.
    public func remove() throws {
        let (element, position) = try state.withLock { state in
            guard state.mayRemove else { throw JavaThrowable("java.lang.IllegalStateException") }
            state.mayRemove = false
            defer { state.removed += 1 }
            return (elements[state.position - 1], state.position - 1 - state.removed)
        }
        try removeElement(element, position)
        let current = currentVersion()
        state.withLock { $0.version = current }
    }

    static let registration = TypeRegistration<JavaIterator>("java.util.Iterator", interface: true)
        .method("hasNext") { $0.hasNext }
        .method("next") { try $0.next() }
        .method("remove") { try $0.remove() }
}
