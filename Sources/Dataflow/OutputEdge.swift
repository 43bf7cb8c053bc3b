import Columnar

/// An edge of the dataflow, seen from one sending task: an exchange and its channels.
///
/// Belongs to the sending task's thread.
public final class OutputEdge {
    private let exchange: Exchange
    private let sendsKey: Bool
    let channels: [Channel]
    /// Which of the sender's outputs: 0 is the main one, the others are side outputs.
    let side: Int
    /// The next channel in turn.
    private var turn: Int
    private var random: SplitMix64

    /// - Parameters:
    ///   - subtask: the sender's; those of an edge start their turns at different channels.
    ///   - sendsKey: whether the receiver reads the keys of the rows. Otherwise they stay behind,
    ///     so that the batches of all its edges have the same columns.
    ///   - side: which of the sender's outputs it takes rows from; control elements come anyway.
    public init(
        _ exchange: Exchange, to channels: [Channel], subtask: Int, sendsKey: Bool = true,
        side: Int = 0
    ) {
        self.side = side
        self.exchange = exchange
        self.sendsKey = sendsKey
        self.channels = channels
        var seed = UInt64(truncatingIfNeeded: subtask)
        var turn = channels.isEmpty ? 0 : subtask % channels.count
        switch exchange {
        case .shuffle(let given):
            // Mixed, so that neighbouring seeds and subtasks have nothing in common.
            var mixer = SplitMix64(seed: given)
            seed ^= mixer.next()
        case .rescale: turn = 0
        default: break
        }
        self.turn = turn
        self.random = SplitMix64(seed: seed)
    }

    var isFull: Bool {
        for channel in channels where channel.isFull { return true }
        return false
    }

    func send(_ element: StreamElement) throws {
        if case .batch(let batch) = element {
            if batch.count > 0 { try send(batch) }
        } else {
            for channel in channels { channel.send(element) }
        }
    }

    private func send(_ batch: Batch) throws {
        switch exchange {
        case _ where channels.isEmpty: return
        case .broadcast:
            let sent = content(batch)
            for channel in channels { channel.send(.batch(sent)) }
        case .custom(let column):
            let indices = try chosenChannels(batch, column)
            var columns = batch.columns
            columns.remove(at: column)
            distribute(batch.with(columns: columns), indices)
        case _ where channels.count == 1, .forward, .global:
            channels[0].send(.batch(content(batch)))
        case .hash(let column, let maxParallelism):
            distribute(
                content(batch),
                batch.columns[column].channels(
                    maxParallelism: maxParallelism, parallelism: channels.count))
        case .roundRobin, .rescale: sendInTurn(content(batch))
        case .shuffle:
            let count = Int32(truncatingIfNeeded: channels.count)
            distribute(
                content(batch), filled(batch.count) { Int32.random(in: 0..<count, using: &random) })
        }
    }

    /// The columns that the receiver gets.
    private func content(_ batch: Batch) -> Batch {
        guard !sendsKey, batch.columns.count > 1 else { return batch }
        return batch.with(columns: [batch.columns[0]])
    }

    private func sendInTurn(_ batch: Batch) {
        let (count, first) = (channels.count, turn)
        turn = (first + batch.count) % count
        if batch.count == 1 { return channels[first].send(.batch(batch)) }
        var next = first
        let indices = filled(batch.count) {
            defer { next = next + 1 == count ? 0 : next + 1 }
            return Int32(truncatingIfNeeded: next)
        }
        distribute(batch, indices)
    }

    private func filled(_ count: Int, _ next: () -> Int32) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: count) { indices, initialized in
            for row in 0..<count { indices.initializeElement(at: row, to: next()) }
            initialized = count
        }
    }

    private func distribute(_ batch: Batch, _ indices: [Int32]) {
        for (channel, part) in zip(channels, batch.partition(by: indices, into: channels.count)) {
            if let part { channel.send(.batch(part)) }
        }
    }

    private func chosenChannels(_ batch: Batch, _ column: Int) throws -> [Int32] {
        let column = batch.columns[column]
        guard column.type.kind == .int else {
            throw JobError(
                code: "bad-partition", "a partitioner's channels must be INT, not \(column.type)")
        }
        let indices = Array(column.values(as: Int32.self))
        let count = channels.count
        let range = "\(count) channel\(count == 1 ? "" : "s") (0 to \(count - 1))"
        for (row, index) in indices.enumerated() {
            guard column.isValid(row) else {
                throw JobError(
                    code: "bad-partition",
                    "the partitioner chose no channel (None); it must choose one of \(range)")
            }
            guard index >= 0, index < Int32(clamping: count) else {
                throw JobError(
                    code: "bad-partition",
                    "the partitioner chose channel \(index), but there are only \(range)")
            }
        }
        return indices
    }
}
