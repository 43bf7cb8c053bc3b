import Dataflow

/// Looks for new files again and again. Files are known by their paths: one that changes after it
/// was read is not read again, as in Flink.
struct FileDiscovery {
    /// Milliseconds.
    let interval: Int64
    /// When to look again, on the task's clock.
    private(set) var nextLook: Int64
    private var known: Set<String> = []

    init(interval: Int64, nextLook: Int64) {
        self.interval = interval
        self.nextLook = nextLook
    }

    /// The new files of one subtask, if it is time to look. Every subtask looks for itself and takes
    /// the files whose paths fall to it, so that they need not talk to each other.
    mutating func look(
        at now: Int64, in input: TextFileInput, subtask: Int, parallelism: Int
    ) -> [FileSplit] {
        guard now >= nextLook else { return [] }
        nextLook = Deadline.after(now, interval)
        // A directory that cannot be read now may be readable later; Flink goes on as well.
        let files = (try? FileEnumeration.files(input.paths, allowsMissing: true)) ?? []
        return files.filter {
            Self.owner(of: $0.path, parallelism: parallelism) == subtask
                && known.insert($0.path).inserted
        }.map {
            input.progress.addTotal(Int($0.size))
            return FileSplit(path: $0.path, start: 0, end: .max)
        }
    }

    /// FNV-1a: the same in every process, unlike Swift's own hash.
    private static func owner(of path: String, parallelism: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        // Wrapping is how the hash is defined.
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(parallelism))
    }
}
