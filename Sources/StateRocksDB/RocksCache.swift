import CRocksDB
import State

/// The memory in which stores keep the blocks that they have read: one for all that share it.
///
/// Sound to share: RocksDB's cache is made for many threads, and nothing here changes.
public final class RocksCache: @unchecked Sendable {
    let cache: OpaquePointer

    /// Loads RocksDB.
    /// - Throws: `StateError` if it is not installed.
    public init(bytes: Int) throws(StateError) {
        if let reason = RocksStateBackend.unavailability { throw StateError(reason) }
        cache = martlet_rocks_cache_create(bytes)
    }

    // Stores hold on to it by themselves.
    deinit { martlet_rocks_cache_destroy(cache) }
}
