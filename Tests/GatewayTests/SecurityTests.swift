import NIOSSL
import Py4J
import Testing

@testable import Gateway

@Suite struct SecurityTests {
    @Test func theRightTokenOpensTheDoor() async throws {
        try await withServer {
            $0.authToken = "se\\cret\n"
        } body: { server in
            let client = try await TestClient.connect(server.port, token: "se\\cret\n")
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test(arguments: ["", "secreT", "secret2", "\u{0}"])
    func aWrongTokenClosesIt(_ token: String) async throws {
        try await withServer {
            $0.authToken = "secret"
        } body: { server in
            let client = try await TestClient.connect(server.port)
            guard case .failureText = try await client.send(.authenticate(token: token)) else {
                Issue.record("let in with \(token)")
                return
            }
            try await client.waitUntilClosed()
        }
    }

    @Test func nothingRunsBeforeTheToken() async throws {
        let counter = Counter()
        try await withServer(entryPoint: counter) {
            $0.authToken = "secret"
        } body: { server in
            for text in [
                "c\nt\nadd\ni1\ne\n", "s\n", "q\n", "c\nt\nadd\nix\ne\n", "!yv\n",
                "c\nt\nadd\ni1\ne\nA\nsecret\n", "z\n127.0.0.1\n1\n2\n",
            ] {
                let client = try await TestClient.connect(server.port)
                try await client.write(text)
                try await client.waitUntilClosed()
            }
            #expect(counter.add(0) == 0)
            let client = try await TestClient.connect(server.port, token: "secret")
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func littleIsHeldBeforeTheToken() async throws {
        try await withServer {
            $0.authToken = "secret"
        } body: { server in
            let client = try await TestClient.connect(server.port)
            try await client.write("A\n" + String(repeating: "x", count: 5000))
            try await client.waitUntilClosed()
            let other = try await TestClient.connect(server.port)
            try await other.write(String(repeating: "\n", count: 100_000))
            try await other.write("c\nt\nget\ne\n")
            try await other.waitUntilClosed()
        }
    }

    @Test func whoNeverShowsATokenIsNotWaitedFor() async throws {
        try await withServer {
            $0.authToken = "secret"
            $0.authenticationTimeout = .milliseconds(100)
        } body: { server in
            let client = try await TestClient.connect(server.port)
            try await client.write("A\n")
            try await client.waitUntilClosed()
        }
    }

    @Test func aTokenThatNobodyAskedForIsFine() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port, token: "any")
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func listensOnLoopbackByDefault() async throws {
        #expect(GatewayConfiguration().host == "127.0.0.1")
        #expect(CallbackConfiguration().host == "127.0.0.1")
    }

    @Test func connectionsAreCounted() async throws {
        try await withServer {
            $0.maximumConnections = 2
        } body: { server in
            let first = try await TestClient.connect(server.port)
            let second = try await TestClient.connect(server.port)
            _ = try await first.call(.entryPoint, "get")
            _ = try await second.call(.entryPoint, "get")
            let third = try await TestClient.connect(server.port)
            try await third.waitUntilClosed()
            #expect(try await first.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    private static var certificate: String {
        "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
            + "/Fixtures/localhost.pem"
    }

    @Test func tls() async throws {
        try await withServer {
            $0.tls = GatewayTLS(pem: Self.certificate)
            $0.authToken = "secret"
        } body: { server in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(Self.certificate)
            let context = try NIOSSLContext(configuration: configuration)
            let client = try await TestClient.connect(server.port, token: "secret", tls: context)
            let text = String(repeating: "long\n", count: 100_000)
            let list = try await client.construct("java.util.ArrayList")
            _ = try await client.call(list, "add", .string(text))
            #expect(try await client.call(list, "get", .int32(0)) == .value(.string(text)))
            // Without TLS nothing can be said.
            let plain = try await TestClient.connect(server.port)
            try await plain.write("A\nsecret\n")
            try await plain.waitUntilClosed()
        }
    }

    @Test func tlsWithoutACertificateDoesNotStart() async throws {
        await #expect(throws: GatewayTLSError.self) {
            try await withServer {
                $0.tls = GatewayTLS(trustedCertificatesFile: nil)
            } body: { _ in
            }
        }
    }
}
