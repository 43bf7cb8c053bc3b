/// What one step of a timestamp column's 64-bit integers is: see `docs/types.md`.
public enum TimestampUnit: Hashable, Sendable {
    case millisecond, microsecond, nanosecond

    /// The unit of `TIMESTAMP(p)` and `TIMESTAMP_LTZ(p)`.
    public init(precision: Int) {
        self = precision <= 3 ? .millisecond : precision <= 6 ? .microsecond : .nanosecond
    }

    public var perSecond: Int64 {
        switch self {
        case .millisecond: 1000
        case .microsecond: 1_000_000
        case .nanosecond: 1_000_000_000
        }
    }
}

extension FixedWidthInteger {
    /// Division that rounds towards negative infinity; the remainder is never negative.
    /// `divisor` must be positive.
    @inlinable @inline(__always)
    public func floored(by divisor: Self) -> (quotient: Self, remainder: Self) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient &- 1, remainder &+ divisor) : (quotient, remainder)
    }
}
