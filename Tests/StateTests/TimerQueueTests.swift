import Columnar
import Testing

@testable import State

@Suite("Timers")
struct TimerQueueTests {
    struct Timer: Hashable {
        var time: Int64
        var keyGroup: Int
        var key: [UInt8]
        var namespace: [UInt8]
    }

    private func insert(_ queue: TimerQueue, _ timer: Timer) throws -> Bool {
        try timer.key.withUnsafeBytes { key in
            try timer.namespace.withUnsafeBytes { namespace in
                try queue.insert(
                    keyGroup: timer.keyGroup, key: key, namespace: namespace, time: timer.time)
            }
        }
    }

    private func delete(_ queue: TimerQueue, _ timer: Timer) -> Bool {
        timer.key.withUnsafeBytes { key in
            timer.namespace.withUnsafeBytes { namespace in
                queue.delete(
                    keyGroup: timer.keyGroup, key: key, namespace: namespace, time: timer.time)
            }
        }
    }

    private func timer(_ timer: TimerQueue.Timer) -> Timer {
        Timer(
            time: timer.time, keyGroup: timer.keyGroup, key: Array(timer.key),
            namespace: Array(timer.namespace))
    }

    private func pop(_ queue: TimerQueue, _ time: Int64, _ limit: Int) -> [Timer] {
        var popped: [Timer] = []
        let count = queue.popDue(upTo: time, limit: limit) { popped.append(timer($0)) }
        #expect(count == popped.count)
        return popped
    }

    @Test("Timers fire as in a sorted list", arguments: 0..<6)
    func random(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        // Numbers of insertion run out in the middle of it.
        var queue = TimerQueue(firstSequence: seed % 2 == 0 ? 0 : .max - 1000)
        /// In the order of insertion.
        var model: [Timer] = []
        func due(_ time: Int64) -> [Timer] {
            model.enumerated().filter { $0.element.time <= time }
                .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                .map(\.element)
        }
        for round in 0..<1500 {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let key = random.bytes(0...1).map { $0 & 7 }
                let timer = Timer(
                    time: .random(in: -50...50, using: &random), keyGroup: key.count * 3,
                    key: key, namespace: random.bytes(0...1).map { $0 & 1 })
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let place = model.firstIndex(of: timer)
                    #expect(delete(queue, timer) == (place != nil))
                    if let place { model.remove(at: place) }
                } else {
                    #expect(try insert(queue, timer) == !model.contains(timer))
                    if !model.contains(timer) { model.append(timer) }
                }
            }
            #expect(queue.count == model.count)
            #expect(queue.nextTime == model.map(\.time).min())
            if round % 4 == 0 {
                let time = Int64.random(in: -60...30, using: &random)
                let limit = Int.random(in: 0...40, using: &random)
                let expected = Array(due(time).prefix(limit))
                #expect(pop(queue, time, limit) == expected)
                model.removeAll(where: Set(expected).contains)
            }
            if round % 200 == 199 {
                // A snapshot, and a queue that is made from it.
                let restored = TimerQueue()
                var inserted: [Timer] = []
                try queue.forEach(keyGroups: 0..<128) {
                    inserted.append(timer($0))
                    try restored.insert(
                        keyGroup: $0.keyGroup, key: $0.key, namespace: $0.namespace,
                        time: $0.time)
                }
                let sorted = due(.max)
                #expect(
                    inserted == sorted.filter { $0.keyGroup == 0 }
                        + sorted.filter {
                            $0.keyGroup == 3
                        })
                var some: [Timer] = []
                queue.forEach(keyGroups: 1..<4) { some.append(timer($0)) }
                #expect(some == sorted.filter { $0.keyGroup == 3 })
                queue = restored
                model = inserted
            }
        }
        #expect(pop(queue, .max, .max) == due(.max))
        #expect(queue.count == 0 && queue.nextTime == nil)
    }

    @Test("In bulk, and in little memory")
    func many() throws {
        let queue = TimerQueue()
        let count = 200_000
        let numbers = Column((0..<count).map { Int64($0) }, type: .bigInt.notNull())
        let codec = StateCodec(
            StateDescription("t", .value, key: .bigInt.notNull(), value: .bigInt))
        let keys = codec.keys(numbers, maxParallelism: 128)
        let times = (0..<count).map { Int64($0 &* 7919 % 100_003) }
        try times.withUnsafeBufferPointer {
            try queue.insert(keys, times: $0)
            try queue.insert(keys, times: $0)
        }
        #expect(queue.count == count)
        // 64 bytes for each, besides 8 of the key: 24 for the block, 16 for an item of the heap at
        // between 2/3 and full, 8 for a slot at between 2/5 and 4/5.
        #expect(queue.byteCount < count * (64 + 8) + BlockArena.segmentUnits * 8)
        var last = Int64.min
        var isOrdered = true
        let popped = queue.popDue(upTo: 50_000, limit: .max) {
            isOrdered = isOrdered && $0.time >= last
            last = $0.time
        }
        #expect(isOrdered && popped == times.count { $0 <= 50_000 })
        times.withUnsafeBufferPointer { queue.delete(keys, times: $0) }
        #expect(queue.count == 0 && queue.nextTime == nil)
        // Timers that are replaced all the time leave nothing behind.
        for round in 0..<50 {
            let later = times.prefix(2000).map { $0 + Int64(round) }
            let some = StateKeys(keyGroups: Array(keys.keyGroups.prefix(2000)))
            for row in 0..<2000 { some.keys.append(keys.keys[row]) }
            try later.withUnsafeBufferPointer { try queue.insert(some, times: $0) }
            if round > 0 {
                let before = later.map { $0 - 1 }
                before.withUnsafeBufferPointer { queue.delete(some, times: $0) }
            }
        }
        #expect(queue.count == 2000)
        #expect(queue.byteCount < 5_000_000)
    }
}
