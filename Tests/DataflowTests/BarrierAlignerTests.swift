import Testing

@testable import Dataflow

struct BarrierAlignerTests {
    private func barrier(_ id: UInt64) -> Barrier { Barrier(checkpointID: id, timestamp: 0) }

    @Test func oneChannelNeedsNoAlignment() {
        var aligner = BarrierAligner(channels: 1)
        #expect(aligner.barrier(barrier(1), channel: 0)?.checkpointID == 1)
        #expect(!aligner.isBlocked(0))
    }

    @Test func aChannelIsBlockedUntilTheLastBarrier() {
        var aligner = BarrierAligner(channels: 3)
        #expect(aligner.barrier(barrier(1), channel: 0) == nil)
        #expect(aligner.isBlocked(0) && !aligner.isBlocked(1))
        #expect(aligner.barrier(barrier(1), channel: 2) == nil)
        #expect(aligner.barrier(barrier(1), channel: 1) == barrier(1))
        #expect((0..<3).allSatisfy { !aligner.isBlocked($0) })
        #expect(aligner.aligning == nil)
    }

    @Test func anEndedChannelIsNotWaitedFor() {
        var aligner = BarrierAligner(channels: 3)
        #expect(aligner.end(channel: 0) == nil)
        #expect(aligner.end(channel: 0) == nil)
        #expect(aligner.barrier(barrier(1), channel: 1) == nil)
        #expect(aligner.barrier(barrier(1), channel: 2) == barrier(1))
        #expect(aligner.barrier(barrier(2), channel: 2) == nil)
        #expect(aligner.barrier(barrier(2), channel: 1) == barrier(2))
    }

    @Test func anEndMayComplete() {
        var aligner = BarrierAligner(channels: 2)
        #expect(aligner.barrier(barrier(4), channel: 0) == nil)
        #expect(aligner.end(channel: 1) == barrier(4))
        #expect(!aligner.isBlocked(0))
        #expect(aligner.end(channel: 0) == nil)
    }

    @Test func aNewerBarrierCancelsTheOlder() {
        var aligner = BarrierAligner(channels: 2)
        #expect(aligner.barrier(barrier(1), channel: 0) == nil)
        #expect(aligner.barrier(barrier(2), channel: 1) == nil)
        #expect(!aligner.isBlocked(0), "its barrier 1 holds nothing back any more")
        #expect(aligner.isBlocked(1))
        #expect(aligner.aligning == 2)
        #expect(aligner.barrier(barrier(2), channel: 0) == barrier(2))
    }

    @Test func anOlderBarrierIsDropped() {
        var aligner = BarrierAligner(channels: 2)
        #expect(aligner.barrier(barrier(5), channel: 0) == nil)
        #expect(aligner.barrier(barrier(4), channel: 1) == nil)
        #expect(!aligner.isBlocked(1))
        #expect(aligner.barrier(barrier(5), channel: 1) == barrier(5))
        #expect(aligner.barrier(barrier(5), channel: 0) == nil)
        #expect(!aligner.isBlocked(0), "5 is done")
        #expect(aligner.barrier(barrier(3), channel: 0) == nil)
        #expect(!aligner.isBlocked(0))
    }

    @Test func idsMayStartAtZero() {
        var aligner = BarrierAligner(channels: 1)
        #expect(aligner.barrier(barrier(0), channel: 0) == barrier(0))
        #expect(aligner.barrier(barrier(0), channel: 0) == nil)
    }
}
