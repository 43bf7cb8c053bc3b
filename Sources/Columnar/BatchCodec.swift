/// Batches as the body of a frame of the worker channel: "Rows" in `docs/worker-protocol.md`.
///
/// The same bytes serve wherever rows leave the process: spill files, snapshots, sockets. They
/// hold no types; whoever reads them knows those already.
public enum BatchCodec {
    /// Larger bodies are refused by both sides.
    public static let maxBodyLength = 1 << 30
    /// Every buffer starts at a multiple of this.
    static let alignment = 64

    static func align(_ offset: Int) -> Int { (offset + alignment - 1) & ~(alignment - 1) }

    /// The columns that follow those of the batch, as the flags of the frame announce them.
    static let timestampType = DataType.bigInt
    static let rowKindType = DataType.tinyInt.notNull()
}

/// A batch that cannot be encoded, or bytes that are not a batch.
public struct BatchCodecError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    /// The column concerned, counted from 0; nil if it is the batch as a whole.
    public let column: Int?

    public var description: String {
        if let column { "column \(column): \(message)" } else { message }
    }
}

/// The body of a frame as pieces that are sent one after the other: `writev(2)` in mind.
///
/// Large buffers of the batch are pieces of their own and not copied; everything else, padding
/// included, is gathered in pieces between them.
public struct BatchFrame: Sendable {
    /// Together they are the body. None is empty.
    public let segments: [Buffer]
    /// The length of the body.
    public let byteCount: Int

    /// The body in one piece of memory.
    public func contiguous() -> Buffer {
        if segments.count == 1 { return segments[0] }
        return Buffer(count: byteCount, of: UInt8.self) { target in
            var rest = UnsafeMutableRawBufferPointer(target)
            for segment in segments {
                rest.copyMemory(from: segment.bytes)
                rest = UnsafeMutableRawBufferPointer(rebasing: rest[segment.count...])
            }
        }
    }
}
