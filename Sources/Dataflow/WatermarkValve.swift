/// Merges the watermarks and the idleness of several channels, as Flink's `StatusWatermarkValve`:
/// the watermark is the minimum over the channels that are active and aligned, and never goes back.
struct WatermarkValve {
    private struct ChannelState {
        var watermark = Int64.min
        var status = StreamStatus.active
        /// A channel that becomes active again counts once it has caught up with the output.
        var isAligned = true
        var hasEnded = false
    }

    private var channels: [ChannelState]
    private var watermark = Int64.min
    private var status = StreamStatus.active

    init(channels: Int) {
        self.channels = [ChannelState](repeating: ChannelState(), count: channels)
    }

    /// The elements that follow from a channel's watermark.
    mutating func watermark(_ value: Int64, channel: Int) -> [StreamElement] {
        guard channels[channel].status == .active, value > channels[channel].watermark else {
            return []
        }
        channels[channel].watermark = value
        if !channels[channel].isAligned && value >= watermark { channels[channel].isAligned = true }
        return advance()
    }

    /// The elements that follow from a channel's becoming idle or active.
    mutating func status(_ value: StreamStatus, channel: Int) -> [StreamElement] {
        guard channels[channel].status != value else { return [] }
        channels[channel].status = value
        switch value {
        case .idle:
            channels[channel].isAligned = false
            guard channels.contains(where: { $0.status == .active && !$0.hasEnded }) else {
                // All are idle: what the last ones had reached holds for all of them.
                let highest = channels.map(\.watermark).max() ?? .min
                var elements: [StreamElement] = []
                if channels[channel].watermark == watermark, highest > watermark {
                    watermark = highest
                    elements.append(.watermark(highest))
                }
                return elements + changeStatus(.idle)
            }
            return advance()
        case .active:
            channels[channel].isAligned = channels[channel].watermark >= watermark
            return changeStatus(.active)
        }
    }

    /// The elements that follow from a channel's end: it holds the others back no longer.
    mutating func end(channel: Int) -> [StreamElement] {
        channels[channel].hasEnded = true
        channels[channel].watermark = max(channels[channel].watermark, watermark)
        let open = channels.filter { !$0.hasEnded }
        guard !open.isEmpty else { return [] }
        if open.allSatisfy({ $0.status == .idle }) { return changeStatus(.idle) }
        return advance()
    }

    private mutating func changeStatus(_ value: StreamStatus) -> [StreamElement] {
        guard status != value else { return [] }
        status = value
        return [.status(value)]
    }

    private mutating func advance() -> [StreamElement] {
        var lowest = Int64.max
        var found = false
        // A channel that has ended counts with the highest watermark it sent: `Int64.max` from a
        // source that finished.
        for channel in channels where channel.isAligned && channel.status == .active {
            if channel.hasEnded && channel.watermark < .max { continue }
            lowest = min(lowest, channel.watermark)
            found = true
        }
        guard found, lowest > watermark else { return [] }
        watermark = lowest
        return [.watermark(lowest)]
    }
}
