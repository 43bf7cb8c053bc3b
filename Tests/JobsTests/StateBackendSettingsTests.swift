import Testing

@testable import Jobs

@Suite struct StateBackendSettingsTests {
    private func settings(
        _ values: [String: String]
    ) throws(ValidationError) -> StateBackendSettings {
        try StateBackendSettings(Configuration(values))
    }

    private func rocks(_ values: [String: String]) throws -> StateBackendSettings.RocksDB {
        var all = ["state.backend.type": "rocksdb"]
        for (key, value) in values {
            all[key.hasPrefix("martlet") ? key : "state.backend.rocksdb.\(key)"] = value
        }
        guard case .rocksDB(let rocks) = try settings(all).kind else {
            throw ValidationError("not RocksDB")
        }
        return rocks
    }

    @Test(arguments: [
        ("hashmap", false), ("HashMap", false), ("ROCKSDB", true),
        ("org.apache.flink.runtime.state.hashmap.HashMapStateBackendFactory", false),
        ("org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackendFactory", true),
    ]) func everyNameOfABackendCounts(name: String, isRocksDB: Bool) throws {
        for key in ["state.backend.type", "state.backend"] {
            #expect((try settings([key: name]).kind != .hashMap) == isRocksDB)
        }
    }

    @Test func memoryIsTheDefault() throws {
        #expect(try settings([:]).kind == .hashMap)
        #expect(
            try settings(["state.backend.type": "hashmap", "state.backend": "rocksdb"]).kind
                == .hashMap)
    }

    @Test func memoryIsLimitedAsInFlink() throws {
        #expect(try rocks([:]).memory == .perSlot(128 << 20))
        #expect(try rocks(["memory.fixed-per-slot": "3 mb"]).memory == .perSlot(3 << 20))
        let both = ["memory.fixed-per-slot": "1g", "memory.fixed-per-tm": "2g"]
        #expect(try rocks(both).memory == .perSlot(1 << 30))
        #expect(try rocks(["memory.fixed-per-tm": "2g"]).memory == .perSlot(128 << 20))
        let total = ["memory.managed": "false", "memory.fixed-per-tm": "2 gb"]
        #expect(try rocks(total).memory == .total(2 << 30))
        #expect(try rocks(["memory.write-buffer-ratio": "0.25"]).writeBufferRatio == 0.25)
    }

    @Test func directoriesAreTheClients() throws {
        #expect(try rocks([:]).directories == [])
        let named = ["localdir": "/a:b,c", "martlet.client.cwd": "/home/me"]
        #expect(try rocks(named).directories == ["/a", "/home/me/b", "/home/me/c"])
    }

    @Test(arguments: [
        (["memory.managed": "false"], "fixed-per-slot"),
        (["memory.fixed-per-slot": "1023 kb"], "1 mb or more"),
        (["memory.fixed-per-slot": "much"], "amount of memory such as '128 mb', not 'much'"),
        (["memory.fixed-per-slot": "99999999999 tb"], "amount of memory"),
        (["memory.write-buffer-ratio": "1"], "between 0 and 1, not '1'"),
        (["memory.managed": "maybe"], "true or false"),
    ]) func whatCannotBeIsNamed(values: [String: String], message: String) {
        let error = #expect(throws: ValidationError.self) { try rocks(values) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func anotherBackendIsRefused() {
        let error = #expect(throws: ValidationError.self) {
            try settings(["state.backend.type": "forst"])
        }
        #expect(error?.message == "'state.backend.type' must be hashmap or rocksdb, not 'forst'.")
    }

    @Test func amountsOfMemory() throws {
        let texts: [String: Int] = [
            "7": 7, "7 b": 7, "1k": 1024, "2 KB": 2048, "3m": 3 << 20, "1 gibibytes": 1 << 30,
            "1 tb": 1 << 40,
        ]
        for (text, bytes) in texts {
            #expect(try Configuration(["k": text]).byteCount("k") == bytes, "\(text)")
        }
    }
}

@Suite struct CheckpointRefusalTests {
    private func check(_ values: [String: String], isBatch: Bool = false) throws {
        try JobGraph(
            name: "job", isBatch: isBatch, configuration: Configuration(values), vertices: []
        ).checkRunnable()
    }

    @Test func aStreamingJobWithAnIntervalIsRefusedByName() throws {
        let values = ["execution.checkpointing.interval": "10 s"]
        let error = #expect(throws: ValidationError.self) { try check(values) }
        #expect(error?.message.contains("'execution.checkpointing.interval' is '10 s'") == true)
        try check(values, isBatch: true)
        try check(["execution.checkpointing.mode": "AT_LEAST_ONCE"])
    }
}
