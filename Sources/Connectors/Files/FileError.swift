public import Dataflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A failed operation on a file, as the system reported it.
public struct FileError: Error, Hashable, Sendable {
    /// The system's `errno`.
    public var errorNumber: Int32
    /// What was tried, so that it reads well before the path: `open`, `write to`.
    public var operation: String
    public var path: String

    public init(_ errorNumber: Int32, _ operation: String, _ path: String) {
        self.errorNumber = errorNumber
        self.operation = operation
        self.path = path
    }

    /// The error as a job fails with it.
    public var jobError: JobError {
        let reason = String(cString: strerror(errorNumber))
        let code =
            switch errorNumber {
            case ENOSPC, EDQUOT: "disk-full"
            case EACCES, EPERM, EROFS: "permission-denied"
            case ENOENT, ENOTDIR: "no-such-file"
            default: "io-error"
            }
        return JobError(code: code, "cannot \(operation) \(path): \(reason)")
    }
}
