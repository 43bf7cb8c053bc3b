import Py4J
import Synchronization

/// The objects that clients hold references to.
///
/// As in Py4J every result gets a name of its own, even if the same object was returned before, so
/// that each reference in Python can be released on its own. An object stays until its last name
/// is released, the session that it belongs to ends, or the gateway stops. A connection that closes
/// takes nothing with it, because the references may be used on another one.
final class ObjectTable: Sendable {
    struct Entry: Sendable {
        let object: any GatewayObject
        let type: ResolvedType
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var next: UInt64 = 0
    }

    private let types: TypeTable
    private let state = Mutex(State())

    init(types: TypeTable) { self.types = types }

    func add(_ object: any GatewayObject) -> (id: ObjectID, kind: ReferenceKind) {
        let type = types.type(of: object)
        let id = state.withLock { state in
            let id = state.next
            state.next += 1
            state.entries[id] = Entry(object: object, type: type)
            return id
        }
        return (.object(id), type.kind)
    }

    func entry(_ id: UInt64) -> Entry? { state.withLock { $0.entries[id] } }

    /// Releases a name. The object is destroyed outside of the lock: its last reference may be
    /// this one, and what it does then is its own business.
    @discardableResult
    func remove(_ id: UInt64) -> Entry? {
        state.withLock { $0.entries.removeValue(forKey: id) }
    }

    func removeAll() {
        let entries = state.withLock { state in
            defer { state.entries = [:] }
            return state.entries
        }
        _ = consume entries
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// All names and objects, for `getGateway().getBindings()`.
    var snapshot: [(name: String, object: any GatewayObject)] {
        state.withLock { state in
            state.entries.sorted { $0.key < $1.key }.map { ("o\($0.key)", $0.value.object) }
        }
    }
}
