import CPosix

#if canImport(Glibc)
    import Glibc
#endif

/// A process, told from every other one that has or will have its number on this machine.
struct ProcessIdentity: Equatable {
    /// Numbers mean something within one of these: a container has its own.
    var namespace: UInt64
    var number: Int32
    /// In ticks since the machine started.
    var startTime: UInt64

    static let current = ProcessIdentity(
        namespace: ownNamespace, number: getpid(), startTime: startTime(of: getpid()) ?? 0)

    /// Whether it may still run: always for one that cannot be seen from here.
    var mayRun: Bool {
        namespace != Self.ownNamespace || Self.startTime(of: number) == startTime
    }

    private static let ownNamespace: UInt64 = {
        var status = stat()
        return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : 0
    }()

    private static func startTime(of number: Int32) -> UInt64? {
        let descriptor = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        // The second field is the program's name, in parentheses, which may contain anything.
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ")
        return fields.count > 20 ? UInt64(fields[20]) : nil
    }
}

extension WorkDirectory {
    static let prefix = "martlet-job-"

    /// The names of this process's directories begin so.
    static var namePrefix: String {
        let owner = ProcessIdentity.current
        return "\(prefix)\(owner.namespace)-\(owner.number)-\(owner.startTime)-"
    }

    static var parent: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// Whose directory it is; nil if it is not one of a job.
    static func owner(of name: String) -> ProcessIdentity? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, let namespace = UInt64(parts[0]), let number = Int32(parts[1]),
            let startTime = UInt64(parts[2])
        else { return nil }
        return ProcessIdentity(namespace: namespace, number: number, startTime: startTime)
    }

    /// Removes the directories of gateways of this user that were killed.
    static func removeLeftovers(in parent: String = parent) {
        guard let listing = opendir(parent) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let owner = owner(of: name), !owner.mayRun else { continue }
            let path = "\(parent)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_uid == geteuid(),
                status.st_mode & S_IFMT == S_IFDIR
            else { continue }
            martlet_remove_tree(path)
        }
    }
}
