import NIOPosix

/// Lets go of nested collections one after the other. Releasing a chain of them recursively would
/// need as much stack as the chain is long.
///
/// A collection that goes leaves its elements here. If they take others with them, those find the
/// thread at it already and only queue up, so however the compiler places its releases, the stack
/// stays one collection deep.
final class Graveyard: @unchecked Sendable {
    // Sound: only the thread that finds it as its own ever touches it.

    private static let current = ThreadSpecificVariable<Graveyard>()

    private var pending: [GatewayValue] = []

    static func bury(_ object: NestedObject) {
        var elements = object.takeElements()
        guard elements.contains(where: { if case .object = $0 { true } else { false } }) else {
            return
        }
        if let graveyard = current.currentValue {
            graveyard.pending += elements
            return
        }
        let graveyard = Graveyard()
        current.currentValue = graveyard
        defer { current.currentValue = nil }
        // Nothing may be left in a variable of this call: it would go when the thread is no longer
        // at it.
        swap(&graveyard.pending, &elements)
        while graveyard.pending.popLast() != nil {}
    }
}
