import Synchronization

/// How far the subtasks of a source have come. Read and written by any thread.
public final class ReadProgress: Sendable {
    private let read = Atomic(0)
    private let total: Atomic<Int>

    init(totalBytes: Int) { total = Atomic(totalBytes) }

    func add(_ count: Int) { read.wrappingAdd(count, ordering: .relaxed) }
    func addTotal(_ count: Int) { total.wrappingAdd(count, ordering: .relaxed) }

    /// Bytes read from files, compressed ones as they are; what was read twice counts twice.
    public var bytesRead: Int { read.load(ordering: .relaxed) }
    /// Bytes of all files found so far, as long as they were when they were found.
    public var bytesTotal: Int { total.load(ordering: .relaxed) }
}
