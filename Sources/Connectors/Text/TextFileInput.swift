public import Dataflow
import Formats

/// What the subtasks of a text file source share: which files there are, and how to read them.
public final class TextFileInput: Sendable {
    public struct Options: Sendable {
        /// A name as Java knows it; see `Charset`.
        public var charset = "UTF-8"
        /// Whether a large file may be cut between subtasks. Otherwise one reads it from its
        /// beginning to its end, whatever its format.
        public var isSplittable = true
        /// Whether the paths of the files are emitted, for somebody else to read them, and not
        /// their lines.
        public var emitsPaths = false
        /// Milliseconds between two looks for new files; nil: read what there is, and end.
        public var monitorInterval: Int64?
        /// A batch has no more rows than this.
        public var batchRows = 8192
        /// A batch has no more bytes than this, unless a single line has.
        public var batchBytes = 1 << 20
        /// Bytes read at a time.
        public var chunkBytes = 1 << 18
        /// The longest line that is read, in bytes.
        public var lineLimit = 1 << 30
        /// A file is cut between subtasks only where the parts have this many bytes.
        public var minimumSplit: Int64 = 1 << 20

        public init() {}
    }

    let paths: [String]
    let options: Options
    let charset: Charset
    /// The files found when the source was made, in reading order.
    public let files: [FoundFile]
    public let progress: ReadProgress

    /// Finds the files of `paths`: files, directories, patterns, and `file:` URLs of these.
    ///
    /// Fails with the path in question where there is nothing, where a file is packed in a way
    /// that cannot be read, or where the charset is not known; so a job with such a source fails
    /// when it is built.
    public init(_ paths: [String], options: Options = Options()) throws(JobError) {
        guard let charset = Charset(named: options.charset) else {
            throw JobError(
                code: "illegal-argument",
                "the charset \(options.charset) is not known; those that are: "
                    + Charset.supportedNames)
        }
        if let interval = options.monitorInterval, interval <= 0 {
            throw JobError(
                code: "illegal-argument",
                "the interval to look for new files must be positive, and is \(interval) ms")
        }
        self.paths = paths
        self.options = options
        self.charset = charset
        files = try FileEnumeration.files(paths, allowsMissing: options.monitorInterval != nil)
        if !options.emitsPaths {
            for file in files { _ = try Compression(ofFile: file.path) }
        }
        // Where new files are looked for, whoever takes one adds it.
        progress = ReadProgress(
            totalBytes: options.monitorInterval == nil ? files.reduce(0) { $0 &+ Int($1.size) } : 0)
    }

    /// Whether the files that are there now are all that is read.
    public var isBounded: Bool { options.monitorInterval == nil }

    /// Checks `paths` as `init` does.
    public static func validate(_ paths: [String], options: Options = Options()) throws(JobError) {
        _ = try TextFileInput(paths, options: options)
    }

    /// What one subtask reads of the files that are there from the beginning.
    func splits(subtask: Int, parallelism: Int) -> [FileSplit] {
        FileSplit.plan(
            files, parallelism: parallelism, minimumSize: options.minimumSplit,
            isSplittable: isSplittable)[subtask]
    }

    /// Only UTF-8 shows where its characters begin, and compressed data can only be read through.
    private func isSplittable(_ file: FoundFile) -> Bool {
        options.isSplittable && !options.emitsPaths && charset == .utf8
            && (try? Compression(ofFile: file.path)) == Compression.none
    }

    /// Opens a file so that it gives UTF-8, or what claims to be.
    func reader(of split: FileSplit) throws(JobError) -> any ByteReader {
        let compression = try Compression(ofFile: split.path)
        var reader: any ByteReader = try FileReader(
            split.path, from: max(split.start - 1, 0), progress: progress)
        if case .inflate(let container) = compression {
            reader = try InflatingReader(reader, path: split.path, container: container)
        }
        if charset != .utf8 { reader = TranscodingReader(reader, from: charset) }
        return reader
    }
}
