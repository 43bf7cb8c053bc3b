/// Decides when part files are begun, finished and committed. It does nothing itself: each call
/// returns the steps to be done in the storage.
///
/// A file is committed only after it was sealed. So whatever happens between two steps, every file
/// with a final name is whole. And in a job with checkpoints it is committed only after the
/// checkpoint that it was sealed for is complete, so that no row is ever in two of them.
public struct PartFileMachine: Sendable {
    /// When sealed files get their final names.
    public enum Commit: Hashable, Sendable {
        /// At the end of input, in a job without checkpoints.
        case atEnd
        /// With the checkpoint, also at the end of input: a last checkpoint has to follow it. If
        /// files were committed before, a crash among them would repeat their rows.
        case withCheckpoint
        /// As soon as they are sealed: for jobs without checkpoints that never end.
        case whenSealed
    }

    private let naming: PartNaming
    private let policy: RollingPolicy
    private let commit: Commit
    private var buckets: [String: Bucket] = [:]
    /// Sealed since the last barrier.
    private var sealed: [PartFile] = []
    /// Sealed before the barrier of each checkpoint that is not complete yet; ascending.
    private var pending: [(checkpoint: UInt64, parts: [PartFile])] = []

    private struct Bucket: Sendable {
        /// Part of the names of all of the bucket's files.
        var uniqueID: String
        var counter = 0
        var part: PartFile?
    }

    public init(naming: PartNaming, policy: RollingPolicy, commit: Commit = .atEnd) {
        self.naming = naming
        self.policy = policy
        self.commit = commit
    }

    /// The file that rows of a bucket go to now; nil before `prepare`.
    public func part(of bucket: String) -> PartFile? { buckets[bucket]?.part }

    /// Makes sure that there is a file for the next row of a bucket.
    public mutating func prepare(_ bucket: String, now: Int64) -> [PartFileStep] {
        var steps: [PartFileStep] = []
        if let part = part(of: bucket) {
            guard isTooLarge(part) else { return [] }
            steps = seal(bucket)
        }
        var entry = buckets[bucket] ?? Bucket(uniqueID: naming.uniqueID())
        let part = naming.part(
            bucket: bucket, uniqueID: entry.uniqueID, counter: entry.counter, now: now)
        entry.counter += 1
        entry.part = part
        buckets[bucket] = entry
        return steps + [.open(part)]
    }

    /// How many bytes of rows surely go to a bucket's file without one of them rolling it; nil: any
    /// number. A single row may always be longer.
    public func room(in bucket: String) -> Int64? {
        guard let limit = policy.partSize, let part = part(of: bucket) else { return nil }
        return max(limit - part.size, 0)
    }

    /// Takes note of bytes that were written to a bucket's file.
    public mutating func wrote(_ bytes: Int, to bucket: String, now: Int64) {
        buckets[bucket]?.part?.size += Int64(bytes)
        buckets[bucket]?.part?.lastWritten = now
    }

    /// When `advance` has something to do; milliseconds.
    public var nextDeadline: Int64? {
        buckets.values.compactMap { $0.part.flatMap(deadline) }.min()
    }

    /// Seals what is too old, or was not written to for too long.
    public mutating func advance(to now: Int64) -> [PartFileStep] {
        var steps: [PartFileStep] = []
        for bucket in openBuckets {
            if let part = part(of: bucket), let time = deadline(part), time <= now {
                steps += seal(bucket)
            }
        }
        return steps
    }

    /// Prepares a checkpoint: what was written before its barrier is sealed, or at least lasts.
    public mutating func barrier(_ checkpoint: UInt64) -> (
        steps: [PartFileStep], state: FileSinkState
    ) {
        var steps: [PartFileStep] = []
        var state = FileSinkState()
        for bucket in openBuckets {
            guard let part = part(of: bucket) else { continue }
            if policy.rollsOnCheckpoint || isTooLarge(part) {
                steps += seal(bucket)
            } else {
                steps.append(.persist(part))
                state.open.append(part)
            }
        }
        // Buckets of the past would stay for ever.
        buckets = buckets.filter { $0.value.part != nil }
        pending.append((checkpoint, sealed))
        sealed = []
        // An earlier checkpoint may never complete; the files belong to this one as well then.
        state.sealed = pending.flatMap(\.parts)
        return (steps, state)
    }

    /// Commits what belongs to a checkpoint, and to those before it.
    public mutating func completed(_ checkpoint: UInt64) -> [PartFileStep] {
        let done = pending.prefix { $0.checkpoint <= checkpoint }
        pending.removeFirst(done.count)
        return done.flatMap(\.parts).map { .commit($0) }
    }

    /// Seals everything, for no row follows, and commits it unless a checkpoint is to.
    public mutating func end() -> [PartFileStep] {
        var steps: [PartFileStep] = []
        for bucket in openBuckets { steps += seal(bucket) }
        if commit == .withCheckpoint { return steps }
        // Not one file appears before all of them are whole.
        steps += (pending.flatMap(\.parts) + sealed).map { .commit($0) }
        pending = []
        sealed = []
        return steps
    }

    /// Takes up what a completed checkpoint left. Files that were open are cut to what was
    /// checkpointed and committed as they are; new ones follow.
    public static func recover(_ state: FileSinkState) -> [PartFileStep] {
        state.sealed.map { .commit($0) }
            + state.open.flatMap { [.truncate($0), .commit($0)] }
    }

    /// In the order of their names, so that runs can be repeated.
    private var openBuckets: [String] {
        buckets.filter { $0.value.part != nil }.keys.sorted()
    }

    private func isTooLarge(_ part: PartFile) -> Bool {
        policy.partSize.map { part.size > $0 } ?? false
    }

    private func deadline(_ part: PartFile) -> Int64? {
        // An interval may be as good as endless: Long.MAX_VALUE is what people write.
        func after(_ time: Int64, _ interval: Int64?) -> Int64? {
            interval.flatMap {
                let (sum, overflow) = time.addingReportingOverflow($0)
                return overflow ? nil : sum
            }
        }
        let times = [
            after(part.created, policy.rolloverInterval),
            after(part.lastWritten, policy.inactivityInterval),
        ]
        return times.compactMap { $0 }.min()
    }

    private mutating func seal(_ bucket: String) -> [PartFileStep] {
        guard let part = buckets[bucket]?.part else { return [] }
        buckets[bucket]?.part = nil
        if commit == .whenSealed { return [.seal(part), .commit(part)] }
        sealed.append(part)
        return [.seal(part)]
    }
}
