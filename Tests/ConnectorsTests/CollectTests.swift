import Columnar
import Dataflow
import Glibc
import Synchronization
import Testing

@testable import Connectors

private func values(_ batch: Batch?) -> [Int64]? {
    batch.map { Array($0.columns[0].values(as: Int64.self)) }
}

@Suite struct CollectTests {
    private let output = Recorder()

    @Test func rowsComeInOrderAndInPiecesOfAnySize() throws {
        let queue = CollectQueue()
        let sink = CollectSink(queue)
        try sink.open(context())
        for batch in [[1, 2, 3], [], [4], [5, 6]] as [[Int64]] {
            try sink.process(longs(batch), input: 0, into: output)
        }
        try sink.finish(into: output)
        sink.close()
        #expect(values(try queue.next(maxRows: 2)) == [1, 2])
        #expect(values(try queue.next(maxRows: 2)) == [3])
        #expect(values(try queue.next(maxRows: 9)) == [4])
        #expect(values(try queue.next(maxRows: 0)) == [5])
        #expect(values(try queue.next(maxRows: 1)) == [6])
        #expect(try queue.next(maxRows: 1) == nil)
        #expect(try queue.next(maxRows: 1) == nil)
    }

    @Test func aFullQueueHoldsItsTaskBack() throws {
        let queue = CollectQueue(capacityRows: 3)
        let sink = CollectSink(queue)
        let counter = Counter()
        sink.setNotifier { counter.add() }
        try sink.open(context())
        #expect(sink.canAccept && !sink.isPending)
        try sink.process(longs([1, 2, 3, 4]), input: 0, into: output)
        #expect(!sink.canAccept && sink.isPending && !sink.hasDelivery)
        _ = try queue.next(maxRows: 1)
        #expect(!sink.canAccept && counter.value == 0)
        _ = try queue.next(maxRows: 1)
        #expect(sink.canAccept && counter.value == 1)
        try sink.process(longs([5]), input: 0, into: output)
        // The rows at the end are the consumer's matter.
        try sink.finish(into: output)
        #expect(!sink.canAccept && !sink.isPending)
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    @Test func aSlowConsumerOnAnotherThreadGetsEverything() throws {
        let queue = CollectQueue(capacityRows: 50)
        let results = Results()
        let consumer = Thread {
            while let batch = try? queue.next(maxRows: 7) {
                results.add(batch.columns[0].values(as: Int64.self).map { $0 })
            }
        }
        let sink = CollectSink(queue)
        try sink.open(context())
        for start in stride(from: Int64(0), to: 5000, by: 20) {
            if !sink.canAccept { try sink.deliver(into: output) }
            try sink.process(longs(Array(start..<start + 20)), input: 0, into: output)
        }
        try sink.finish(into: output)
        consumer.join()
        #expect(results.all == Array(0..<5000))
    }

    private final class Results: Sendable {
        private let values = Mutex<[Int64]>([])
        func add(_ more: [Int64]) { values.withLock { $0 += more } }
        var all: [Int64] { values.withLock { $0 } }
    }

    @Test func closingDropsRowsAndFreesTheTask() throws {
        let queue = CollectQueue(capacityRows: 1)
        let sink = CollectSink(queue)
        try sink.open(context())
        try sink.process(longs([1, 2]), input: 0, into: output)
        queue.close()
        #expect(sink.canAccept)
        try sink.process(longs([3]), input: 0, into: output)
        #expect(try queue.next(maxRows: 1) == nil)
    }

    @Test func cancellingFreesAWaitingTask() throws {
        let queue = CollectQueue(capacityRows: 1)
        let sink = CollectSink(queue)
        try sink.open(context())
        try sink.process(longs([1]), input: 0, into: output)
        sink.cancel()
        #expect(throws: CancellationError.self) { try sink.deliver(into: output) }
    }

    @Test func aFailureComesAfterTheRowsBeforeIt() throws {
        let queue = CollectQueue()
        let sink = CollectSink(queue)
        try sink.open(context())
        try sink.process(longs([1]), input: 0, into: output)
        queue.end(JobError(code: "x", "broken"))
        #expect(values(try queue.next(maxRows: 5)) == [1])
        #expect(throws: JobError.self) { try queue.next(maxRows: 5) }
    }

    @Test func theStreamEndsWithTheLastSubtask() throws {
        let queue = CollectQueue()
        let sinks = [CollectSink(queue), CollectSink(queue)]
        for (index, sink) in sinks.enumerated() { try sink.open(context(subtask: index, of: 2)) }
        try sinks[0].finish(into: output)
        try sinks[1].process(longs([1]), input: 0, into: output)
        try sinks[1].finish(into: output)
        #expect(values(try queue.next(maxRows: 5)) == [1])
        #expect(try queue.next(maxRows: 5) == nil)
    }

    @Test func aRestartAfterRowsWereTakenIsRefused() throws {
        let queue = CollectQueue()
        let first = CollectSink(queue)
        try first.open(context())
        try first.process(longs([1, 2]), input: 0, into: output)
        first.close()
        // Nobody has seen the rows, so they may be made again.
        let second = CollectSink(queue)
        try second.open(context(attempt: 1))
        try second.process(longs([1, 2]), input: 0, into: output)
        second.close()
        #expect(values(try queue.next(maxRows: 1)) == [1])
        let error = #expect(throws: JobError.self) {
            try CollectSink(queue).open(context(attempt: 2))
        }
        #expect(error?.code == "restarted")
    }

    // MARK: Waiting without a thread

    @Test func manyWaitAtOnceWithoutAThreadEach() async throws {
        // More than there are threads for tasks: holding one each would be the end of it.
        let queues = (0..<64).map { _ in CollectQueue() }
        let sums = try await withThrowingTaskGroup(of: [Int64]?.self) { group in
            for queue in queues {
                group.addTask { values(try await queue.nextLater(maxRows: 9)) }
            }
            try await _Concurrency.Task.sleep(for: .milliseconds(20))
            for (index, queue) in queues.enumerated() { queue.put(longs([Int64(index)])) }
            return try await group.reduce(into: Int64(0)) { $0 += $1?[0] ?? -1000 }
        }
        #expect(sums == 64 * 63 / 2)
    }

    @Test(arguments: ["end", "close", "finish", "fail"])
    func theEndWakesWhoWaits(_ how: String) async throws {
        let queue = CollectQueue()
        try queue.register(producer: 0, of: 1, attempt: 0)
        let reader = _Concurrency.Task { try await queue.nextLater(maxRows: 1) }
        try await _Concurrency.Task.sleep(for: .milliseconds(5))
        switch how {
        case "end": queue.end()
        case "close": queue.close()
        case "finish": queue.finish(producer: 0)
        default: queue.end(JobError(code: "internal", "no more"))
        }
        if how == "fail" {
            await #expect(throws: JobError.self) { try await reader.value }
        } else {
            #expect(try await reader.value == nil)
        }
    }

    @Test func whoIsCancelledTakesNothing() async throws {
        let queue = CollectQueue()
        for delay in [0, 5] {
            let reader = _Concurrency.Task { try await queue.nextLater(maxRows: 1) }
            try await _Concurrency.Task.sleep(for: .milliseconds(delay))
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
        }
        queue.put(longs([7]))
        #expect(values(try await queue.nextLater(maxRows: 1)) == [7])
    }

    @Test func noRowIsMissedBetweenTwoTasks() async throws {
        let queue = CollectQueue()
        let reader = _Concurrency.Task {
            var all: [Int64] = []
            while let batch = try await queue.nextLater(maxRows: 100) { all += values(batch) ?? [] }
            return all
        }
        for value in 0..<20_000 { queue.put(longs([Int64(value)])) }
        queue.end()
        #expect(try await reader.value == Array(0..<20_000))
    }
}
