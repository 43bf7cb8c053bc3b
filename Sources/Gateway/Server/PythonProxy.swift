import Py4J

/// A Python object that the client has passed, callable as any of its interfaces.
///
/// Python keeps the object alive until it hears that the last proxy is gone.
public final class PythonProxy: GatewayObject {
    public static let gatewayName = "py4j.reflection.PythonProxyHandler"

    /// Name in the client's pool.
    public let id: String
    public let interfaces: [String]
    private let dispatcher: Dispatcher

    init(id: String, interfaces: [String], dispatcher: Dispatcher) {
        self.id = id
        self.interfaces = interfaces
        self.dispatcher = dispatcher
    }

    deinit {
        // Python keeps its entry point whatever it is told.
        if id != "t" { dispatcher.callbacks?.release(id) }
    }

    /// Any Python object will do as a parameter of this type.
    public static var parameterType: ParameterType { .object }
    public var gatewayTypeName: String { "com.sun.proxy.$Proxy" }
    public var gatewayDescription: String { "Python object \(id)" }

    /// Calls a method of the Python object.
    /// - Returns: What it returned; `.null` for `None`.
    /// - Throws: ``JavaThrowable``: the Java exception that Python passes on, or a
    ///   `py4j.Py4JException` with Python's traceback, or one that says why Python could not be
    ///   reached.
    public func call(
        _ method: String, _ arguments: [GatewayValue] = []
    ) async throws -> GatewayValue {
        guard let callbacks = dispatcher.callbacks else {
            throw JavaThrowable.gateway("The gateway has been shut down.")
        }
        let thread = GatewayThread.current
        let session = thread?.session.withLock { $0 }
        let replies = arguments.map { dispatcher.reply($0) }
        if let session { for reply in replies { dispatcher.adopt(reply, by: session) } }
        let callback = Callback.call(proxy: id, method: method, arguments: replies)
        return try dispatcher.answer(
            await callbacks.send(callback, from: thread))
    }

    /// Calls a method of the Python object and converts what it returns as Py4J would.
    public func call<Result: GatewayConvertible>(
        _ method: String, _ arguments: [GatewayValue] = [], returning type: Result.Type
    ) async throws -> Result {
        let value = try await call(method, arguments)
        guard dispatcher.overloads.cost(of: value, as: Result.parameterType) != nil else {
            throw JavaThrowable.gateway(
                "Incompatible output type. Expected: \(Result.parameterType) Actual: "
                    + (value.javaClassName ?? "null"))
        }
        return try Result.fromGateway(value)
    }
}

extension Dispatcher {
    /// What Python's answer to a callback means.
    func answer(_ reply: Reply) throws -> GatewayValue {
        switch reply {
        case .void, .noMember, .package, .method, .type: return .null
        case .value(let wire): return try value(wire)
        case .reference(_, let id): return try value(.reference(id))
        case .failure: throw JavaThrowable.gateway("An exception was raised by the Python Proxy.")
        case .failureText(let text), .fatal(let text):
            throw JavaThrowable.gateway(
                "An exception was raised by the Python Proxy. Return Message: \(text)")
        case .failureValue(let wire):
            let value = try value(wire)
            if case .object(let object) = value, let throwable = object as? JavaThrowable {
                throw throwable
            }
            throw JavaThrowable.gateway(
                "An exception was raised by the Python Proxy. Return Message: \(value)")
        }
    }
}
