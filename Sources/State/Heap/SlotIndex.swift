/// A hash table of block references with open addressing: 8 bytes for a slot, and the hash in it,
/// so that neither growing nor a miss looks at a block.
///
/// Linear probing; removal shifts back what follows, so there are no tombstones.
/// Invariants: the number of slots is a power of two, and at most 4/5 of them are taken; no empty
/// slot lies between an entry and where its hash points. An empty slot is 0.
struct SlotIndex {
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private(set) var count = 0

    private static let smallest = 16

    init() {
        slots = Self.memory(Self.smallest)
        mask = Self.smallest - 1
    }

    private static func memory(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        memory.initialize(repeating: 0, count: count)
        return memory
    }

    /// The owner's last call.
    func deallocate() { slots.deallocate() }

    var heldBytes: Int { (mask + 1) * 8 }

    /// How far entries are from where their hashes point, on average: what a look-up costs.
    var meanDisplacement: Double {
        var total = 0
        for slot in 0...mask where slots[slot] != 0 {
            total += (slot - Int(slots[slot] >> 32)) & mask
        }
        return count == 0 ? 0 : Double(total) / Double(count)
    }

    /// The slot whose hash is `hash` and whose block `matches`.
    @inline(__always)
    func find(_ hash: UInt32, _ matches: (BlockRef) -> Bool) -> Int? {
        var slot = Int(hash) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return nil }
            if UInt32(truncatingIfNeeded: entry >> 32) == hash,
                matches(BlockRef(truncatingIfNeeded: entry))
            {
                return slot
            }
            slot = (slot &+ 1) & mask
        }
    }

    @inline(__always)
    subscript(slot: Int) -> BlockRef { BlockRef(truncatingIfNeeded: slots[slot]) }

    /// Says where the block of a slot has moved to.
    @inline(__always)
    func replace(_ slot: Int, _ ref: BlockRef) {
        slots[slot] = slots[slot] & ~0xFFFF_FFFF | UInt64(ref)
    }

    /// Adds a block that is not there yet.
    mutating func insert(_ hash: UInt32, _ ref: BlockRef) {
        assert(ref != 0)
        if (count &+ 1) &* 5 > (mask &+ 1) &* 4 { resize((mask + 1) * 2) }
        place(UInt64(hash) << 32 | UInt64(ref))
        count &+= 1
    }

    @inline(__always)
    private func place(_ entry: UInt64) {
        var slot = Int(entry >> 32) & mask
        while slots[slot] != 0 { slot = (slot &+ 1) & mask }
        slots[slot] = entry
    }

    mutating func remove(_ slot: Int) {
        assert(slots[slot] != 0)
        var hole = slot
        var next = (slot &+ 1) & mask
        while slots[next] != 0 {
            let home = Int(slots[next] >> 32) & mask
            // An entry may fill the hole unless its home lies behind the hole.
            if (next &- home) & mask >= (next &- hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        slots[hole] = 0
        count &-= 1
        if mask >= 4 * Self.smallest, count &* 8 < mask { resize((mask + 1) / 2) }
    }

    mutating func removeAll() {
        slots.deallocate()
        slots = Self.memory(Self.smallest)
        mask = Self.smallest - 1
        count = 0
    }

    private mutating func resize(_ size: Int) {
        let old = UnsafeMutableBufferPointer(start: slots, count: mask + 1)
        slots = Self.memory(size)
        mask = size - 1
        for entry in old where entry != 0 { place(entry) }
        old.deallocate()
    }
}
