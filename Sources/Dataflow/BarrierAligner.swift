/// Holds channels back between their barrier and the last channel's, so that a checkpoint sees
/// exactly the rows before it.
struct BarrierAligner {
    private var current: Barrier?
    /// The last one that was passed on or given up.
    private var last: UInt64 = 0
    private var arrived: [Bool]
    private var ended: [Bool]

    init(channels: Int) {
        arrived = [Bool](repeating: false, count: channels)
        ended = arrived
    }

    /// Whether the channel waits for the others' barriers.
    func isBlocked(_ channel: Int) -> Bool { arrived[channel] }

    /// The barrier to pass on, if it has come on every channel that has not ended.
    mutating func barrier(_ barrier: Barrier, channel: Int) -> Barrier? {
        // One that was given up comes too late; a newer one means that the one before was given up.
        guard barrier.checkpointID > last else { return nil }
        if let current, barrier.checkpointID != current.checkpointID {
            guard barrier.checkpointID > current.checkpointID else { return nil }
            release()
        }
        current = barrier
        arrived[channel] = true
        return completed()
    }

    /// The barrier to pass on, if only this channel's was missing.
    mutating func end(channel: Int) -> Barrier? {
        ended[channel] = true
        return completed()
    }

    private mutating func completed() -> Barrier? {
        guard let current, zip(arrived, ended).allSatisfy({ $0 || $1 }) else { return nil }
        release()
        return current
    }

    private mutating func release() {
        last = max(last, current?.checkpointID ?? 0)
        current = nil
        for index in arrived.indices { arrived[index] = false }
    }
}
