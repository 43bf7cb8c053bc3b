public import Dataflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where bytes go that a user reads: standard output, or a test's memory.
public protocol ByteOutput: Sendable {
    /// Writes all of `bytes`, and nothing of anybody else's in between.
    func write(_ bytes: [UInt8]) throws(JobError)
}

/// A file descriptor of the process that several subtasks write to.
public final class DescriptorOutput: ByteOutput {
    public static let standardOutput = DescriptorOutput(1, name: "standard output")
    public static let standardError = DescriptorOutput(2, name: "standard error")

    private let descriptor: Int32
    private let name: String
    /// Held for a whole write, so that lines of different subtasks do not mix.
    private let lock = Monitor()

    /// - Parameter name: what error messages call it.
    ///
    /// A reader that goes away should be an error and not the end of the process, so `SIGPIPE` is
    /// ignored from here on, unless the process has its own handler.
    public init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
        var action = sigaction()
        if sigaction(SIGPIPE, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil {
            signal(SIGPIPE, SIG_IGN)
        }
    }

    public func write(_ bytes: [UInt8]) throws(JobError) {
        lock.lock()
        defer { lock.unlock() }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Somebody made the descriptor non-blocking, a terminal shared with them perhaps.
                var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&event, 1, -1)
            case EPIPE:
                throw JobError(
                    code: "output-closed", "\(name) was closed by the program that reads it")
            default:
                throw FileError(errno, "write to", name).jobError
            }
        }
    }
}
