import Foundation

/// Answers each command with the next line that a test has sent to the other port.
final class EchoServer: @unchecked Sendable {
    // Sound: the queue is used under its condition's lock only.

    private let condition = NSCondition()
    private var lines: [String] = []

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for (port, body) in [(UInt16(25332), receive), (UInt16(25333), answer)] {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            self.accept(port, body)
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    /// Serves the first connection to a port.
    private func accept(_ port: UInt16, _ body: (Int32) -> Void) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 1) == 0 else { return }
        let connection = Glibc.accept(listener, nil, nil)
        body(connection)
        close(connection)
        close(listener)
    }

    private func receive(_ connection: Int32) {
        guard let file = fdopen(dup(connection), "r") else { return }
        defer { fclose(file) }
        while let line = Self.line(file) {
            condition.lock()
            lines.append(line)
            condition.signal()
            condition.unlock()
        }
    }

    private func answer(_ connection: Int32) {
        guard let file = fdopen(dup(connection), "r") else { return }
        defer { fclose(file) }
        while let line = Self.line(file) {
            guard line == "e" else { continue }
            condition.lock()
            let deadline = Date().addingTimeInterval(1)
            while lines.isEmpty, condition.wait(until: deadline) {}
            let answer = lines.isEmpty ? "null" : lines.removeFirst()
            condition.unlock()
            let bytes = Array((answer + "\n").utf8)
            _ = write(connection, bytes, bytes.count)
        }
    }

    private static func line(_ file: UnsafeMutablePointer<FILE>) -> String? {
        var buffer: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(buffer) }
        let length = getline(&buffer, &size, file)
        guard length > 0, let buffer else { return nil }
        return String(cString: buffer).trimmingCharacters(in: .newlines)
    }
}
