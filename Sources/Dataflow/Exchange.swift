/// How the rows of an edge are spread over the channels to the next operator's instances. Control
/// elements go to every channel.
public enum Exchange: Sendable, Hashable {
    /// Everything to the first channel; there should be only one.
    case forward
    /// By the key group of the key in this column.
    case hash(column: Int, maxParallelism: Int)
    /// Row by row in turn. Sender *n* starts at channel *n* (Flink: at random).
    case roundRobin
    /// Row by row in turn among the channels of `receivers(of:senders:count:)`, from the first.
    case rescale
    /// Row by row at random; senders differ, and a seed gives the same result each time.
    case shuffle(seed: UInt64)
    /// Every row to every channel.
    case broadcast
    /// Every row to the first channel.
    case global
    /// To the channel whose index stands in this `INT` column, which is then dropped.
    case custom(column: Int)

    /// The receiving instances that instance `sender` of `senders` is connected to, in order.
    ///
    /// Forwarding needs as many receivers as senders. Rescaling spreads the instances of the
    /// larger side evenly over the other's, as Flink's pointwise distribution does. All others
    /// connect everyone to everyone.
    public func receivers(of sender: Int, senders: Int, count: Int) -> Range<Int> {
        switch self {
        case .forward where senders == count: return sender..<sender + 1
        case .rescale where senders >= count:
            // The receiver whose senders, from r * senders / count on, include this one.
            let receiver = ((sender + 1) * count - 1) / senders
            return receiver..<receiver + 1
        case .rescale:
            let first = (sender * count + senders - 1) / senders
            return first..<((sender + 1) * count + senders - 1) / senders
        default: return 0..<count
        }
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
