import Columnar

/// How the rows of an edge are spread over the channels to the next operator's instances.
public enum Exchange: Sendable {
    /// One channel, or the whole batch to the only one that is connected.
    case forward
    /// By the key group of the key in this column.
    case hash(column: Int, maxParallelism: Int)
    /// Row by row in turn, over all channels (rebalance) or those that are connected (rescale).
    case roundRobin
    /// Row by row at random.
    case shuffle(seed: UInt64)
    /// Every row to every channel.
    case broadcast
    /// Every row to the first channel.
    case global
    /// To the channel whose index stands in this `INT` column, which is then dropped.
    case custom(column: Int)
}

/// An edge of the dataflow, seen from one sending task: an exchange and its channels.
public final class OutputEdge {
    private let exchange: Exchange
    let channels: [Channel]
    /// The next channel in turn; owned by the sending task's thread, as is `random`.
    private var turn: Int
    private var random: SplitMix64

    /// `subtask` is the sender's: those of an edge start their turns at different channels.
    public init(_ exchange: Exchange, to channels: [Channel], subtask: Int) {
        self.exchange = exchange
        self.channels = channels
        self.turn = channels.isEmpty ? 0 : subtask % channels.count
        if case .shuffle(let seed) = exchange {
            self.random = SplitMix64(seed: seed &+ UInt64(subtask))
        } else {
            self.random = SplitMix64(seed: 0)
        }
    }

    var isFull: Bool { channels.contains { $0.isFull } }

    func send(_ element: StreamElement) throws {
        if case .batch(let batch) = element {
            try send(batch)
        } else {
            for channel in channels { channel.send(element) }
        }
    }

    private func send(_ batch: Batch) throws {
        guard batch.count > 0 else { return }
        switch exchange {
        case .broadcast:
            for channel in channels { channel.send(.batch(batch)) }
        case .custom(let column):
            let indices = try channelIndices(batch, column)
            var columns = batch.columns
            columns.remove(at: column)
            distribute(batch.with(columns: columns), indices)
        case _ where channels.count == 1, .forward, .global:
            channels[0].send(.batch(batch))
        case .hash(let column, let maxParallelism):
            distribute(
                batch,
                batch.columns[column].channels(
                    maxParallelism: maxParallelism, parallelism: channels.count))
        case .roundRobin:
            var indices = [Int32](repeating: 0, count: batch.count)
            for row in indices.indices {
                indices[row] = Int32(truncatingIfNeeded: turn)
                turn = turn + 1 == channels.count ? 0 : turn + 1
            }
            distribute(batch, indices)
        case .shuffle:
            var indices = [Int32](repeating: 0, count: batch.count)
            for row in indices.indices {
                indices[row] = Int32.random(in: 0..<Int32(channels.count), using: &random)
            }
            distribute(batch, indices)
        }
    }

    private func distribute(_ batch: Batch, _ indices: [Int32]) {
        for (channel, part) in zip(channels, batch.partition(by: indices, into: channels.count)) {
            if let part { channel.send(.batch(part)) }
        }
    }

    private func channelIndices(_ batch: Batch, _ column: Int) throws -> [Int32] {
        let column = batch.columns[column]
        let indices = Array(column.values(as: Int32.self))
        for (row, index) in indices.enumerated()
        where index < 0 || index >= channels.count || !column.isValid(row) {
            throw JobError(
                code: "bad-partition",
                "the partitioner chose channel \(index), but there are only \(channels.count) "
                    + "(0 to \(channels.count - 1))")
        }
        return indices
    }
}

/// A small, fast generator with a seed: Steele, Lea and Flood's SplitMix64.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        // Wrapping arithmetic is the algorithm.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
