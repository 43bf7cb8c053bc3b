public import Columnar
public import Dataflow

/// Prints every row on a line of its own, as Flink's `PrintSinkOutputWriter` does.
///
/// The line is `identifier:3> value` where there is an identifier and more than one subtask, or
/// `identifier> value`, `3> value` or `value`.
public final class PrintSink: Operator {
    private let identifier: String
    private let target: any ByteOutput
    private var prefix: [UInt8] = []
    /// The lines of one batch; kept for its memory.
    private var text: [UInt8] = []
    /// Long batches of long rows are written in pieces of about this size.
    private static let flushBytes = 1 << 20

    /// - Parameter identifier: what the lines begin with; nil or empty: nothing.
    public init(identifier: String? = nil, to target: any ByteOutput) {
        self.identifier = identifier ?? ""
        self.target = target
    }

    /// Prints to standard output, or to standard error.
    public convenience init(identifier: String? = nil, standardError: Bool = false) {
        self.init(
            identifier: identifier,
            to: standardError ? DescriptorOutput.standardError : DescriptorOutput.standardOutput)
    }

    public func open(_ context: OperatorContext) throws {
        prefix = Self.prefix(
            identifier: identifier, subtask: context.subtask, parallelism: context.parallelism)
    }

    static func prefix(identifier: String, subtask: Int, parallelism: Int) -> [UInt8] {
        var prefix = identifier
        if parallelism > 1 {
            if !prefix.isEmpty { prefix += ":" }
            prefix += String(subtask + 1)
        }
        return prefix.isEmpty ? [] : Array((prefix + "> ").utf8)
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        text.removeAll(keepingCapacity: true)
        for row in 0..<batch.count {
            text.append(contentsOf: prefix)
            RowText.append(batch, row: row, to: &text)
            text.append(0x0A)
            if text.count >= Self.flushBytes {
                try target.write(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        if !text.isEmpty { try target.write(text) }
    }
}
