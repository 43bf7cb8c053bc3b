import Synchronization

/// A namespace of a client: which simple names its imports make known.
public final class JVMView: GatewayObject {
    public static let gatewayName = "py4j.JVMView"

    private struct State {
        var names: [String: String] = [:]
        var order: [String] = []
        var packages = ["java.lang"]
        /// Counts the changes, so that a client can ask whether it missed one.
        var sequence = 1
    }

    public let name: String
    private let state = Mutex(State())

    init(name: String) { self.name = name }

    /// - Parameter name: `package.Class` or `package.*`.
    func add(_ name: String) {
        state.withLock { state in
            if name.hasSuffix("*") {
                let package = JavaNames.package(name)
                if !state.packages.contains(package) { state.packages.append(package) }
            } else {
                let short = JavaNames.short(name)
                if state.names[short] == nil {
                    state.names[short] = name
                    state.order.append(short)
                }
                state.sequence += 1
            }
        }
    }

    /// - Returns: Whether it had been imported.
    func remove(_ name: String) -> Bool {
        state.withLock { state in
            if name.hasSuffix("*") {
                guard let index = state.packages.firstIndex(of: JavaNames.package(name)) else {
                    return false
                }
                state.packages.remove(at: index)
                return true
            }
            state.sequence += 1
            let short = JavaNames.short(name)
            guard state.names[short] == name else { return false }
            state.names[short] = nil
            state.order.removeAll { $0 == short }
            return true
        }
    }

    /// Finds the qualified name for what a client wrote.
    func resolve(_ name: String, _ types: TypeTable) -> String? {
        if ParameterType.primitive(name) != nil || types.named(name) != nil { return name }
        guard !name.contains(".") else { return nil }
        return state.withLock { state in
            if let full = state.names[name] { return types.named(full) == nil ? nil : full }
            return state.packages.lazy.map { "\($0).\(name)" }.first { types.named($0) != nil }
        }
    }

    /// The imported simple names and the number of changes so far.
    var imported: (sequence: Int, names: [String]) {
        state.withLock { ($0.sequence, $0.order) }
    }
}
