import Columnar
import DataflowTesting
import Synchronization
import Testing

@testable import Dataflow

struct ChannelTests {
    private func batch(_ count: Int) -> StreamElement { .batch(Batch(rows: rows(0..<count))) }

    @Test func keepsTheOrder() {
        let channel = Channel()
        channel.send(.batch(Batch(rows: rows([1]))))
        channel.send(.watermark(1))
        #expect(channel.receive()?.summary == "[1]")
        channel.send(.end)
        #expect(channel.drain().summaries == ["w1", "end"])
        #expect(channel.isEmpty)
        #expect(channel.receive() == nil)
    }

    @Test(arguments: [
        Channel.Capacity(elements: 4, rows: 1000, bytes: 100_000),
        Channel.Capacity(elements: 1000, rows: 40, bytes: 100_000),
        Channel.Capacity(elements: 1000, rows: 1000, bytes: 640),
    ])
    func isFullByElementsRowsOrBytes(capacity: Channel.Capacity) {
        let channel = Channel(capacity: capacity)
        for _ in 0..<3 {
            channel.send(batch(10))
            #expect(!channel.isFull)
        }
        channel.send(batch(10))
        #expect(channel.isFull)
        channel.send(batch(10))
        #expect(channel.waiting == (5, 50, 800), "what one step emits always fits")
        for _ in 0..<2 {
            _ = channel.receive()
            #expect(channel.isFull, "until half of it is free")
        }
        _ = channel.receive()
        #expect(!channel.isFull)
        #expect(channel.totalRows == 50)
    }

    @Test func aCapacityOfOneIsFreeWhenEmpty() {
        let channel = Channel(capacity: .init(elements: 0))
        #expect(!channel.isFull)
        channel.send(.watermark(1))
        #expect(channel.isFull)
        _ = channel.receive()
        #expect(!channel.isFull)
    }

    @Test func theReceiverIsWokenForTheFirstElementOnly() {
        let signal = Signal()
        let channel = Channel()
        channel.connect(receiver: signal)
        channel.send(.watermark(1))
        #expect(signal.isRaised)
        signal.lower()
        channel.send(.watermark(2))
        #expect(!signal.isRaised, "it has something to do")
        _ = channel.drain()
        channel.send(.watermark(3))
        #expect(signal.isRaised)
    }

    @Test func theSenderIsWokenWhenHalfIsFree() {
        let signal = Signal()
        let channel = Channel(capacity: .init(elements: 4))
        channel.connect(sender: signal)
        for value in 0..<4 { channel.send(.watermark(Int64(value))) }
        _ = channel.receive()
        #expect(!signal.isRaised)
        channel.send(.watermark(9))
        #expect(channel.isFull)
        _ = channel.receive()
        #expect(!signal.isRaised)
        _ = channel.receive()
        #expect(signal.isRaised)
        #expect(!channel.isFull)
        #expect(channel.blockedNanoseconds > 0)
    }

    @Test func anAbandonedChannelTakesEverythingAndKeepsNothing() {
        let channel = Channel(capacity: .init(elements: 1))
        channel.send(.end)
        #expect(channel.isFull)
        channel.abandon()
        #expect(!channel.isFull)
        channel.send(.end)
        #expect(channel.isEmpty)
    }

    /// Both sides sleep when they must, and nobody is forgotten.
    @Test(arguments: [1, 2, 7, 256])
    func twoThreads(capacity: Int) throws {
        let channel = Channel(capacity: .init(elements: capacity))
        let (sender, receiver, done) = (Signal(), Signal(), Signal())
        channel.connect(sender: sender, receiver: receiver)
        let count = 20_000
        let deepest = Shared(0)
        try startThread(named: "sender") {
            for value in 0..<count {
                sender.lower()
                while channel.isFull {
                    sender.wait()
                }
                channel.send(.watermark(Int64(value)))
                let depth = channel.waiting.elements
                if depth > deepest.value { deepest.update { $0 = depth } }
            }
        }
        let wrong = Shared(0)
        try startThread(named: "receiver") {
            var expected: Int64 = 0
            while expected < count {
                receiver.lower()
                guard let element = channel.receive() else {
                    if channel.isEmpty { receiver.wait() }
                    continue
                }
                if element.summary != "w\(expected)" { wrong.update { $0 += 1 } }
                expected += 1
            }
            done.raise()
        }
        done.wait()
        #expect(wrong.value == 0)
        #expect(deepest.value <= capacity)
    }
}

struct SignalTests {
    @Test func isNotLostAndCountsOnce() {
        let signal = Signal()
        signal.raise()
        signal.raise()
        signal.wait()
        #expect(!signal.isRaised)
        signal.wait(milliseconds: 1)
        signal.raise()
        signal.lower()
        #expect(!signal.isRaised)
        signal.wait(milliseconds: 0)
        signal.raise()
        signal.wait(milliseconds: 1_000_000)
    }

    @Test func pingPong() throws {
        let (ping, pong) = (Signal(), Signal())
        try startThread(named: "pong") {
            for _ in 0..<5_000 {
                ping.wait()
                pong.raise()
            }
        }
        for round in 0..<5_000 {
            ping.raise()
            if round % 2 == 0 { pong.wait() } else { pong.wait(milliseconds: 60_000) }
        }
    }
}
