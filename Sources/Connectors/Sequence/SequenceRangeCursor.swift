/// What is left of a range of numbers.
struct SequenceRangeCursor: Hashable, Sendable {
    /// nil: nothing is left.
    private var next: Int64?
    private var last: Int64 = 0

    init() {}

    init(_ range: SequenceRange) {
        next = range.count > 0 ? range.from : nil
        last = range.to
    }

    var isAtEnd: Bool { next == nil }

    /// Takes the next `maximum` ≥ 1 numbers, or as many as there are.
    mutating func take(_ maximum: Int) -> (first: Int64, count: Int) {
        guard let first = next else { return (0, 0) }
        // The distance as an unsigned number cannot overflow, however far apart they are.
        let distance = UInt64(bitPattern: last &- first)
        let count = Int(min(distance, UInt64(maximum - 1))) + 1
        next = distance >= UInt64(count) ? first + Int64(count) : nil
        return (first, count)
    }
}
