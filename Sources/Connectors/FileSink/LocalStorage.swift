#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The local file system.
public final class LocalStorage: SinkStorage {
    public init() {}

    public func createDirectory(_ path: String) throws(FileError) {
        if path.isEmpty || mkdir(path, 0o777) == 0 { return }
        switch errno {
        case EEXIST:
            if case .success(let status) = LocalPath.status(path), status.kind == .directory {
                return
            }
            throw FileError(ENOTDIR, "create the directory", path)
        case ENOENT:
            let parent = LocalPath.parent(path)
            guard parent != path else { throw FileError(ENOENT, "create the directory", path) }
            try createDirectory(parent)
            if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
            throw FileError(errno, "create the directory", path)
        case let number: throw FileError(number, "create the directory", path)
        }
    }

    public func create(_ path: String) throws(FileError) -> any SinkFile {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(errno, "create", path) }
        return LocalFile(descriptor, path)
    }

    public func rename(_ path: String, to target: String) throws(FileError) {
        guard Glibc.rename(path, target) == 0 else { throw FileError(errno, "rename", path) }
        try syncDirectory(LocalPath.parent(target))
    }

    public func exists(_ path: String) throws(FileError) -> Bool {
        switch LocalPath.status(path) {
        case .success: return true
        case .failure(let error) where error.errorNumber == ENOENT: return false
        case .failure(let error): throw error
        }
    }

    public func truncate(_ path: String, to size: Int64) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, "open", path) }
        defer { Glibc.close(descriptor) }
        guard ftruncate(descriptor, off_t(size)) == 0, fsync(descriptor) == 0 else {
            throw FileError(errno, "truncate", path)
        }
    }

    public func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0, errno != ENOENT { throw FileError(errno, "remove", path) }
    }

    /// A new name is in the directory, so it is the directory that has to reach the disk.
    private func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, "open", path) }
        defer { Glibc.close(descriptor) }
        // Some file systems cannot sync directories, and need not.
        if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP, errno != EROFS {
            throw FileError(errno, "sync", path)
        }
    }
}

private final class LocalFile: SinkFile {
    private let path: String
    private var descriptor: Int32

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close() }

    func write(_ bytes: [UInt8]) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw FileError(errno, "write to", path)
            }
        }
    }

    func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(errno, "sync", path) }
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
