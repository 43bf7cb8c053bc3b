/// How far event time has come, judged by the timestamps seen: Flink's watermark generators.
public enum WatermarkStrategy: Hashable, Sendable {
    /// No watermarks at all, except the last one at the end of the stream.
    case none
    /// Timestamps never fall: `AscendingTimestampsWatermarks`.
    case monotonous
    /// Rows come at most this much late (milliseconds): `BoundedOutOfOrdernessWatermarks`.
    case boundedOutOfOrderness(Int64)

    /// Milliseconds that the watermark stays behind the greatest timestamp, less one.
    var delay: Int64? {
        switch self {
        case .none: nil
        case .monotonous: 0
        case .boundedOutOfOrderness(let delay): delay
        }
    }
}

/// Whether a stream has been without rows for too long: Flink's `WatermarksWithIdleness`.
struct IdlenessTimer: Hashable, Sendable {
    /// Milliseconds.
    let timeout: Int64
    private var hadActivity = false
    private var idleSince: Int64?

    init(timeout: Int64) { self.timeout = timeout }

    mutating func activity() { hadActivity = true }

    /// Called periodically. The time counts from the first call after the last row.
    mutating func checkIfIdle(now: Int64) -> Bool {
        if hadActivity {
            hadActivity = false
            idleSince = nil
            return false
        }
        guard let since = idleSince else {
            idleSince = now
            return false
        }
        return now - since > timeout
    }
}
