/// The channels that a task reads, and what their control elements amount to together.
///
/// Belongs to the task's thread.
struct InputGate {
    /// What an element means for the task.
    enum Event: Sendable {
        /// For the head of the chain: a watermark, a status or an aligned barrier.
        case control(StreamElement)
        /// Every channel of this input has ended.
        case inputEnded(Int)
    }

    let channels: [(channel: Channel, input: Int)]
    private var valve: WatermarkValve
    private var aligner: BarrierAligner
    private var ended: [Bool]
    /// Channels that have not ended, by input.
    private var openChannels: [Int]
    private var open: Int
    /// The channel that was served last, so that none starves.
    private var last: Int

    init(_ channels: [(channel: Channel, input: Int)]) {
        self.channels = channels
        valve = WatermarkValve(channels: channels.count)
        aligner = BarrierAligner(channels: channels.count)
        ended = [Bool](repeating: false, count: channels.count)
        openChannels = [Int](repeating: 0, count: (channels.map(\.input).max() ?? -1) + 1)
        for entry in channels { openChannels[entry.input] += 1 }
        open = channels.count
        last = channels.count - 1
    }

    func connect(receiver: Signal) {
        for entry in channels { entry.channel.connect(receiver: receiver) }
    }

    var hasEnded: Bool { open == 0 }

    /// Whether the channel has something for the task, and is not held back by a barrier.
    func offers(_ channel: Int) -> Bool {
        !channels[channel].channel.isEmpty && !aligner.isBlocked(channel)
    }

    /// The channels in the order in which they are to be served.
    func turn(_ step: Int) -> Int {
        let index = last + 1 + step
        return index < channels.count ? index : index - channels.count
    }

    /// The next element of a channel; the other channels come first from now on.
    mutating func take(_ channel: Int) -> StreamElement? {
        last = channel
        return channels[channel].channel.receive()
    }

    /// What an element other than a batch means for the task.
    mutating func control(_ element: StreamElement, channel: Int) -> [Event] {
        switch element {
        case .batch: return []
        case .watermark(let value):
            return valve.watermark(value, channel: channel).map { .control($0) }
        case .status(let status):
            return valve.status(status, channel: channel).map { .control($0) }
        case .barrier(let barrier):
            return aligner.barrier(barrier, channel: channel).map { [.control(.barrier($0))] } ?? []
        case .end: return end(channel)
        }
    }

    private mutating func end(_ channel: Int) -> [Event] {
        guard !ended[channel] else { return [] }
        ended[channel] = true
        open -= 1
        var events: [Event] = []
        if let barrier = aligner.end(channel: channel) {
            events.append(.control(.barrier(barrier)))
        }
        for element in valve.end(channel: channel) { events.append(.control(element)) }
        let input = channels[channel].input
        openChannels[input] -= 1
        if openChannels[input] == 0 { events.append(.inputEnded(input)) }
        return events
    }

    func abandon() {
        for entry in channels { entry.channel.abandon() }
    }

    /// Why the task gets nothing from its channels now.
    var waitsFor: String {
        var parts: [String] = []
        for index in channels.indices where !ended[index] {
            parts.append(
                "channel \(index)\(aligner.isBlocked(index) ? " (held by a barrier)" : "")")
        }
        return parts.joined(separator: ", ")
    }
}
