import Columnar
import Dataflow
import Testing

@testable import Operators

private final class Recorder: Output {
    var log: [String] = []

    func emit(_ element: StreamElement) {
        switch element {
        case .batch(let batch): log.append("rows \(batch.count)")
        case .watermark(let time): log.append(time == .max ? "watermark max" : "watermark \(time)")
        case .status(let status): log.append("\(status)")
        case .barrier(let barrier): log.append("barrier \(barrier.checkpointID)")
        case .end: log.append("end")
        }
    }

    func take() -> [String] {
        defer { log = [] }
        return log
    }
}

@Suite struct WatermarkTests {
    private let clock = VirtualClock(now: 1000)
    private let output = Recorder()

    private func open(
        _ strategy: WatermarkStrategy, interval: Int64 = 200, idle: Int64? = nil
    ) throws -> TimestampsAndWatermarks {
        let operation = try TimestampsAndWatermarks(
            strategy, interval: interval, idleTimeout: idle)
        try operation.open(
            OperatorContext(
                jobName: "", name: "", uid: "", subtask: 0, parallelism: 1, maxParallelism: 1,
                attempt: 0, clock: clock))
        return operation
    }

    private func rows(_ times: [Int64?]) -> Batch {
        var bits = [UInt8](repeating: 0, count: (times.count + 7) / 8)
        for (index, time) in times.enumerated() where time != nil {
            bits[index / 8] |= 1 << (index % 8)
        }
        let column = Column(
            type: .bigInt, count: times.count,
            validity: times.contains(nil) ? Buffer(copying: bits) : nil,
            buffers: [Buffer(copying: times.map { $0 ?? 999_999 })])
        return Batch(count: times.count, columns: [column], timestamps: column)
    }

    private func tick(_ operation: TimestampsAndWatermarks, at now: Int64) throws -> [String] {
        clock.advance(to: now)
        if let deadline = operation.nextDeadline, deadline <= now {
            try operation.advance(to: now, into: output)
        }
        return output.take()
    }

    @Test func watermarksComeWithTheClockAndOnlyWhenTheyAdvance() throws {
        let operation = try open(.boundedOutOfOrderness(5))
        #expect(operation.nextDeadline == 1200)
        #expect(try tick(operation, at: 1200) == [])
        try operation.process(rows([10, 100, 50]), input: 0, into: output)
        #expect(try tick(operation, at: 1300) == ["rows 3"])
        #expect(try tick(operation, at: 1400) == ["watermark 94"])
        try operation.process(rows([20]), input: 0, into: output)
        #expect(try tick(operation, at: 1600) == ["rows 1"])
        try operation.process(rows([nil, 200]), input: 0, into: output)
        #expect(try tick(operation, at: 1800) == ["rows 2", "watermark 194"])
        try operation.process(rows([300]), input: 0, into: output)
        try operation.finish(into: output)
        #expect(output.take() == ["rows 1", "watermark 294"])
        #expect(operation.nextDeadline == nil)
    }

    @Test func monotonousStaysOneBehind() throws {
        let operation = try open(.monotonous)
        try operation.process(rows([7]), input: 0, into: output)
        #expect(try tick(operation, at: 1200) == ["rows 1", "watermark 6"])
    }

    @Test func upstreamWatermarksAreReplacedExceptTheLast() throws {
        let operation = try open(.none)
        for element: StreamElement in [
            .watermark(5), .status(.idle), .barrier(Barrier(checkpointID: 1, timestamp: 0)),
            .watermark(.max),
        ] {
            try operation.control(element, into: output)
        }
        #expect(operation.nextDeadline == nil)
        #expect(output.take() == ["barrier 1", "watermark max"])
    }

    @Test func idlenessBeginsAfterTheTimeoutAndEndsWithAWatermark() throws {
        let operation = try open(.monotonous, interval: 100, idle: 250)
        try operation.process(rows([10]), input: 0, into: output)
        #expect(try tick(operation, at: 1100) == ["rows 1", "watermark 9"])
        for time in [1200, 1300, 1400] as [Int64] { #expect(try tick(operation, at: time) == []) }
        #expect(try tick(operation, at: 1500) == ["idle"])
        #expect(try tick(operation, at: 1600) == [])
        // A row that does not bring event time forward does not end idleness.
        try operation.process(rows([10]), input: 0, into: output)
        #expect(try tick(operation, at: 1700) == ["rows 1"])
        try operation.process(rows([20]), input: 0, into: output)
        #expect(try tick(operation, at: 1800) == ["rows 1", "active", "watermark 19"])
    }

    @Test func anIntervalCanBeForEver() throws {
        let operation = try open(.monotonous, interval: .max, idle: .max)
        #expect(operation.nextDeadline == .max)
        #expect(try tick(operation, at: 5000) == [])
        try operation.advance(to: .max, into: output)
        #expect(operation.nextDeadline == .max)
    }

    @Test func extremesDoNotOverflow() throws {
        let operation = try open(.boundedOutOfOrderness(.max), interval: 0)
        #expect(operation.nextDeadline == nil)
        try operation.process(rows([.min, .max]), input: 0, into: output)
        try operation.finish(into: output)
        #expect(output.take() == ["rows 2", "watermark -1"])
        #expect(throws: JobError.self) { try open(.boundedOutOfOrderness(-1)) }
        #expect(throws: JobError.self) { try open(.none, idle: 0) }
    }
}
