/// Bytes that a client reads with `method.stream()`: they travel raw, without Base64.
public final class JavaByteChannel: GatewayObject {
    public static let gatewayName = "java.nio.channels.ReadableByteChannel"

    private let next: @Sendable () async throws -> [UInt8]?

    /// - Parameter next: Gives the next bytes; nil at the end.
    public init(_ next: @escaping @Sendable () async throws -> [UInt8]?) { self.next = next }

    public convenience init(_ content: [UInt8]) {
        let source = OneChunk(content)
        self.init { source.take() }
    }

    func read() async throws -> [UInt8]? { try await next() }

    static let registration = TypeRegistration<JavaByteChannel>(gatewayName, interface: true)
        .method("isOpen") { _ in true }
        .method("close") { _ in }
}
