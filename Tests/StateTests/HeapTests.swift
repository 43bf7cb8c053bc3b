import Columnar
import Testing

@testable import State

@Suite("Parts of the heap backend")
struct HeapTests {
    @Test("Blocks keep what is written to them, and garbage goes", arguments: 0..<4)
    func arena(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let arena = BlockArena()
        var blocks: [BlockRef: UInt8] = [:]
        func content(_ ref: BlockRef) -> UnsafeMutableRawBufferPointer {
            .init(start: arena[ref] + 4, count: arena.byteCount(ref) - 4)
        }
        func fill(_ ref: BlockRef, _ value: UInt8) {
            content(ref).initializeMemory(as: UInt8.self, repeating: value)
        }
        func isFilled(_ ref: BlockRef, _ value: UInt8) -> Bool {
            let content = UnsafeRawBufferPointer(content(ref))
            let expected = [UInt8](repeating: value, count: content.count)
            return expected.withUnsafeBytes { compare($0, content) == 0 }
        }
        for round in 0..<6000 {
            let wanted = round % 2000 < 1200 ? 900 : 50
            if blocks.count < wanted || Bool.random(using: &random) {
                let isLarge = Int.random(in: 0..<400, using: &random) == 0
                let size = Int.random(in: 5...(isLarge ? 400_000 : 700), using: &random)
                let ref = try #require(arena.allocate(bytes: size))
                #expect(arena.byteCount(ref) >= size && ref != 0 && blocks[ref] == nil)
                blocks[ref] = UInt8(truncatingIfNeeded: round)
                fill(ref, UInt8(truncatingIfNeeded: round))
            }
            while blocks.count > wanted, let (ref, value) = blocks.randomElement(using: &random) {
                #expect(isFilled(ref, value))
                blocks[ref] = nil
                arena.free(ref)
            }
            if arena.wantsCompaction, let segment = arena.evacuee() {
                arena.forEachLive(in: segment) { ref in
                    guard let new = arena.allocate(bytes: arena.byteCount(ref)),
                        let value = blocks.removeValue(forKey: ref)
                    else {
                        Issue.record("a block that nobody has")
                        return
                    }
                    blocks[new] = value
                    fill(new, value)
                    arena.free(ref)
                }
            }
        }
        var found: Set<BlockRef> = []
        arena.forEachLive { found.insert($0) }
        #expect(found == Set(blocks.keys))
        #expect(blocks.allSatisfy { isFilled($0.key, $0.value) })
        #expect(
            arena.liveUnits * 8 == blocks.keys.reduce(0) { $0 + arena.byteCount($1) })
        for ref in blocks.keys { arena.free(ref) }
        #expect(arena.liveUnits == 0 && arena.heldUnits <= BlockArena.segmentUnits)
    }

    @Test("An index finds what is in it, whatever the hashes", arguments: [UInt32.max, 255, 7, 0])
    func slots(mask: UInt32) {
        var random = SplitMix64(seed: UInt64(mask))
        var index = SlotIndex()
        defer { index.deallocate() }
        var model: [BlockRef: UInt32] = [:]
        for round in 0..<4000 {
            if Int.random(in: 0..<5, using: &random) < (round < 2000 ? 4 : 1) || model.isEmpty {
                let ref = BlockRef(round + 1)
                // Hashes at the end of the table, so that probing wraps around.
                let hash = UInt32.max &- UInt32.random(in: 0...mask, using: &random)
                index.insert(hash, ref)
                model[ref] = hash
            } else if let (ref, hash) = model.randomElement(using: &random) {
                let slot = index.find(hash) { $0 == ref }
                #expect(slot.map { index[$0] } == ref)
                if let slot { index.remove(slot) }
                model[ref] = nil
                #expect(index.find(hash) { $0 == ref } == nil)
            }
            #expect(index.count == model.count)
        }
        #expect(model.allSatisfy { ref, hash in index.find(hash) { $0 == ref } != nil })
    }

    @Test("Ordered references stay in order", arguments: 0..<3)
    func ordered(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var keys: [[UInt8]] = [[]]
        // Buffers that stay where they are, as blocks do.
        var buffers: [UnsafeRawBufferPointer] = [.init(start: nil, count: 0)]
        defer { for buffer in buffers { buffer.deallocate() } }
        for number in 1..<3000 {
            let key =
                random.bytes(0...9).map { $0 & 1 }
                + [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            keys.append(key)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: key.count, alignment: 1)
            buffer.copyBytes(from: key)
            buffers.append(UnsafeRawBufferPointer(buffer))
        }
        let keyOf = { (ref: BlockRef) in buffers[Int(ref)] }
        var present = Set(1..<1500 as Range<BlockRef>)
        var order = OrderedRefs(
            present.map { OrderedRefs.item($0, key: keyOf($0)) }, key: keyOf)
        for _ in 0..<4000 {
            let ref = BlockRef.random(in: 1..<3000, using: &random)
            if present.remove(ref) != nil {
                order.replace(ref, with: nil, key: keyOf(ref), keyOf: keyOf)
            } else {
                present.insert(ref)
                order.insert(ref, key: keyOf(ref), keyOf: keyOf)
            }
        }
        let sorted = present.sorted {
            keys[Int($0)].lexicographicallyPrecedes(keys[Int($1)])
        }
        for start in [0, 1, 400, sorted.count - 1] {
            var found: [BlockRef] = []
            let after = start == 0 ? nil : keyOf(sorted[start - 1])
            #expect(
                order.forEach(after: after, keyOf: keyOf) {
                    found.append($0)
                    return true
                })
            #expect(found == Array(sorted[start...]))
        }
    }

    private static func mapKeys(_ numbers: some Sequence<Int>) -> [[UInt8]] {
        let rows = EncodedRows()
        RowCodec(.bigInt.notNull()).encode(
            Column(numbers.map { Int64($0) }, type: .bigInt.notNull()), into: rows)
        return (0..<rows.count).map { Array(rows[$0]) }
    }

    @Test("A map of a million entries costs by access what one of a thousand does")
    func bigMap() throws {
        let backend = HeapStateBackend()
        let description = StateDescription(
            "m", .map, key: .bytes, mapKey: .bigInt.notNull(), value: .bigInt.notNull())
        let state = try backend.declare(description)
        let address = StateModel.Address(keyGroup: 1, key: [9], namespace: [])
        func fill(_ numbers: Range<Int>) throws {
            // Spread, so that keys do not come in order.
            let column = Column(
                numbers.map { Int64($0 &* 7_919 % 1_000_003) }, type: .bigInt.notNull())
            let keys = StateKeys(
                keyGroups: .init(repeating: 1, count: numbers.count), mapKeys: EncodedRows())
            for _ in numbers { keys.keys.append(address.key) }
            RowCodec(column.type).encode(column, into: keys.mapKeys!)
            try backend.put(state, keys, values: keys.mapKeys!)
        }
        let maps = try #require(backend.maps(state))
        try fill(0..<1000)
        let small = maps.meanDisplacement
        try fill(1000..<1_000_000)
        #expect(backend.size(of: state)!.entries == 1_000_000)
        // Linear probing at up to 4/5: (1/(1-a) - 1)/2 on average, 2 at most.
        #expect(small < 2.5 && maps.meanDisplacement < 2.5)
        // 24 + 8 + 8 for the entry, and a slot of 8 at between 2/5 and 4/5.
        #expect(backend.size(of: state)!.bytes < 1_000_000 * 66)

        // All of it in chunks: sorted once.
        var count = 0
        var last: [UInt8]?
        let keys = StateKeys([address])
        var isLast = false
        while !isLast {
            let after = last ?? []
            isLast = try after.withUnsafeBytes {
                try backend.scan(
                    state, keys, row: 0, after: last == nil ? nil : $0, limit: 4096, now: 0
                ) { key, _ in
                    count += 1
                    if count % 4096 == 0 { last = Array(key) }
                }
            }
        }
        #expect(count == 1_000_000 && maps.sortedCount == 1_000_000)

        // Entries that come and go between scans of a first chunk do not sort it again.
        for number in 0..<500 {
            let key = Self.mapKeys([-1 - number])
            try backend.put(
                state, StateKeys([address], mapKeys: key), values: EncodedRows(key))
            var first: [UInt8] = []
            _ = try backend.scan(state, keys, row: 0, after: nil, limit: 1, now: 0) { key, _ in
                first = Array(key)
            }
            #expect(first == key[0])
            if number % 3 == 0 { try backend.remove(state, StateKeys([address], mapKeys: key)) }
        }
        #expect(maps.sortedCount == 1_000_000 && maps.orderCount == 1)
        try backend.clear(state, keys)
        #expect(maps.count == 0 && maps.orderCount == 0)
        #expect(backend.size(of: state)!.bytes < 1_000_000)
    }

    @Test("An ordered index that nobody scans goes")
    func orderDropped() throws {
        let backend = HeapStateBackend()
        let state = try backend.declare(
            StateDescription("m", .map, key: .bytes, mapKey: .bytes, value: .bytes))
        let maps = try #require(backend.maps(state))
        let address = StateModel.Address(keyGroup: 1, key: [9], namespace: [])
        let all = Self.mapKeys(0..<2000)
        let keys = StateKeys(.init(repeating: address, count: 2000), mapKeys: all)
        try backend.put(state, keys, values: EncodedRows(all))
        #expect(try backend.scanned(state, address, limit: 100).count == 2000)
        #expect(maps.orderCount == 1)
        for _ in 0..<10 {
            try backend.remove(state, keys)
            try backend.put(state, keys, values: EncodedRows(all))
        }
        #expect(maps.orderCount == 0)
        #expect(try backend.scanned(state, address, limit: 100).count == 2000)
    }

    @Test("Memory follows what is kept, not what was written")
    func memory() throws {
        let backend = HeapStateBackend()
        let value = try backend.declare(
            StateDescription("v", .value, key: .bytes, value: .bytes))
        let list = try backend.declare(
            StateDescription("l", .list, key: .bytes, value: .tinyInt.notNull()))
        let keyBytes = Self.mapKeys(0..<1000)
        let addresses = keyBytes.map {
            StateModel.Address(keyGroup: Int($0[7] & 127), key: $0, namespace: [])
        }
        let keys = StateKeys(addresses)
        // Values that grow, and are replaced, again and again.
        var written = 0
        for round in 0..<300 {
            let bytes = [UInt8](repeating: UInt8(round & 255), count: 1 + round % 100 * 4)
            written += bytes.count * 1000
            try backend.put(
                value, keys, values: EncodedRows(.init(repeating: bytes, count: 1000)))
        }
        let live = 1000 * (20 + 8 + 400)
        #expect(written > 50 * live)
        #expect(backend.size(of: value)!.bytes < 3 * live + 3 * BlockArena.segmentUnits * 8)
        #expect(
            try backend.values(value, keys).allSatisfy {
                $0 == [UInt8](repeating: 43, count: 397)
            })
        // Appending one byte at a time.
        let one = EncodedRows(.init(repeating: [7], count: 1000))
        for _ in 0..<500 { try backend.append(list, keys, values: one) }
        #expect(
            backend.size(of: list)!.bytes < 3 * 1000 * 528 + 3 * BlockArena.segmentUnits * 8)
        #expect(try backend.values(list, keys).allSatisfy { $0?.count == 500 })
        try backend.remove(value, keys)
        try backend.remove(list, keys)
        #expect(backend.size.entries == 0)
        #expect(backend.size.bytes < 4 * BlockArena.segmentUnits * 8)
    }
}
