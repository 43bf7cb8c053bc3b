public import Dataflow

/// A contiguous range of integers, both ends included, or nothing.
public struct SequenceRange: Hashable, Sendable {
    public var from: Int64
    /// Less than `from` where the range is empty.
    public var to: Int64

    /// Fails as Flink's `NumberSequenceSource` does where `from` is greater than `to`.
    public init(from: Int64, to: Int64) throws(JobError) {
        guard from <= to else {
            throw JobError(
                code: "illegal-argument", "'from' must be <= 'to', but they are \(from) and \(to)")
        }
        self.init(unchecked: from, to)
    }

    private init(unchecked from: Int64, _ to: Int64) {
        self.from = from
        self.to = to
    }

    /// How many numbers there are; up to 2⁶⁴.
    public var count: Int128 { from <= to ? Int128(to) - Int128(from) + 1 : 0 }

    /// The part of subtask `index` of `parts`: contiguous, in order, the first ones longer by one
    /// where it does not come out even, as from Flink's `NumberSequenceIterator.split`.
    public func part(_ index: Int, of parts: Int) -> SequenceRange {
        let (each, extra) = count.quotientAndRemainder(dividingBy: Int128(parts))
        let first = Int128(from) + each * Int128(index) + min(Int128(index), extra)
        let length = each + (Int128(index) < extra ? 1 : 0)
        // An empty part has no place of its own: behind Int64.max there is none.
        guard length > 0 else { return SequenceRange(unchecked: 1, 0) }
        return SequenceRange(unchecked: Int64(first), Int64(first + length - 1))
    }
}
