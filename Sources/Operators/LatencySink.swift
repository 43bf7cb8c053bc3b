public import Columnar
public import Dataflow

#if canImport(Glibc)
    import Glibc
#endif

/// Ends a stream of `(anything, nanoseconds of the monotonic clock)`, and records how long ago
/// each row was made.
public final class LatencySink: Operator {
    private let histogram: LatencyHistogram

    public init(into histogram: LatencyHistogram) {
        self.histogram = histogram
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        guard let column = batch.columns.first, column.type.layout == .fields,
            column.children.count == 2, case .bigInt = column.children[1].type.kind
        else {
            throw JobError(
                code: "bad-input",
                "Latency is measured on rows of two fields, the second the BIGINT time in "
                    + "nanoseconds that a rate-limited sequence puts there.")
        }
        let now = monotonicNanoseconds()
        let times = column.children[1].slice(column.offset..<column.offset + column.count)
        histogram.record(
            times.values(as: Int64.self).lazy.map { time in
                // Whoever wrote the time: it may be any number.
                let (latency, overflow) = now.subtractingReportingOverflow(time)
                return overflow ? .max : latency
            })
    }
}

/// The monotonic clock that all processes of a machine share.
public func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
