/// A part file on its way from its first row to its final name.
public struct PartFile: Hashable, Sendable {
    /// The directory below the base path; empty: the base path itself.
    public var bucket: String
    /// Where the rows are written; readers leave it alone, for its name begins with a dot.
    public var temporaryPath: String
    /// Its name once it is committed.
    public var finalPath: String
    /// Bytes.
    public var size: Int64 = 0
    /// Milliseconds since the epoch.
    public var created: Int64
    public var lastWritten: Int64
}

/// What the storage is to do for a file sink, in this order.
public enum PartFileStep: Hashable, Sendable {
    /// Make the bucket's directory and an empty temporary file.
    case open(PartFile)
    /// Make what was written so far last; rows go on being written.
    case persist(PartFile)
    /// Make all of it last, and close it.
    case seal(PartFile)
    /// Give a sealed file its final name. Done already: nothing is to do.
    case commit(PartFile)
    /// Cut a file of an earlier attempt to its `size`: what follows was not checkpointed.
    case truncate(PartFile)
}

/// What a checkpoint keeps of a file sink's subtask.
public struct FileSinkState: Hashable, Sendable {
    /// Persisted up to their `size`.
    public var open: [PartFile] = []
    /// Sealed, and to be committed when this checkpoint is complete.
    public var sealed: [PartFile] = []

    public init() {}
}
