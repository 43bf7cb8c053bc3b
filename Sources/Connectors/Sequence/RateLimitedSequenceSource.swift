public import Columnar
public import Dataflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Numbers at a steady rate, for measuring latency and for demonstrations.
///
/// Row `n` of a subtask is due `n / rate` after the first poll. A source that was held back makes up
/// for at most `burst` of time, so that a pause is not followed by a flood.
public final class RateLimitedSequenceSource: SourceOperator {
    public struct Options: Sendable {
        public var range: SequenceRange
        /// Of all subtasks together.
        public var rowsPerSecond: Double
        /// Adds the time at which a row was made, in nanoseconds of the monotonic clock, as a
        /// second field.
        public var includesCreationTime = false
        /// Milliseconds.
        public var burst: Int64 = 1000
        /// A batch has no more rows than this.
        public var batchRows = 8192

        public init(range: SequenceRange, rowsPerSecond: Double) {
            self.range = range
            self.rowsPerSecond = rowsPerSecond
        }

        /// `BIGINT`, or `TUPLE<f0 BIGINT, f1 BIGINT>` with the time.
        public var outputType: DataType {
            includesCreationTime
                ? DataType(
                    .row([.init("f0", .bigInt), .init("f1", .bigInt)], style: .tuple))
                : .bigInt
        }
    }

    private let options: Options
    private let nanoseconds: @Sendable () -> Int64
    private var clock: (any Clock)?
    private var part = SequenceRangeCursor()
    /// Rows per millisecond of this subtask.
    private var rate = 0.0
    /// From when on rows are counted, and how many have been emitted since.
    private var start: Int64?
    private var emitted = 0.0

    /// Fails where the rate is not a positive number.
    ///
    /// - Parameter nanoseconds: the monotonic clock.
    public init(
        _ options: Options,
        nanoseconds: @escaping @Sendable () -> Int64 = RateLimitedSequenceSource.monotonicTime
    ) throws(JobError) {
        guard options.rowsPerSecond > 0, options.rowsPerSecond.isFinite else {
            throw JobError(
                code: "illegal-argument",
                "the rate must be a positive number of rows a second, and is \(options.rowsPerSecond)"
            )
        }
        self.options = options
        self.nanoseconds = nanoseconds
    }

    public func open(_ context: OperatorContext) throws {
        clock = context.clock
        rate = options.rowsPerSecond / Double(context.parallelism) / 1000
        part = SequenceRangeCursor(
            options.range.part(context.subtask, of: context.parallelism))
    }

    public func poll(into output: any Output) throws -> SourceProgress {
        guard let clock, !part.isAtEnd else { return .finished }
        let now = clock.now()
        let begin = start ?? now
        start = begin
        let elapsed = Double(max(now - begin, 0))
        // The row with index k is due after k / rate.
        var allowed = (elapsed * rate).rounded(.down) + 1 - emitted
        let limit = max(Double(options.burst) * rate, 1).rounded(.down)
        if allowed > limit {
            emitted += allowed - limit
            allowed = limit
        }
        guard allowed >= 1 else {
            return .idle(until: max(begin + Int64((emitted / rate).rounded(.up)), now + 1))
        }
        let (first, count) = part.take(Int(min(allowed, Double(options.batchRows))))
        emitted += Double(count)
        try output.emit(.batch(batch(first, count: count)))
        return part.isAtEnd ? .finished : .more
    }

    private func batch(_ first: Int64, count: Int) -> Batch {
        let numbers = NumberSequenceSource.column(first, count: count)
        guard options.includesCreationTime else { return Batch(numbers) }
        let times = Column([Int64](repeating: nanoseconds(), count: count), type: .bigInt)
        return Batch(
            Column(
                type: options.outputType, count: count, validity: nil, buffers: [],
                children: [numbers, times]))
    }

    /// The machine's monotonic clock, in nanoseconds; the same for all of its processes.
    @Sendable
    public static func monotonicTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
