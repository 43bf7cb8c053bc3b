import NIOCore

/// `java.net.InetAddress`.
final class JavaInetAddress: GatewayObject {
    static let gatewayName = "java.net.InetAddress"

    let host: String

    init(_ host: String) { self.host = host }

    var gatewayDescription: String { "/" + host }

    func gatewayEquals(_ other: GatewayValue) -> Bool {
        guard case .object(let object as JavaInetAddress) = other else { return false }
        return object.host == host
    }

    var gatewayHashCode: Int32 { Nesting.hash(host) }

    static let registration = TypeRegistration<JavaInetAddress>()
        .method("getHostAddress") { $0.host }
        .method("getHostName") { $0.host }
        .staticMethod("getByName", String?.self) { JavaInetAddress($0 ?? "127.0.0.1") }
        .staticMethod("getLoopbackAddress") { JavaInetAddress("127.0.0.1") }
        .staticMethod("getLocalHost") { JavaInetAddress("127.0.0.1") }
}

/// What the client may ask of the server itself.
extension GatewayServer: GatewayObject {
    public static let gatewayName = "py4j.GatewayServer"

    static let registration = TypeRegistration<GatewayServer>()
        .method("getListeningPort") { Int32($0.port) }
        .method("getPort") { Int32($0.configuration.port) }
        .method("getAddress") { JavaInetAddress($0.configuration.host) }
        .method("getPythonPort") { Int32($0.callbackConfiguration.port) }
        .method("getPythonAddress") { JavaInetAddress($0.callbackConfiguration.host) }
        .method("getConnectTimeout") { _ in Int32(0) }
        .method("getReadTimeout") { server in
            Int32(clamping: (server.configuration.readTimeout?.nanoseconds ?? 0) / 1_000_000)
        }
        .method("getCallbackClient") { JavaCallbackClient($0) }
        .method("getGateway") { JavaGatewayState($0) }
        .method("resetCallbackClient", JavaInetAddress.self, Int32.self) { server, address, port in
            guard (0...65535).contains(port) else {
                throw JavaThrowable.illegalArgument("Port out of range: \(port)")
            }
            try server.resetCallbackClient(host: address.host, port: Int(port))
        }
        .asyncMethod("shutdown") { await $0.stop() }
}

/// `py4j.CallbackClient`, as far as clients ask for it.
final class JavaCallbackClient: GatewayObject {
    static let gatewayName = "py4j.CallbackClient"

    private let server: GatewayServer

    init(_ server: GatewayServer) { self.server = server }

    static let registration = TypeRegistration<JavaCallbackClient>()
        .method("getPort") { Int32($0.server.callbackConfiguration.port) }
        .method("getAddress") { JavaInetAddress($0.server.callbackConfiguration.host) }
        .method("isMemoryManagementEnabled") { $0.server.callbackConfiguration.releasesProxies }
}

/// `py4j.Gateway`, as far as clients ask for it.
final class JavaGatewayState: GatewayObject {
    static let gatewayName = "py4j.Gateway"

    private let server: GatewayServer

    init(_ server: GatewayServer) { self.server = server }

    static let registration = TypeRegistration<JavaGatewayState>()
        .method("getBindings") { state in
            let dispatcher = state.server.dispatcher
            var bindings: [(key: GatewayValue, value: GatewayValue)] = [
                (.string("j"), .object(dispatcher.defaultView)),
                (.string("GATEWAY_SERVER"), .object(state.server)),
            ]
            if let entryPoint = dispatcher.entryPoint {
                bindings.append((.string("t"), .object(entryPoint)))
            }
            bindings += dispatcher.objects.snapshot.map { (.string($0.name), .object($0.object)) }
            return JavaMap(bindings)
        }
        .method("getEntryPoint") { state in
            state.server.dispatcher.entryPoint.map { .object($0) } ?? GatewayValue.null
        }
}

enum Py4JTypes {
    static func register(in registry: inout TypeRegistry) {
        registry.register(JavaInetAddress.registration)
        registry.register(GatewayServer.registration)
        registry.register(JavaCallbackClient.registration)
        registry.register(JavaGatewayState.registration)
        registry.register(
            TypeRegistration<JVMView>()
                .method("getName") { $0.name })
        registry.register(
            TypeRegistration<any GatewayObject>("py4j.reflection.TypeUtil")
                .rawStaticMethod("isInstanceOf") { arguments in
                    let name: String
                    switch try arguments.get(0, as: GatewayValue.self) {
                    case .string(let text): name = text
                    case .object(let object as JavaClass): name = object.name
                    case let other: throw JavaThrowable.classCast(other, to: "java.lang.Class")
                    }
                    let value = try arguments.get(1, as: GatewayValue.self)
                    guard let isInstance = arguments.context.isInstance(value, of: name) else {
                        throw Dispatcher.classNotFound(name)
                    }
                    return .bool(isInstance)
                })
    }
}
