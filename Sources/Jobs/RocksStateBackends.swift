import Dataflow
import PythonWorkers
import State
import StateRocksDB
import Synchronization

/// Makes a RocksDB store for each instance of an operator that has keyed state, when it declares
/// some; those of a slot share their memory.
///
/// The C API of RocksDB cannot share write buffers, so each store gets an equal part of them.
final class RocksStateBackends: KeyedStateBackends {
    private let settings: StateBackendSettings.RocksDB
    private let directories: [WorkDirectory]
    /// The stores that share the memory of a slot, or of the job, at most.
    private let sharing: Int

    private struct Made {
        var stores = 0
        /// By slot.
        var caches: [Int: RocksCache] = [:]
    }
    private let made = Mutex(Made())

    /// - Parameters:
    ///   - keyedOperators: the parallelism of each operator of the job that may have keyed state.
    ///   - directories: where the stores go, in turn.
    init(
        _ settings: StateBackendSettings.RocksDB, keyedOperators: [Int],
        directories: [WorkDirectory]
    ) throws(ValidationError) {
        if !keyedOperators.isEmpty, let reason = RocksStateBackend.unavailability {
            throw ValidationError("'state.backend.type' is rocksdb, and \(reason).")
        }
        self.settings = settings
        self.directories = directories
        sharing =
            switch settings.memory {
            case .perSlot: max(keyedOperators.count, 1)
            case .total: max(keyedOperators.reduce(0, +), 1)
            }
    }

    private var memory: Int {
        switch settings.memory {
        case .perSlot(let bytes), .total(let bytes): bytes
        }
    }

    /// What a worker keeps of its state, unless the job says otherwise: as much as its store.
    var workerCacheBytes: Int { max(memory / sharing, 1 << 20) }

    func make(for context: OperatorContext) throws -> any KeyedStateBackend {
        let slot =
            switch settings.memory {
            case .perSlot: context.subtask
            case .total: 0
            }
        let writeBuffers = Double(memory) * settings.writeBufferRatio
        let (number, cache) = try made.withLock { made in
            let cache =
                try made.caches[slot] ?? RocksCache(bytes: memory - Int(writeBuffers))
            made.caches[slot] = cache
            made.stores += 1
            return (made.stores, cache)
        }
        let directory: String
        do {
            directory = try directories[number % directories.count].path()
        } catch let error as ValidationError {
            throw StateError(error.message)
        }
        return try RocksStateBackend(
            directory: "\(directory)/state-\(number)", cache: cache,
            writeBufferBytes: Int(writeBuffers) / sharing)
    }
}
