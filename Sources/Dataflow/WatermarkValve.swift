/// Merges the watermarks and the idleness of several channels: the watermark is the minimum over
/// the channels that are active and aligned, and never goes back.
///
/// Flink's `StatusWatermarkValve`, without three flaws that it knows of: a channel that has ended
/// (its watermark is `Int64.max`) does not release its peers' rows to be late while they are only
/// idle (FLINK-38477); when the last channel becomes idle, the result does not depend on the order
/// in which they did; and a channel that becomes active and is ahead counts at once (FLINK-40475).
struct WatermarkValve {
    private struct ChannelState {
        var watermark = Int64.min
        var status = StreamStatus.active
        /// A channel that becomes active again counts once it has caught up with the output.
        var isAligned = true

        var hasEnded: Bool { watermark == .max }
    }

    private var channels: [ChannelState]
    private(set) var watermark = Int64.min
    private(set) var status = StreamStatus.active

    init(channels: Int) {
        self.channels = [ChannelState](repeating: ChannelState(), count: channels)
    }

    /// The elements that follow from a channel's watermark; none if the channel is idle.
    mutating func watermark(_ value: Int64, channel: Int) -> [StreamElement] {
        guard channels[channel].status == .active, value > channels[channel].watermark else {
            return []
        }
        channels[channel].watermark = value
        if value >= watermark { channels[channel].isAligned = true }
        return derive()
    }

    /// The elements that follow from a channel's becoming idle or active.
    mutating func status(_ value: StreamStatus, channel: Int) -> [StreamElement] {
        guard channels[channel].status != value else { return [] }
        channels[channel].status = value
        channels[channel].isAligned = value == .active && channels[channel].watermark >= watermark
        return derive()
    }

    /// The elements that follow from a channel's end: it holds the others back no longer.
    mutating func end(channel: Int) -> [StreamElement] {
        channels[channel] = ChannelState(watermark: .max)
        return derive()
    }

    private mutating func derive() -> [StreamElement] {
        var lowest = Int64.max
        var highest = Int64.min
        var hasActive = false
        var hasAligned = false
        var hasOpen = false
        for channel in channels where !channel.hasEnded {
            hasOpen = true
            highest = max(highest, channel.watermark)
            guard channel.status == .active else { continue }
            hasActive = true
            guard channel.isAligned else { continue }
            hasAligned = true
            lowest = min(lowest, channel.watermark)
        }
        guard hasOpen else { return become(.active) + advance(to: .max) }
        guard hasActive else {
            // All are idle, and none holds back what another had reached. The watermark comes
            // first: those downstream ignore an idle channel's.
            return status == .idle ? [] : advance(to: highest) + become(.idle)
        }
        return become(.active) + (hasAligned ? advance(to: lowest) : [])
    }

    private mutating func become(_ value: StreamStatus) -> [StreamElement] {
        guard status != value else { return [] }
        status = value
        return [.status(value)]
    }

    private mutating func advance(to value: Int64) -> [StreamElement] {
        guard value > watermark else { return [] }
        watermark = value
        return [.watermark(value)]
    }
}
