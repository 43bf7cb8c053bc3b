import Glibc

/// The file that lets clients of the same user attach: readable by nobody else.
struct TokenFile {
    let path: String
    private let token: String

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// 256 bits from the system's generator, in hexadecimal.
    static func makeToken() throws -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Writes the token to `path`, or to the user's own place for it.
    init(path chosen: String?, token: String) throws {
        self.token = token
        path = try chosen ?? Self.defaultPath()
        // A new file each time, so that the mode is right from its first byte on.
        let temporary = path + ".\(getpid())"
        unlink(temporary)
        let descriptor = open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write", temporary) }
        let bytes = Array((token + "\n").utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard written == bytes.count, rename(temporary, path) == 0 else {
            let failure = Self.failure("write", path)
            unlink(temporary)
            throw failure
        }
    }

    /// Removes the file, unless another gateway has put its own there since.
    func remove() {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: token.utf8.count)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count == bytes.count && bytes == Array(token.utf8) { unlink(path) }
    }

    private static func defaultPath() throws -> String {
        let directory: String
        if let runtime = getenv("XDG_RUNTIME_DIR") {
            directory = String(cString: runtime) + "/martlet"
        } else if let home = getenv("HOME") {
            directory = String(cString: home) + "/.martlet"
        } else {
            throw Failure(description: "there is no HOME for the token; pass --token-file.")
        }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw failure("make", directory)
        }
        return directory + "/gateway-token"
    }

    private static func failure(_ action: String, _ path: String) -> Failure {
        Failure(description: "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}
