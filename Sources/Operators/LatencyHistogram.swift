import Synchronization

/// How long rows were under way, in buckets that are at most 1/32 of their value wide.
///
/// Filled by sinks on their tasks' threads, read by anyone.
public final class LatencyHistogram: Sendable {
    private let counts: Mutex<[Int]>

    /// 32 buckets for each power of two, up to 2^63.
    private static let perOctave = 32

    public init() {
        counts = Mutex([Int](repeating: 0, count: 64 * Self.perOctave))
    }

    /// Adds latencies in nanoseconds.
    public func record(_ latencies: some Sequence<Int64>) {
        counts.withLock { counts in
            for latency in latencies { counts[Self.bucket(of: latency)] += 1 }
        }
    }

    public var count: Int { counts.withLock { $0.reduce(0, +) } }

    /// The latency that the fraction `quantile` (0 to 1) of the rows did not exceed, in nanoseconds (the
    /// upper edge of its bucket); 0 if there are no rows.
    public func quantile(_ quantile: Double) -> Int64 {
        counts.withLock { counts in
            let total = counts.reduce(0, +)
            guard total > 0 else { return 0 }
            // Written so that what is no number counts as 0.
            let fraction = quantile > 0 ? min(quantile, 1) : 0
            var left = max(Int((Double(total) * fraction).rounded(.up)), 1)
            for (bucket, count) in counts.enumerated() {
                left -= count
                if left <= 0 { return Self.upperEdge(of: bucket) }
            }
            return Self.upperEdge(of: counts.count - 1)
        }
    }

    static func bucket(of latency: Int64) -> Int {
        let value = UInt64(max(latency, 0))
        guard value >= UInt64(perOctave) else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        let shift = octave - 5
        return (shift + 1) * perOctave + Int(value >> UInt64(shift)) - perOctave
    }

    static func upperEdge(of bucket: Int) -> Int64 {
        let (octave, part) = bucket.quotientAndRemainder(dividingBy: perOctave)
        guard octave > 0 else { return Int64(part) }
        let shift = octave - 1
        let edge = (UInt64(perOctave + part + 1) << UInt64(shift)) - 1
        return Int64(clamping: edge)
    }
}
