public import Columnar
public import Dataflow
import Formats

/// The lines of text files, as `STRING`; or the files' paths, one a batch, so that whoever reads
/// them answers a file at a time.
///
/// At parallelism 1 the lines come file by file and in order. With more subtasks large files are
/// cut between them, each part with the lines that start in it.
public final class TextFileSource: SourceOperator {
    private let input: TextFileInput
    private var clock: (any Clock)?
    private var subtask = 0
    private var parallelism = 1
    /// What is still to be read, the next one last.
    private var splits: [FileSplit] = []
    private var current: (split: FileSplit, reader: any ByteReader)?
    private var lines: LineSplitter
    /// Bytes of the last batch: the next one is likely to need as many.
    private var expectedBytes = 1 << 16
    private var discovery: FileDiscovery?

    public init(_ input: TextFileInput) {
        self.input = input
        lines = LineSplitter(chunk: input.options.chunkBytes)
    }

    public static let outputType = DataType.string

    public func open(_ context: OperatorContext) throws {
        clock = context.clock
        subtask = context.subtask
        parallelism = context.parallelism
        if let interval = input.options.monitorInterval {
            discovery = FileDiscovery(interval: interval, nextLook: context.clock.now())
        } else {
            splits = input.splits(subtask: subtask, parallelism: parallelism).reversed()
        }
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        if input.options.emitsPaths { return try emitPath(into: output) }
        var column = StringColumnWriter(
            rowCapacity: input.options.batchRows, byteCapacity: expectedBytes)
        let progress = try fill(&column)
        if column.count > 0 {
            // A little more than the last one, so that most batches never grow; little enough
            // that memory in flight is mostly used.
            expectedBytes = min(
                max(column.byteCount + column.byteCount / 8, 4096), input.options.batchBytes)
            try output.emit(.batch(Batch(column.finish())))
        }
        return progress
    }

    private func emitPath(into output: any Output) throws -> SourceProgress {
        guard !splits.isEmpty || lookForFiles(), let split = splits.popLast() else {
            return nothingLeft()
        }
        let path = ColumnBuilder(Self.outputType, capacity: 1)
        path.append(split.path)
        try output.emit(.batch(Batch(path.finish())))
        return splits.isEmpty ? nothingLeft() : .more
    }

    /// Reads on until the batch is full or nothing is left, over as many files as it takes.
    private func fill(_ column: inout StringColumnWriter) throws -> SourceProgress {
        let options = input.options
        while true {
            guard let (split, reader) = current else {
                if try openNext() { continue }
                return nothingLeft()
            }
            let outcome = lines.read(
                into: &column, maxBytes: options.batchBytes, before: split.end,
                lineLimit: options.lineLimit)
            switch outcome {
            case .full: return .more
            case .needsInput:
                let space = lines.space()
                let count = try reader.read(into: space)
                if count == 0 { lines.endInput() } else { lines.filled(count) }
            case .ended:
                reader.close()
                current = nil
            case .lineTooLong:
                throw JobError(
                    code: "bad-input",
                    "the line at byte \(lines.position) of \(split.path) is longer than "
                        + "\(options.lineLimit) bytes; is this a text file?")
            }
        }
    }

    /// Opens the next split; false: there is none.
    private func openNext() throws -> Bool {
        guard splits.isEmpty == false || lookForFiles() else { return false }
        guard let split = splits.popLast() else { return false }
        current = (split, try input.reader(of: split))
        // A part of a file starts with the first line that begins in it; whether one begins at
        // its first byte, the byte before tells.
        lines.restart(
            at: max(split.start - 1, 0), skipsFirstLine: split.start > 0,
            assumesValid: input.charset != .utf8)
        return true
    }

    private func lookForFiles() -> Bool {
        guard discovery != nil, let clock else { return false }
        splits =
            discovery?.look(
                at: clock.now(), in: input, subtask: subtask, parallelism: parallelism
            ).reversed() ?? []
        return !splits.isEmpty
    }

    private func nothingLeft() -> SourceProgress {
        discovery.map { .idle(until: $0.nextLook) } ?? .finished
    }

    public func close() {
        current?.reader.close()
        current = nil
    }
}
