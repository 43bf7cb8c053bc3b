/// Who calls: the gateway, and the thread that Java would have given the caller.
public final class CallContext: Sendable {
    let dispatcher: Dispatcher
    public let thread: GatewayThread

    init(_ dispatcher: Dispatcher, _ thread: GatewayThread) {
        self.dispatcher = dispatcher
        self.thread = thread
    }

    /// Whether the value is an instance of the named type.
    /// - Returns: nil if no such type is registered.
    public func isInstance(_ value: GatewayValue, of name: String) -> Bool? {
        dispatcher.isInstance(value, of: name)
    }
}
