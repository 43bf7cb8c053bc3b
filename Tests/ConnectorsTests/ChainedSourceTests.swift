import Columnar
import Dataflow
import Synchronization
import Testing

@testable import Connectors

@Suite struct ChainedSourceTests {
    private func source(
        _ ranges: [(Int64, Int64)], _ switching: SourceSwitch
    ) throws -> ChainedSource {
        let sources = try ranges.map {
            NumberSequenceSource(try SequenceRange(from: $0.0, to: $0.1), batchRows: 2)
        }
        return ChainedSource(sources, switching: switching)
    }

    @Test func sourcesComeOneAfterTheOther() throws {
        let switching = SourceSwitch()
        for _ in 0..<2 {  // a job may run again
            let found = try drain(try source([(1, 3), (7, 8), (5, 5)], switching))
            #expect(found.longs == [1, 2, 3, 7, 8, 5])
        }
    }

    @Test func theNextSourceWaitsForAllSubtasks() throws {
        let switching = SourceSwitch()
        let chains = try (0..<2).map { _ in try source([(1, 8), (11, 12)], switching) }
        let notices = Notices()
        for (subtask, chain) in chains.enumerated() {
            chain.setNotifier { notices.count.add(1, ordering: .relaxed) }
            try chain.open(context(subtask: subtask, of: 2))
        }
        let first = Recorder()
        #expect(try chains[0].poll(into: first) == .more)
        #expect(try chains[0].poll(into: first) == .more)
        #expect(first.longs == [1, 2, 3, 4])
        #expect(try chains[0].poll(into: first) == .waiting)
        let second = Recorder()
        #expect(try chains[1].poll(into: second) == .more)
        #expect(notices.value == 0)
        #expect(try chains[1].poll(into: second) == .more)
        #expect(notices.value == 1)
        #expect(try chains[0].poll(into: first) == .finished)
        #expect(try chains[1].poll(into: second) == .finished)
        #expect(first.longs == [1, 2, 3, 4, 11])
        #expect(second.longs == [5, 6, 7, 8, 12])
        for chain in chains { chain.close() }
    }

    @Test func anotherAttemptBeginsAnew() throws {
        let switching = SourceSwitch()
        let lost = try source([(1, 2), (3, 4)], switching)
        try lost.open(context(of: 2))
        #expect(try lost.poll(into: Recorder()) == .more)
        let again = try source([(1, 2), (3, 4)], switching)
        try again.open(context(of: 2, attempt: 1))
        lost.close()
        let recorder = Recorder()
        #expect(try again.poll(into: recorder) == .more)
        #expect(try again.poll(into: recorder) == .waiting)
        #expect(recorder.longs == [1])
        again.close()
    }
}

private final class Notices: Sendable {
    let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
}
