public import Columnar

/// What travels along an edge of the dataflow.
public enum StreamElement: Sendable {
    case batch(Batch)
    /// No row with a timestamp at or before this one follows; milliseconds.
    case watermark(Int64)
    /// The sender is idle (its watermark does not count) or active again.
    case status(StreamStatus)
    case barrier(Barrier)
    /// Nothing follows. Before it, a source sends the watermark `Int64.max`.
    case end
}

public enum StreamStatus: Sendable, Hashable { case active, idle }

/// Separates the rows that belong to a checkpoint from those that follow it.
public struct Barrier: Sendable, Hashable {
    public var checkpointID: UInt64
    /// When the checkpoint was triggered; milliseconds.
    public var timestamp: Int64

    public init(checkpointID: UInt64, timestamp: Int64) {
        self.checkpointID = checkpointID
        self.timestamp = timestamp
    }
}
