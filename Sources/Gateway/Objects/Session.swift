import Py4J
import Synchronization

/// An object that minds when the client it was made for goes away.
public protocol SessionBound: GatewayObject {
    /// Whether it is to be told even if the client has released it before.
    var outlivesItsReferences: Bool { get }

    /// The client has gone, and its references with it. May be called twice, on any thread.
    func sessionEnded()
}

/// A client that has said which connections are its own, and what it holds.
///
/// It ends when it has had no connection for a while; see `GatewayServer`.
final class Session: Sendable {
    let name: String

    private struct State {
        var connections = 0
        /// How often the last connection has closed: tells one spell without any from the next.
        var departures = 0
        var hasEnded = false
        var objects: Set<UInt64> = []
        /// Released by the client, and still to be told of its end.
        var lingering: [any SessionBound] = []
    }

    private let state = Mutex(State())

    init(name: String) { self.name = name }

    func join() { state.withLock { $0.connections += 1 } }

    /// - Returns: The number of this departure if it was the last connection's; nil if others stay.
    func leave() -> Int? {
        state.withLock { state in
            state.connections -= 1
            guard state.connections == 0 else { return nil }
            state.departures += 1
            return state.departures
        }
    }

    /// Whether nobody has come since that departure.
    func isAbandoned(since departure: Int) -> Bool {
        state.withLock { $0.connections == 0 && $0.departures == departure && !$0.hasEnded }
    }

    /// Notes a reference that the client is about to get.
    /// - Returns: false if the session has ended: nobody will ever release it.
    func adopt(_ id: ObjectID) -> Bool {
        guard case .object(let number) = id else { return true }
        return state.withLock { state in
            if !state.hasEnded { state.objects.insert(number) }
            return !state.hasEnded
        }
    }

    /// Notes that the client releases a reference.
    func forget(_ number: UInt64, to object: (any GatewayObject)?) {
        let bound = (object as? any SessionBound).flatMap { $0.outlivesItsReferences ? $0 : nil }
        let done = state.withLock { state in
            state.objects.remove(number)
            let done = state.lingering.filter { !$0.outlivesItsReferences }
            if !done.isEmpty { state.lingering.removeAll { !$0.outlivesItsReferences } }
            if let bound { state.lingering.append(bound) }
            return done
        }
        // Destroyed outside of the lock.
        _ = consume done
    }

    /// What the client held; it holds nothing from here on.
    func end() -> (objects: Set<UInt64>, lingering: [any SessionBound]) {
        state.withLock { state in
            state.hasEnded = true
            defer { (state.objects, state.lingering) = ([], []) }
            return (state.objects, state.lingering)
        }
    }
}

extension Reply {
    /// The object that the client gets a new reference to.
    var newReference: ObjectID? {
        switch self {
        case .reference(_, let id), .value(.reference(let id)), .failureValue(.reference(let id)):
            id
        default: nil
        }
    }
}
