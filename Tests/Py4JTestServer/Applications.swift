import Gateway

@_exported import Glibc

/// The main classes that py4j's tests start.
enum Applications {
    struct UnknownClass: Error, CustomStringConvertible {
        let name: String
        var description: String { "Error: Could not find or load main class \(name)" }
    }

    static func run(_ launch: Launch) async throws {
        switch launch.mainClass {
        case "py4j.GatewayServer": try await launchedGateway(launch.arguments)
        case Calls.gatewayName: try await Calls.run()
        case "py4j.EchoServer": await EchoServer().run()
        case "py4j.examples.ExampleApplication":
            try await serve(ExampleEntryPoint())
        case "py4j.examples.ExampleApplication$ExampleNoMemManagementApplication":
            try await serve(ExampleEntryPoint()) { $0.callback.releasesProxies = false }
        case "py4j.examples.ExampleApplication$ExampleShortTimeoutApplication":
            try await serve(ExampleEntryPoint()) { configuration in
                configuration.readTimeout = .milliseconds(250)
                configuration.callback.readTimeout = .milliseconds(250)
                configuration.callback.releasesProxies = false
            }
        case "py4j.examples.ExampleApplication$ExampleIPv6Application":
            try await serve(ExampleEntryPoint()) { configuration in
                configuration.host = "::1"
                configuration.callback.host = "::1"
                configuration.readTimeout = .milliseconds(250)
                configuration.callback.readTimeout = .milliseconds(250)
                configuration.callback.releasesProxies = false
            }
        case "py4j.examples.ExampleApplication$ExamplePythonEntryPointApplication":
            try await callPython(token: launch.arguments.first, threading: .pooled)
        case "py4j.examples.ExampleSSLApplication": try await serveTLS()
        case "py4j.examples.OperatorExampleTest":
            try await serve(OperatorExample()) { $0.callback.idleTimeout = .seconds(2) }
        case "py4j.examples.InterfaceExample": try await serve(InterfaceExample())
        case "py4j.examples.SingleThreadApplication":
            try await serve(ExampleEntryPoint()) { $0.threading = .singleThreaded }
        case "py4j.examples.SingleThreadApplication$SingleThreadShortTimeoutApplication":
            try await serve(ExampleEntryPoint()) { configuration in
                configuration.threading = .singleThreaded
                configuration.readTimeout = .milliseconds(250)
                configuration.callback.readTimeout = .milliseconds(250)
            }
        case "py4j.examples.SingleThreadClientApplication":
            let token = launch.arguments.count == 2 ? launch.arguments[1] : nil
            try await callPython(token: token, threading: .singleThreaded)
        case "py4j.examples.SingleThreadClientGCApplication": try await sendObjects()
        case "py4j.examples.MultiClientServer": try await MultiClientServer.run()
        case "py4j.instrumented.InstrumentedApplication":
            try await serve(InstrumentedApplication(threading: .pooled))
        case "py4j.instrumented.InstrumentedClientServerApplication":
            try await serve(InstrumentedApplication(threading: .singleThreaded)) {
                $0.threading = .singleThreaded
            }
        default: throw UnknownClass(name: launch.mainClass)
        }
    }

    /// Runs a server until a client shuts it down.
    static func serve(
        _ entryPoint: (any GatewayObject)?, port: Int = 25333,
        _ configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws {
        let server = try await start(entryPoint, port: port, configure)
        await server.waitUntilStopped()
    }

    static func start(
        _ entryPoint: (any GatewayObject)?, port: Int = 25333,
        _ configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> GatewayServer {
        var configuration = GatewayConfiguration(port: port)
        // Java reports what its collector finds when it runs, so the tests expect reports at
        // `System.gc()` only.
        configuration.callback.releaseInterval = .minutes(10)
        configure(&configuration)
        let server = GatewayServer(
            registry: Examples.registry, entryPoint: entryPoint, configuration: configuration)
        try await server.start()
        return server
    }

    private static func serveTLS() async throws {
        guard let pem = getenv("PY4J_TEST_PEM").map({ String(cString: $0) }) else {
            throw UnknownClass(name: "a certificate: PY4J_TEST_PEM is not set")
        }
        try await serve(ExampleEntryPoint()) { configuration in
            configuration.host = "localhost"
            configuration.tls = GatewayTLS(pem: pem)
            var client = GatewayTLS(trustedCertificatesFile: pem)
            client.verifiesHostname = false
            configuration.callback.tls = client
        }
    }

    /// Greets the Python program's own entry point.
    private static func callPython(
        token: String?, threading: GatewayConfiguration.Threading
    ) async throws {
        let server = try await start(nil) { configuration in
            configuration.threading = threading
            configuration.callback.authToken = token
            // In Java only the single-threaded builder uses the token for both directions.
            if threading == .singleThreaded { configuration.authToken = token }
        }
        let thread = GatewayThread()
        do {
            try await thread.run {
                let hello = IHello(
                    proxy: try server.pythonEntryPoint(implementing: [IHello.gatewayName]))
                _ = try await hello.sayHello()
                _ = try await hello.sayHello(2, "Hello World")
            }
        } catch {
            print(JavaThrowable.from(error).stackTrace)
        }
        await server.waitUntilStopped()
    }

    private static func sendObjects() async throws {
        let server = try await start(nil) { $0.threading = .singleThreaded }
        let thread = GatewayThread()
        try await thread.run {
            let hello = try server.pythonEntryPoint(implementing: ["py4j.examples.IHelloObject"])
            for _ in 0..<1000 {
                _ = try await hello.call(
                    "sendObject", [.object(ExampleEntryPoint()), .object(ExampleEntryPoint())])
            }
        }
        await server.stop()
    }

    /// What `launch_gateway` starts: tells its port, and its token if it has one, on stdout.
    private static func launchedGateway(_ arguments: [String]) async throws {
        let token =
            arguments.contains("--enable-auth")
            ? (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
            : nil
        let port = arguments.last.flatMap { Int($0) } ?? 25333
        let server = try await start(nil, port: port) { $0.authToken = token }
        print(server.port)
        if let token { print(token) }
        // The launcher waits for these lines at the other end of a pipe.
        fflush(nil)
        if arguments.contains("--die-on-broken-pipe") {
            _ = readLine()
        } else {
            await server.waitUntilStopped()
        }
    }
}
