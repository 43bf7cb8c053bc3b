public import Columnar
public import Dataflow
public import Formats

/// Writes rows to part files: one line each, as Flink's `FileSink` with a simple string encoder, or
/// the bytes that a format has made of them (`PartFraming`).
///
/// `PartFileMachine` decides, and this does what it says. Files get their final names at the end
/// of input, or, with the option `commit`, with `checkpointCompleted`.
public final class FileSink: TimedOperator {
    public struct Options: Sendable {
        /// A directory, or a `file:` URL of one.
        public var path: String
        public var partPrefix = "part"
        public var partSuffix = ""
        public var rolling = RollingPolicy()
        public var buckets = BucketAssigner.basePath
        public var charset = Charset.utf8
        /// How rows lie in a file.
        public var framing = PartFraming.lines
        /// What every file begins with.
        public var header: [UInt8] = []
        public var commit = PartFileMachine.Commit.atEnd

        public init(path: String) { self.path = path }
    }

    private let options: Options
    private let storage: any SinkStorage
    private var machine: PartFileMachine
    private var clock: (any Clock)?
    private var files: [String: any SinkFile] = [:]
    /// Rows of a part file that have not been written yet; one file's at a time.
    private var buffer: [UInt8] = []
    private var bufferedPart: String?
    private var text: [UInt8] = []

    private static let bufferBytes = 1 << 18

    /// Fails where the path or the charset cannot be used.
    ///
    /// - Parameters:
    ///   - uniqueID: random UUIDs for the names of files.
    public init(
        _ options: Options, storage: any SinkStorage = LocalStorage(),
        uniqueID: @escaping @Sendable () -> String = PartNaming.randomUUID
    ) throws(JobError) {
        guard options.framing != .lines || options.charset.encode([]) != nil else {
            throw JobError(
                code: "illegal-argument",
                "files cannot be written in \(options.charset.rawValue): "
                    + "a line ends with the single byte 10, which is no character there")
        }
        self.options = options
        self.storage = storage
        machine = PartFileMachine(
            naming: PartNaming(
                basePath: try LocalPath.parse(options.path), prefix: options.partPrefix,
                suffix: options.partSuffix, uniqueID: uniqueID),
            policy: options.rolling, commit: options.commit)
    }

    public func open(_ context: OperatorContext) throws {
        clock = context.clock
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        guard let clock, batch.count > 0 else { return }
        let now = clock.now()
        try write(batch.valuesOnly, to: options.buckets.bucket(at: now), now: now)
    }

    /// A batch that may not fit into the current file is halved until its parts do, so that a
    /// file is rolled behind exactly the row behind which Flink rolls it.
    private func write(_ batch: Batch, to bucket: String, now: Int64) throws {
        try perform(machine.prepare(bucket, now: now))
        text.removeAll(keepingCapacity: true)
        if machine.part(of: bucket)?.size == 0 { text += options.header }
        try append(batch)
        if batch.count > 1, let room = machine.room(in: bucket), text.count > room {
            let half = batch.count / 2
            try write(batch.slice(0..<half), to: bucket, now: now)
            return try write(batch.slice(half..<batch.count), to: bucket, now: now)
        }
        guard let part = machine.part(of: bucket) else { return }
        do {
            if bufferedPart != part.temporaryPath { try flush() }
            bufferedPart = part.temporaryPath
            buffer.append(contentsOf: text)
            machine.wrote(text.count, to: bucket, now: now)
            if buffer.count >= Self.bufferBytes { try flush() }
        } catch { throw error.jobError }
    }

    /// Adds the rows to `text`, as they stand in the file.
    private func append(_ batch: Batch) throws(JobError) {
        guard options.framing != .lines else {
            batch.appendLines(to: &text)
            if options.charset != .utf8 { text = options.charset.encode(text) ?? text }
            return
        }
        guard case .variable = batch.columns[0].type.layout else {
            throw JobError(
                code: "plan-mismatch",
                "a file sink of encoded rows takes bytes, and got \(batch.columns[0].type)")
        }
        options.framing.append(batch.columns[0], to: &text)
    }

    public var nextDeadline: Int64? { machine.nextDeadline }

    public func advance(to now: Int64, into output: any Output) throws {
        try perform(machine.advance(to: now))
    }

    public func finish(into output: any Output) throws {
        try perform(machine.end())
    }

    /// Called with a barrier: makes what came before it last. The state belongs to the checkpoint.
    public func prepareCheckpoint(_ id: UInt64) throws -> FileSinkState {
        let (steps, state) = machine.barrier(id)
        try perform(steps)
        return state
    }

    /// Called when a checkpoint has become complete: commits the files that belong to it.
    public func checkpointCompleted(_ id: UInt64) throws {
        try perform(machine.completed(id))
    }

    /// Called before the first row of a new attempt, with the state of the checkpoint that it
    /// starts from.
    public func recover(_ state: FileSinkState) throws {
        try perform(PartFileMachine.recover(state))
    }

    public func close() {
        for file in files.values { file.close() }
        files = [:]
    }

    private func flush() throws(FileError) {
        if let bufferedPart, !buffer.isEmpty { try files[bufferedPart]?.write(buffer) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func perform(_ steps: [PartFileStep]) throws(JobError) {
        do {
            for step in steps { try perform(step) }
        } catch {
            throw error.jobError
        }
    }

    private func perform(_ step: PartFileStep) throws(FileError) {
        switch step {
        case .open(let part):
            try storage.createDirectory(LocalPath.parent(part.temporaryPath))
            files[part.temporaryPath] = try storage.create(part.temporaryPath)
        case .persist(let part):
            try flush()
            try files[part.temporaryPath]?.sync()
        case .seal(let part):
            try flush()
            try files[part.temporaryPath]?.sync()
            files.removeValue(forKey: part.temporaryPath)?.close()
        case .commit(let part):
            // After a crash it is not known whether the last attempt had come so far.
            if try !storage.exists(part.temporaryPath), try storage.exists(part.finalPath) {
                return
            }
            try storage.rename(part.temporaryPath, to: part.finalPath)
        case .truncate(let part):
            if try !storage.exists(part.temporaryPath), try storage.exists(part.finalPath) {
                return
            }
            try storage.truncate(part.temporaryPath, to: part.size)
        }
    }
}
