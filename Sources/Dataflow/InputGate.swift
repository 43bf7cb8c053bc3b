/// The channels that a task reads, and what their control elements amount to together.
struct InputGate {
    let channels: [(channel: Channel, input: Int)]
    private var valve: WatermarkValve
    private var aligner: BarrierAligner
    private var ended: [Bool]
    private var open: Int
    /// The channel that was served last, so that none starves.
    private var last = 0

    init(_ channels: [(channel: Channel, input: Int)]) {
        self.channels = channels
        valve = WatermarkValve(channels: channels.count)
        aligner = BarrierAligner(channels: channels.count)
        ended = [Bool](repeating: false, count: channels.count)
        open = channels.count
    }

    func connect(receiver: Signal) {
        for entry in channels { entry.channel.connect(receiver: receiver) }
    }

    var hasEnded: Bool { open == 0 }

    /// The channels that have something for the task, and are not held back by a barrier.
    func offered() -> [Int] {
        channels.indices.filter { !channels[$0].channel.isEmpty && !aligner.isBlocked($0) }
    }

    /// The next of these in turn.
    mutating func next(where isWanted: (Channel) -> Bool) -> Int? {
        for step in 1...max(channels.count, 1) {
            let index = (last + step) % max(channels.count, 1)
            guard index < channels.count, !channels[index].channel.isEmpty,
                !aligner.isBlocked(index), isWanted(channels[index].channel)
            else { continue }
            last = index
            return index
        }
        return nil
    }

    /// What an element other than a batch means for the task.
    mutating func control(_ element: StreamElement, channel: Int) -> [StreamElement] {
        switch element {
        case .batch: return []
        case .watermark(let value): return valve.watermark(value, channel: channel)
        case .status(let status): return valve.status(status, channel: channel)
        case .barrier(let barrier):
            return aligner.barrier(barrier, channel: channel).map { [.barrier($0)] } ?? []
        case .end:
            guard !ended[channel] else { return [] }
            ended[channel] = true
            open -= 1
            let barrier = aligner.end(channel: channel).map { [StreamElement.barrier($0)] } ?? []
            return barrier + valve.end(channel: channel)
        }
    }

    func abandon() {
        for entry in channels { entry.channel.abandon() }
    }
}
