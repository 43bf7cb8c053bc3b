import ArgumentParser
import Facade
import Gateway
import Glibc
import Jobs

/// `martlet gateway`: serves Python clients until it is told to stop.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve Python clients on this machine.",
        discussion: """
            Clients attach with MARTLET_GATEWAY=host:port and prove with the token in the token \
            file that they may: whoever has it can run code as this user.
            """)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes any that is free. (default: 25533)")
    var port: UInt16?

    @Option(help: "Where to write the token (mode 0600); default: in the user's own directory.")
    var tokenFile: String?

    @Option(help: "The interpreter of the worker processes.")
    var python = "python3"

    @Option(help: ArgumentHelp("PEM file with the certificate for TLS.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("PEM file with the key for TLS.", valueName: "file"))
    var tlsKey: String?

    @Flag(help: "Listen on any address without TLS: whoever listens in can run code as this user.")
    var insecure = false

    @Flag(help: "Serve the one client that started this process, and end with it.")
    var `private` = false

    @Option(help: .hidden)
    var readyFd: Int32?

    static let defaultPort: UInt16 = 25533

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ArgumentParser.ValidationError("--tls-certificate and --tls-key go together.")
        }
        guard tlsCertificate != nil || insecure || isLoopback else {
            throw ArgumentParser.ValidationError(
                "Without TLS the token could be read on its way to \(host): pass "
                    + "--tls-certificate and --tls-key, or --insecure.")
        }
        guard `private` == (readyFd != nil) else {
            throw ArgumentParser.ValidationError("--private and --ready-fd go together.")
        }
    }

    private var isLoopback: Bool {
        var address = in_addr()
        if inet_pton(AF_INET, host, &address) == 1 {
            return UInt32(bigEndian: address.s_addr) >> 24 == 127
        }
        return host == "localhost" || host == "::1"
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        if `private` {
            // Ctrl-C reaches the whole group; what follows from it is the client's to say.
            signal(SIGINT, SIG_IGN)
            try await servePrivately()
        } else {
            try await serveAsDaemon(try TerminationSignal())
        }
    }

    private func makeServer(token: String, service: JobService) throws -> GatewayServer {
        var registry = TypeRegistry.standard
        registerMartletTypes(in: &registry, service: service)
        var configuration = GatewayConfiguration()
        configuration.host = host
        configuration.port = Int(port ?? (`private` ? 0 : Self.defaultPort))
        configuration.authToken = token
        if let tlsCertificate, let tlsKey {
            configuration.tls = GatewayTLS(
                certificateFile: tlsCertificate, privateKeyFile: tlsKey)
        }
        return GatewayServer(registry: registry, configuration: configuration)
    }

    // MARK: One client

    private func servePrivately() async throws {
        let service = JobService(pythonExecutable: python)
        service.prewarm()
        guard let token = readLine(strippingNewline: true), !token.isEmpty else {
            // The client is gone already.
            throw ExitCode(1)
        }
        do {
            let server = try makeServer(token: token, service: service)
            try await server.start()
            report("READY \(server.port) \(getpid())")
        } catch {
            report("ERROR \(error)")
            throw ExitCode(1)
        }
        startThread { JobService.removeLeftovers() }
        onEndOfInput {
            // Nobody waits for this process, but nothing of it may be left for long.
            service.stop(within: 1000)
            service.abandon()
            _exit(0)
        }
        while true { try await Task.sleep(for: .seconds(86_400)) }
    }

    private func report(_ line: String) {
        guard let readyFd else { return }
        let bytes = Array((line.replacing("\n", with: " ") + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(readyFd, $0.baseAddress, $0.count) }
        close(readyFd)
    }

    // MARK: Daemon

    private func serveAsDaemon(_ termination: TerminationSignal) async throws {
        let token = try TokenFile.makeToken()
        let service = JobService(pythonExecutable: python)
        let server = try makeServer(token: token, service: service)
        do {
            try await server.start()
        } catch {
            printError(
                "martlet gateway: cannot listen on \(host):\(port ?? Self.defaultPort): \(error)")
            throw ExitCode(1)
        }
        let file: TokenFile
        do {
            file = try TokenFile(path: tokenFile, token: token)
        } catch {
            printError("martlet gateway: \(error)")
            throw ExitCode(1)
        }
        service.prewarm()
        startThread { JobService.removeLeftovers() }
        print("Martlet gateway \(martletVersion) (process \(getpid()))")
        print("  attach with  MARTLET_GATEWAY=\(host):\(server.port)")
        print("  token in     \(file.path)")
        fflush(nil)
        await withCheckedContinuation { continuation in
            startThread {
                termination.wait()
                // Nobody attaches any more.
                file.remove()
                service.stop(within: 5000)
                service.abandon()
                continuation.resume()
            }
        }
        await server.stop()
        print("Martlet gateway: stopped.")
        fflush(nil)
        _exit(0)
    }
}

/// Calls `body` on a thread of its own when standard input ends.
private func onEndOfInput(_ body: @escaping @Sendable () -> Void) {
    startThread {
        var buffer: UInt8 = 0
        while true {
            let count = read(0, &buffer, 1)
            if count == 0 || (count < 0 && errno != EINTR) { break }
        }
        body()
    }
}

private func printError(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

private final class ThreadBody {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, context)
    pthread_detach(thread)
}
