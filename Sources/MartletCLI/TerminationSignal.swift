import Glibc

/// SIGTERM or SIGINT, as something that a thread can wait for.
struct TerminationSignal: Sendable {
    private let readEnd: Int32

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where the handler writes. Set once, before the handler is there, and only read after that.
    private nonisolated(unsafe) static var writeEnd: Int32 = -1

    /// Takes the two signals over for the whole process.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure(description: "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        readEnd = ends[0]
        Self.writeEnd = ends[1]
        for number in [SIGTERM, SIGINT] {
            // Nothing but write(2) happens here: it is safe in a handler.
            signal(number) { _ in
                var byte: UInt8 = 0
                _ = write(TerminationSignal.writeEnd, &byte, 1)
            }
        }
    }

    /// Returns once one of the signals has come.
    func wait() {
        var byte: UInt8 = 0
        while read(readEnd, &byte, 1) < 0, errno == EINTR {}
    }
}
