import Testing

@testable import Dataflow

struct WatermarkValveTests {
    private static let max = Int64.max

    @Test func oneChannelPassesItsWatermarksOn() {
        var valve = WatermarkValve(channels: 1)
        #expect(valve.watermark(5, channel: 0).summaries == ["w5"])
        #expect(valve.watermark(5, channel: 0).isEmpty)
        #expect(valve.watermark(4, channel: 0).isEmpty, "never goes back")
        #expect(valve.watermark(6, channel: 0).summaries == ["w6"])
    }

    @Test func theMinimumCounts() {
        var valve = WatermarkValve(channels: 3)
        #expect(valve.watermark(5, channel: 0).isEmpty)
        #expect(valve.watermark(7, channel: 1).isEmpty, "channel 2 has said nothing yet")
        #expect(valve.watermark(3, channel: 2).summaries == ["w3"])
        #expect(valve.watermark(9, channel: 2).summaries == ["w5"])
        #expect(valve.watermark(6, channel: 0).summaries == ["w6"])
    }

    @Test func anIdleChannelHoldsNothingBack() {
        var valve = WatermarkValve(channels: 2)
        #expect(valve.watermark(5, channel: 0).isEmpty)
        #expect(valve.status(.idle, channel: 1).summaries == ["w5"])
        #expect(valve.status(.idle, channel: 1).isEmpty)
        #expect(valve.watermark(9, channel: 1).isEmpty, "its watermarks do not count")
        #expect(valve.watermark(8, channel: 0).summaries == ["w8"])
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func whenAllAreIdleTheHighestHolds(order: [Int]) {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(5, channel: 0)
        #expect(valve.watermark(3, channel: 1).summaries == ["w3"])
        let elements = order.flatMap { valve.status(.idle, channel: $0) }
        #expect(elements.summaries == ["w5", "idle"], "whichever becomes idle first")
        #expect(valve.status(.active, channel: 0).summaries == ["active"])
    }

    @Test func aChannelThatIsBehindCountsOnceItHasCaughtUp() {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(3, channel: 1)
        _ = valve.status(.idle, channel: 1)
        #expect(valve.watermark(10, channel: 0).summaries == ["w10"])
        #expect(valve.status(.active, channel: 1).isEmpty)
        #expect(valve.watermark(11, channel: 0).summaries == ["w11"], "3 does not hold 11 back")
        #expect(valve.watermark(9, channel: 1).isEmpty)
        #expect(valve.watermark(12, channel: 0).summaries == ["w12"])
        #expect(valve.watermark(12, channel: 1).isEmpty, "caught up: from here on it counts")
        #expect(valve.watermark(20, channel: 0).isEmpty)
        #expect(valve.watermark(15, channel: 1).summaries == ["w15"])
    }

    @Test func aChannelThatIsAheadCountsAtOnce() {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(10, channel: 0)
        _ = valve.watermark(4, channel: 1)
        _ = valve.status(.idle, channel: 0)
        _ = valve.status(.idle, channel: 1)
        #expect(valve.watermark == 10)
        #expect(valve.status(.active, channel: 0).summaries == ["active"])
        #expect(valve.watermark(12, channel: 0).summaries == ["w12"])
        #expect(valve.status(.active, channel: 1).isEmpty)
        #expect(valve.watermark(14, channel: 0).summaries == ["w14"])
    }

    /// FLINK-40475: the only aligned channel must not wait for its next watermark.
    @Test func reactivationDerivesTheWatermarkAnew() {
        var valve = WatermarkValve(channels: 3)
        _ = valve.watermark(10, channel: 0)
        _ = valve.watermark(5, channel: 1)
        _ = valve.watermark(5, channel: 2)
        _ = valve.status(.idle, channel: 0)
        #expect(valve.watermark == 5)
        _ = valve.watermark(8, channel: 1)
        #expect(valve.status(.idle, channel: 2).summaries == ["w8"])
        _ = valve.status(.active, channel: 0)
        #expect(valve.status(.idle, channel: 1).summaries == ["w10"])
    }

    @Test func anEndedChannelHoldsNothingBack() {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(5, channel: 0)
        #expect(valve.end(channel: 1).summaries == ["w5"])
        #expect(valve.watermark(7, channel: 0).summaries == ["w7"])
        #expect(valve.end(channel: 0).summaries == ["max"])
    }

    @Test func aFinishedSourcesWatermarkIsLikeItsEnd() {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(Self.max, channel: 0)
        #expect(valve.watermark(5, channel: 1).summaries == ["w5"])
        #expect(valve.end(channel: 0).isEmpty)
        #expect(valve.watermark(Self.max, channel: 1).summaries == ["max"])
        #expect(valve.end(channel: 1).isEmpty)
    }

    /// FLINK-38477: what an idle channel will send must not be late because its peer has ended.
    @Test func anEndAmongIdleChannelsDoesNotEndTime() {
        var valve = WatermarkValve(channels: 2)
        _ = valve.watermark(5, channel: 0)
        _ = valve.watermark(3, channel: 1)
        _ = valve.status(.idle, channel: 1)
        #expect(valve.watermark == 5)
        _ = valve.watermark(Self.max, channel: 0)
        #expect(valve.status == .idle)
        #expect(valve.watermark == 5)
        #expect(valve.end(channel: 0).isEmpty)
        #expect(valve.status(.active, channel: 1).summaries == ["active"])
        #expect(valve.watermark(8, channel: 1).summaries == ["w8"])
        #expect(valve.end(channel: 1).summaries == ["max"])
    }

    @Test func anIdleChannelsEndIsAnEnd() {
        var valve = WatermarkValve(channels: 2)
        #expect(valve.status(.idle, channel: 0).isEmpty)
        #expect(valve.status(.idle, channel: 1).summaries == ["idle"])
        #expect(valve.end(channel: 0).isEmpty)
        #expect(valve.end(channel: 1).summaries == ["active", "max"])
    }
}
