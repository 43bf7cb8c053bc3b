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
    /// Larger batches are printed in pieces, so that the text of long rows does not add up.
    private static let pieceRows = 8192

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
        let values = batch.valuesOnly
        for start in stride(from: 0, to: values.count, by: Self.pieceRows) {
            text.removeAll(keepingCapacity: true)
            values.slice(start..<min(start + Self.pieceRows, values.count))
                .appendLines(to: &text, prefix: prefix)
            try target.write(text)
        }
    }
}
