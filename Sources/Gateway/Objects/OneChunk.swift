import Synchronization

/// Gives its content once.
final class OneChunk: Sendable {
    private let content: Mutex<[UInt8]?>

    init(_ content: [UInt8]) { self.content = Mutex(content) }

    func take() -> [UInt8]? {
        content.withLock { content in
            defer { content = nil }
            return content
        }
    }
}
