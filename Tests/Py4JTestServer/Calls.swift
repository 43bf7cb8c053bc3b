import Gateway

/// The smallest call there is, for benchmarks/gateway_calls.py.
final class Calls: GatewayObject {
    static let gatewayName = "martlet.benchmark.Calls"

    static let registration = TypeRegistration<Calls>()
        .method("inc", Int64.self) { _, number in number &+ 1 }
        .asyncMethod("incLater", Int64.self) { _, number in number &+ 1 }

    /// Serves on a free port, which it prints.
    static func run() async throws {
        let server = try await Applications.start(Calls(), port: 0)
        print(server.port)
        fflush(nil)
        await server.waitUntilStopped()
    }
}
