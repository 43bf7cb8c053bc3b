/// What a job's configuration says about where its keyed state is kept.
struct StateBackendSettings: Equatable {
    enum Kind: Equatable {
        case hashMap
        case rocksDB(RocksDB)
    }

    struct RocksDB: Equatable {
        enum Memory: Equatable {
            /// So much for each slot: for the instances of one number of all the job's operators.
            case perSlot(Int)
            /// So much for all instances together.
            case total(Int)
        }

        var memory: Memory
        /// The part of the memory in which writes are collected; the rest caches what was read.
        var writeBufferRatio: Double
        /// Where the stores lie, in turn; empty: in the job's own directory.
        var directories: [String]

        /// Of a slot where nothing is said: what Flink's local cluster has.
        static let managedMemory = 128 << 20
        static let defaultWriteBufferRatio = 0.5
    }

    var kind: Kind
    /// What a worker keeps of the state, in bytes; nil: it depends on the backend.
    var workerCacheBytes: Int?

    init(_ configuration: Configuration) throws(ValidationError) {
        workerCacheBytes = try configuration.byteCount("martlet.state.worker-cache")
        // The second key is the one of older versions of Flink.
        let key =
            configuration["state.backend.type"] == nil ? "state.backend" : "state.backend.type"
        switch configuration[key] ?? "hashmap" {
        case "org.apache.flink.runtime.state.hashmap.HashMapStateBackendFactory":
            kind = .hashMap
        case "org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackendFactory":
            kind = .rocksDB(try RocksDB(configuration))
        case let name:
            switch name.lowercased() {
            case "hashmap": kind = .hashMap
            case "rocksdb": kind = .rocksDB(try RocksDB(configuration))
            default:
                throw ValidationError("'\(key)' must be hashmap or rocksdb, not '\(name)'.")
            }
        }
    }
}

extension StateBackendSettings.RocksDB {
    fileprivate init(_ configuration: Configuration) throws(ValidationError) {
        let prefix = "state.backend.rocksdb"
        let perSlot = try configuration.byteCount("\(prefix).memory.fixed-per-slot")
        let total = try configuration.byteCount("\(prefix).memory.fixed-per-tm")
        let isManaged = try configuration.boolean("\(prefix).memory.managed") ?? true
        for (key, bytes) in [("slot", perSlot), ("tm", total)] {
            guard let bytes, bytes < 1 << 20 else { continue }
            throw ValidationError(
                "'\(prefix).memory.fixed-per-\(key)' must be 1 mb or more, not \(bytes) bytes.")
        }
        // In Flink's order: what is fixed for all counts where memory is not managed.
        if let perSlot {
            memory = .perSlot(perSlot)
        } else if isManaged {
            memory = .perSlot(Self.managedMemory)
        } else if let total {
            memory = .total(total)
        } else {
            throw ValidationError(
                "'\(prefix).memory.managed' is false, and RocksDB's memory is always limited here: "
                    + "set '\(prefix).memory.fixed-per-slot' or "
                    + "'\(prefix).memory.fixed-per-tm' as well.")
        }
        writeBufferRatio =
            try configuration.fraction("\(prefix).memory.write-buffer-ratio")
            ?? Self.defaultWriteBufferRatio
        let client = configuration["martlet.client.cwd"] ?? ""
        directories = (configuration["\(prefix).localdir"] ?? "")
            .split { $0 == "," || $0 == ":" }
            .map { $0.hasPrefix("/") || client.isEmpty ? String($0) : "\(client)/\($0)" }
    }
}
