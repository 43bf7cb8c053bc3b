public import Columnar
public import Dataflow

/// Sends watermarks that follow the timestamps of the rows: the second half of Flink's operator of
/// this name. The timestamps are there already, from the source or from a Python function.
///
/// Watermarks come every `interval` of processing time, and once at the end; those from further
/// up are replaced, but for the one that ends the stream.
public final class TimestampsAndWatermarks: TimedOperator {
    /// Flink's `pipeline.auto-watermark-interval`, unless it is set.
    public static let defaultInterval: Int64 = 200

    private let strategy: WatermarkStrategy
    private let interval: Int64
    private var idleness: IdlenessTimer?
    private var clock: (any Clock)?
    private var maximum = Int64.min
    private var deadline: Int64?

    /// What was sent last; the first watermark must be greater.
    private var current = Int64.min
    private var isMarkedIdle = false

    /// Fails where rows would have to be early, or idleness to begin before it can be seen.
    ///
    /// - Parameters:
    ///   - interval: milliseconds between two watermarks; 0: only at the end.
    ///   - idleTimeout: milliseconds without rows after which the stream counts as idle.
    public init(
        _ strategy: WatermarkStrategy,
        interval: Int64 = TimestampsAndWatermarks.defaultInterval, idleTimeout: Int64? = nil
    ) throws(JobError) {
        if let delay = strategy.delay, delay < 0 {
            throw JobError(
                code: "illegal-argument", "maxOutOfOrderness cannot be negative: \(delay) ms")
        }
        if let idleTimeout, idleTimeout <= 0 {
            throw JobError(
                code: "illegal-argument",
                "idleTimeout must be greater than zero: \(idleTimeout) ms")
        }
        self.strategy = strategy
        self.interval = interval
        idleness = idleTimeout.map(IdlenessTimer.init(timeout:))
        // The first watermark then comes out as the least number there is, as in Flink.
        if let delay = strategy.delay { maximum = .min + delay + 1 }
    }

    public func open(_ context: OperatorContext) throws {
        clock = context.clock
        if interval > 0, strategy != .none || idleness != nil {
            deadline = Deadline.after(context.clock.now(), interval)
        }
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        if batch.count > 0 {
            idleness?.activity()
            if strategy != .none { noteTimestamps(of: batch) }
        }
        try output.emit(.batch(batch))
    }

    private func noteTimestamps(of batch: Batch) {
        guard let timestamps = batch.timestamps else { return }
        let values = timestamps.values(as: Int64.self)
        var greatest = maximum
        if timestamps.validity == nil {
            for value in values { greatest = max(greatest, value) }
        } else {
            for (index, value) in values.enumerated() where timestamps.isValid(index) {
                greatest = max(greatest, value)
            }
        }
        maximum = greatest
    }

    public func control(_ element: StreamElement, into output: any Output) throws {
        switch element {
        case .watermark(.max):
            try send(.max, into: output)
        case .watermark, .status:
            // This operator says anew how far time has come, and whether it goes on.
            break
        case .batch, .barrier, .end:
            try output.emit(element)
        }
    }

    public var nextDeadline: Int64? { deadline }

    public func advance(to now: Int64, into output: any Output) throws {
        guard let due = deadline, due <= now else { return }
        deadline = Deadline.after(now, interval)
        try emitPeriodically(now: now, into: output)
    }

    public func finish(into output: any Output) throws {
        deadline = nil
        try emitPeriodically(now: clock?.now() ?? 0, into: output)
    }

    private func emitPeriodically(now: Int64, into output: any Output) throws {
        if idleness?.checkIfIdle(now: now) ?? false {
            guard !isMarkedIdle else { return }
            isMarkedIdle = true
            try output.emit(.status(.idle))
        } else if let delay = strategy.delay {
            try send(maximum - delay - 1, into: output)
        }
    }

    /// Only a watermark that goes further is sent, and only it ends idleness.
    private func send(_ watermark: Int64, into output: any Output) throws {
        guard watermark > current else { return }
        current = watermark
        if isMarkedIdle {
            isMarkedIdle = false
            try output.emit(.status(.active))
        }
        try output.emit(.watermark(watermark))
    }
}
