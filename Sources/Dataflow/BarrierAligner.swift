/// Holds channels back between their barrier and the last channel's, so that a checkpoint sees
/// exactly the rows before it.
struct BarrierAligner {
    private var current: Barrier?
    /// The last one that was passed on or given up.
    private var last: UInt64?
    private var arrived: [Bool]
    private var ended: [Bool]
    /// Channels that have neither ended nor delivered `current`.
    private var missing: Int

    init(channels: Int) {
        arrived = [Bool](repeating: false, count: channels)
        ended = arrived
        missing = channels
    }

    /// Whether the channel waits for the others' barriers.
    func isBlocked(_ channel: Int) -> Bool { arrived[channel] }

    /// The checkpoint whose barrier has come on some channels only.
    var aligning: UInt64? { current?.checkpointID }

    /// The barrier to pass on, if it has come on every channel that has not ended.
    ///
    /// A newer barrier means that the one before was given up; one that was given up comes too
    /// late, and is dropped.
    mutating func barrier(_ barrier: Barrier, channel: Int) -> Barrier? {
        let newest = current?.checkpointID ?? last
        if let newest, barrier.checkpointID < newest { return nil }
        if barrier.checkpointID == last { return nil }
        if current?.checkpointID != barrier.checkpointID { release() }
        current = barrier
        if !arrived[channel] {
            arrived[channel] = true
            missing -= 1
        }
        return completed()
    }

    /// The barrier to pass on, if only this channel's was missing.
    mutating func end(channel: Int) -> Barrier? {
        guard !ended[channel] else { return nil }
        ended[channel] = true
        if !arrived[channel] { missing -= 1 }
        return completed()
    }

    private mutating func completed() -> Barrier? {
        guard missing == 0, let current else { return nil }
        release()
        return current
    }

    private mutating func release() {
        if let current { last = current.checkpointID }
        current = nil
        missing = 0
        for index in arrived.indices {
            arrived[index] = false
            if !ended[index] { missing += 1 }
        }
    }
}
