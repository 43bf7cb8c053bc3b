/// Where a file sink writes: the local file system, or a test's memory that may fail.
///
/// Its writer's thread calls it, one call at a time.
public protocol SinkStorage: AnyObject, Sendable {
    /// Makes the directory and those above it; does nothing where it exists.
    func createDirectory(_ path: String) throws(FileError)
    /// Makes an empty file, which must not exist.
    func create(_ path: String) throws(FileError) -> any SinkFile
    /// Gives a file another name in the same directory, at once or not at all, and so that it
    /// lasts through a power failure.
    func rename(_ path: String, to target: String) throws(FileError)
    func exists(_ path: String) throws(FileError) -> Bool
    /// Cuts a file to its first `size` bytes, for good.
    func truncate(_ path: String, to size: Int64) throws(FileError)
    /// Removes a file; does nothing where there is none.
    func remove(_ path: String) throws(FileError)
}

/// A file being written.
public protocol SinkFile: AnyObject {
    func write(_ bytes: [UInt8]) throws(FileError)
    /// Returns when all that was written lasts through a power failure.
    func sync() throws(FileError)
    /// Must not fail: what matters was synced before.
    func close()
}
