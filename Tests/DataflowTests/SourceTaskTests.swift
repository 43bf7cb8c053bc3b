import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

struct SourceTaskTests {
    @Test func pollsUntilTheEnd() throws {
        let bench = Bench([ScriptedSource([.rows(rows(0..<2)), .watermark(5), .rows(rows(2..<3))])])
        #expect(try bench.settled() == ["[0, 1]", "w5", "[2]", "max", "end"])
        #expect(bench.task.metrics.currentWatermark == .max)
    }

    @Test func theEndOfTimeIsSentOnceAndByAnActiveSource() throws {
        let done = Bench([ScriptedSource([.watermark(.max)])])
        #expect(try done.settled() == ["max", "end"])
        let idle = Bench([ScriptedSource([.watermark(3), .status(.idle)])])
        #expect(try idle.settled() == ["w3", "idle", "active", "max", "end"])
    }

    @Test func whatASourceEmitsLastComesBeforeTheEndOfTime() throws {
        final class Late: TestOperator, SourceOperator {
            func poll(into output: any Output) throws -> SourceProgress { .finished }
            override func finish(into output: any Output) throws {
                try output.emit(.batch(Batch(rows: rows([1]))))
                try super.finish(into: output)
            }
        }
        let bench = Bench([Late(), TestOperator()])
        #expect(try bench.settled() == ["[1]", "max", "end"])
    }

    @Test func anIdleSourceWaitsForItsTime() throws {
        let bench = Bench([ScriptedSource([.pause(50), .rows(rows([1]))])])
        #expect(try bench.settled() == [])
        #expect(bench.actions.isEmpty)
        #expect(bench.task.nextWake(after: 1000) == 1050)
        bench.clock.advance(to: 1049)
        #expect(bench.actions.isEmpty)
        bench.clock.advance(to: 1050)
        #expect(bench.actions == [.poll])
        #expect(try bench.settled() == ["[1]", "max", "end"])
    }

    @Test func aWaitingSourceWaitsToBeWoken() throws {
        let source = ScriptedSource([.wait, .rows(rows([1])), .wait])
        let bench = Bench([source])
        try bench.settle()
        #expect(bench.actions.isEmpty)
        #expect(bench.task.awaitsOutside)
        #expect(bench.task.nextWake(after: 1000) == nil)
        bench.signal.lower()
        source.wake()
        #expect(bench.signal.isRaised)
        #expect(try bench.settled() == ["[1]"])
        source.wake()
        #expect(try bench.settled() == ["max", "end"])
        #expect(!bench.task.awaitsOutside)
    }

    @Test func aNotificationDuringThePollIsNotLost() throws {
        final class Racing: TestOperator, SourceOperator {
            var notify: () -> Void = {}
            var polls = 0
            func setNotifier(_ notify: @escaping @Sendable () -> Void) { self.notify = notify }
            func poll(into output: any Output) throws -> SourceProgress {
                polls += 1
                if polls == 1 { notify() }
                return polls == 1 ? .waiting : .finished
            }
        }
        #expect(try Bench([Racing()]).settled() == ["max", "end"])
    }

    @Test func aFullOutputStopsPolling() throws {
        let bench = Bench(
            [ScriptedSource((0..<4).map { .rows(rows([$0])) })], capacity: .init(elements: 2))
        #expect(try bench.settled() == ["[0]", "[1]"])
        #expect(try bench.settled() == ["[2]", "[3]"])
        #expect(try bench.settled() == ["max", "end"])
    }

    @Test func aSourcesErrorIsLocated() throws {
        let bench = Bench([ScriptedSource([.fail(JobError(code: "bad-input", "oh"))])])
        let error = #expect(throws: JobError.self) { try bench.settle() }
        #expect(error?.location == "op0 (2/4)")
    }

    @Test func barriersGoBetweenPolls() throws {
        let source = ScriptedSource([.rows(rows([1])), .wait, .rows(rows([2]))])
        let bench = Bench([source])
        try bench.perform(.open)
        bench.task.inject(barrier(1))
        #expect(bench.signal.isRaised)
        #expect(bench.actions == [.inject, .poll])
        #expect(try bench.settled() == ["b1", "[1]"])
        bench.task.inject(barrier(2))
        bench.task.inject(barrier(3))
        #expect(try bench.settled() == ["b2", "b3"], "although the source waits")
        source.wake()
        #expect(try bench.settled() == ["[2]", "max", "end"])
        bench.task.inject(barrier(4))
        #expect(bench.actions.isEmpty)
    }

    @Test func barriersPassAFullOutput() throws {
        let bench = Bench(
            [ScriptedSource([.rows(rows([1])), .wait])], capacity: .init(elements: 1))
        try bench.settle()
        bench.task.inject(barrier(1))
        #expect(try bench.settled() == ["[1]", "b1"])
    }

    @Test func onlySourcesTakeBarriers() throws {
        let bench = Bench([TestOperator()])
        bench.task.inject(barrier(1))
        #expect(try bench.settled() == [])
    }
}
