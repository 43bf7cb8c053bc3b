import PythonWorkers

/// Where the keyed state of one run of a job is kept, and how much of it workers may keep.
struct KeyedStatePlacement {
    let backends: any KeyedStateBackends
    let limits: PythonStage.Limits
    /// What was made on disk for it alone, to be removed with the job.
    let directories: [WorkDirectory]

    /// - Parameter directory: the job's own.
    init(of graph: JobGraph, in directory: WorkDirectory) throws {
        let settings = try StateBackendSettings(graph.configuration)
        var limits = PythonStage.Limits()
        switch settings.kind {
        case .hashMap:
            backends = HeapStateBackends()
            directories = []
        case .rocksDB(let rocks):
            directories = try rocks.directories.map {
                try StateDirectory.prepare($0)
                return WorkDirectory(in: $0)
            }
            let backends = try RocksStateBackends(
                rocks, keyedOperators: Self.keyedOperators(of: graph),
                directories: directories.isEmpty ? [directory] : directories)
            limits.stateCacheBytes = backends.workerCacheBytes
            self.backends = backends
        }
        if let bytes = settings.workerCacheBytes { limits.stateCacheBytes = max(bytes, 1) }
        self.limits = limits
    }

    /// The parallelism of each stage with a function on a keyed stream.
    private static func keyedOperators(of graph: JobGraph) -> [Int] {
        graph.vertices.flatMap { vertex in
            vertex.operators.compactMap {
                guard case .python(let steps) = $0.kind, steps.contains(where: { $0.key != nil })
                else { return nil }
                return vertex.parallelism
            }
        }
    }
}
