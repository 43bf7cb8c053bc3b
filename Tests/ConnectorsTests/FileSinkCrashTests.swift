import Columnar
import Dataflow
import Testing

@testable import Connectors

/// A job with checkpoints that stops at any step, and goes on from its last checkpoint.
@Suite struct FileSinkCrashTests {
    private let output = Recorder()
    private static let rows = (0..<40).map { "row \($0)" }

    private struct Checkpoint {
        var state = FileSinkState()
        var nextRow = 0
        var id: UInt64 = 0
        var isDone = false
    }

    /// Runs from a checkpoint to the end, or until the storage stops; returns the last checkpoint
    /// that was completed.
    private func run(
        on storage: MemoryStorage, from start: Checkpoint, policy: RollingPolicy, names: NameCounter
    ) -> Checkpoint {
        var last = start
        do {
            var options = FileSink.Options(path: "out")
            options.rolling = policy
            options.commit = .withCheckpoint
            let sink = try FileSink(options, storage: storage, uniqueID: { names.next() })
            try sink.open(context())
            try sink.recover(start.state)
            for row in min(start.nextRow, Self.rows.count)..<Self.rows.count {
                try sink.process(strings([Self.rows[row]]), input: 0, into: output)
                guard row % 7 == 6 else { continue }
                let id = last.id + 1
                let state = try sink.prepareCheckpoint(id)
                // Here the checkpoint has become complete, whether the sink hears of it or not.
                last = Checkpoint(state: state, nextRow: row + 1, id: id)
                // Every other notification is lost.
                if id % 2 == 0 { try sink.checkpointCompleted(id) }
            }
            try sink.finish(into: output)
            let id = last.id + 1
            last = Checkpoint(
                state: try sink.prepareCheckpoint(id), nextRow: Self.rows.count, id: id)
            try sink.checkpointCompleted(id)
            last.isDone = true
        } catch {
            #expect(storage.hasCrashed, "\(error)")
        }
        return last
    }

    /// Committed files hold whole rows, none of them twice.
    private func check(_ storage: MemoryStorage, _ place: String) -> [String] {
        var rows: [String] = []
        for (name, text) in storage.contents where !name.hasPrefix("out/.") {
            #expect(text.hasSuffix("\n"), "\(place): \(name) is cut off")
            rows += text.split(separator: "\n").map(String.init)
        }
        #expect(Set(rows).count == rows.count, "\(place): rows are repeated")
        #expect(Set(rows).isSubset(of: Self.rows), "\(place): rows are torn")
        return rows
    }

    @Test(arguments: [
        RollingPolicy(partSize: 20), RollingPolicy(), .onCheckpoint, RollingPolicy(partSize: 1),
    ])
    func aCrashAtAnyStepLosesNothingAndRepeatsNothing(policy: RollingPolicy) {
        let whole = MemoryStorage()
        _ = run(on: whole, from: Checkpoint(), policy: policy, names: NameCounter())
        #expect(Set(check(whole, "no crash")) == Set(Self.rows))
        for first in 0..<whole.steps {
            let names = NameCounter()
            var storage = MemoryStorage()
            storage.stepsLeft = first
            var last = run(on: storage, from: Checkpoint(), policy: policy, names: names)
            _ = check(storage, "crash at \(first)")
            storage = storage.afterPowerFailure()
            _ = check(storage, "power failure at \(first)")
            // And once more, soon after it goes on.
            storage.stepsLeft = first % 5
            last = run(on: storage, from: last, policy: policy, names: names)
            storage = storage.afterPowerFailure()
            _ = check(storage, "second failure after \(first)")
            if !last.isDone {
                last = run(on: storage, from: last, policy: policy, names: names)
            }
            #expect(last.isDone)
            #expect(Set(check(storage, "after \(first)")) == Set(Self.rows), "after \(first)")
        }
    }

    /// Without checkpoints a job starts over, and may repeat rows; but what has a final name is
    /// whole.
    @Test func withoutCheckpointsFilesAreWholeOrNotThere() {
        for steps in 0..<40 {
            let storage = MemoryStorage()
            storage.stepsLeft = steps
            do {
                var options = FileSink.Options(path: "out")
                options.rolling.partSize = 30
                let sink = try FileSink(options, storage: storage)
                try sink.open(context())
                for row in Self.rows.prefix(15) {
                    try sink.process(strings([row]), input: 0, into: output)
                }
                try sink.finish(into: output)
            } catch {}
            _ = check(storage.afterPowerFailure(), "crash at \(steps)")
        }
    }
}
