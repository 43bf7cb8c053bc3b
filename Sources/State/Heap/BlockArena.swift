#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

private func freeMemory(_ memory: UnsafeMutableRawPointer?) { free(memory) }

/// Where a block lies in an arena: its segment, and its place there in units of 8 bytes. Never 0.
typealias BlockRef = UInt32

/// Blocks of bytes in segments of 256 KiB: memory without an object for each entry.
///
/// A block starts with its size in units as `UInt32`; the rest is its owner's. A freed block is
/// garbage until its segment holds nothing else, which then is released; an owner moves what is
/// left of segments that are mostly garbage (`wantsCompaction`, `evacuee`).
///
/// Invariants: segment 0 does not exist; blocks fill a segment from its start to `end` without
/// gaps; `live` is the sum of its blocks that are not marked dead; a segment other than the
/// current one has live blocks. A block larger than a segment has one of its own.
final class BlockArena {
    static let unit = 8
    private static let placeBits = 15
    static let segmentUnits = 1 << placeBits
    private static let maxSegments = 1 << (32 - placeBits)
    private static let dead: UInt32 = 1 << 31

    private struct Segment {
        /// All in units.
        var capacity = 0
        var end = 0
        var live = 0
    }

    /// By segment; nil: none has this number.
    private var bases: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private var segments: UnsafeMutablePointer<Segment>
    /// Segment numbers below this one have been used, and there is room for `room` of them.
    private var segmentCount = 1
    private var room = 8
    private var freeNumbers: [Int] = []
    private var current = 0
    /// The memory of a segment that was released: the next one likely comes soon.
    private var spare: UnsafeMutableRawPointer?
    private var nextCapacity = 512
    private(set) var heldUnits = 0
    private(set) var liveUnits = 0

    init() {
        bases = .allocate(capacity: room)
        bases.initialize(repeating: nil, count: room)
        segments = .allocate(capacity: room)
        segments.initialize(repeating: Segment(), count: room)
    }

    deinit {
        for number in 1..<segmentCount { freeMemory(bases[number]) }
        freeMemory(spare)
        bases.deallocate()
        segments.deallocate()
    }

    var heldBytes: Int { heldUnits * Self.unit + room * 32 }

    /// The bytes of a block; valid until the block is freed.
    @inline(__always)
    subscript(ref: BlockRef) -> UnsafeMutableRawPointer {
        let number = Int(ref >> BlockRef(Self.placeBits))
        assert(number < segmentCount && bases[number] != nil)
        let place = Int(ref) & (Self.segmentUnits &- 1)
        return bases[number].unsafelyUnwrapped + place &* Self.unit
    }

    /// The bytes that a block has room for, its first 4 included.
    @inline(__always)
    func byteCount(_ ref: BlockRef) -> Int { Int(self[ref].load(as: UInt32.self)) &* Self.unit }

    /// A block of at least `bytes` bytes, 8-byte aligned, of which the first 4 are its size.
    /// - Returns: nil if the arena is full.
    @inline(__always)
    func allocate(bytes: Int) -> BlockRef? {
        let units = (bytes &+ Self.unit &- 1) / Self.unit
        var number = current
        if segments[number].capacity &- segments[number].end < units {
            guard let next = nextSegment(for: units) else { return nil }
            number = next
        }
        let place = segments[number].end
        segments[number].end = place &+ units
        segments[number].live &+= units
        liveUnits &+= units
        let ref = BlockRef(truncatingIfNeeded: number << Self.placeBits | place)
        self[ref].storeBytes(of: UInt32(truncatingIfNeeded: units), as: UInt32.self)
        return ref
    }

    func free(_ ref: BlockRef) {
        let header = self[ref]
        let units = header.load(as: UInt32.self)
        assert(units & Self.dead == 0, "freed twice")
        header.storeBytes(of: units | Self.dead, as: UInt32.self)
        let number = Int(ref >> BlockRef(Self.placeBits))
        segments[number].live &-= Int(units)
        liveUnits &-= Int(units)
        assert(segments[number].live >= 0)
        guard segments[number].live == 0 else { return }
        if number == current {
            segments[number].end = 0
        } else {
            release(number)
        }
    }

    // MARK: Segments

    /// A segment with room for a block. It becomes the current one, unless the block is so large
    /// that it gets a segment of its own.
    private func nextSegment(for units: Int) -> Int? {
        if units >= Int(Self.dead) { return nil }
        let isAlone = units > nextCapacity / 2
        let capacity = isAlone ? units : nextCapacity
        guard freeNumbers.last != nil || segmentCount < Self.maxSegments else { return nil }
        let memory: UnsafeMutableRawPointer
        if capacity == Self.segmentUnits, let spare {
            memory = spare
            self.spare = nil
        } else {
            guard let fresh = malloc(capacity * Self.unit) else { return nil }
            memory = fresh
        }
        let number: Int
        if let free = freeNumbers.popLast() {
            number = free
        } else {
            if segmentCount == room { growTables() }
            number = segmentCount
            segmentCount += 1
        }
        bases[number] = memory
        segments[number] = Segment(capacity: capacity, end: 0, live: 0)
        heldUnits += capacity
        if !isAlone {
            nextCapacity = min(nextCapacity * 2, Self.segmentUnits)
            let old = current
            current = number
            if old != 0, segments[old].live == 0 { release(old) }
        }
        return number
    }

    private func growTables() {
        let newRoom = room * 2
        let newBases = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: newRoom)
        newBases.moveInitialize(from: bases, count: room)
        (newBases + room).initialize(repeating: nil, count: newRoom - room)
        bases.deallocate()
        bases = newBases
        let newSegments = UnsafeMutablePointer<Segment>.allocate(capacity: newRoom)
        newSegments.moveInitialize(from: segments, count: room)
        (newSegments + room).initialize(repeating: Segment(), count: newRoom - room)
        segments.deallocate()
        segments = newSegments
        room = newRoom
    }

    private func release(_ number: Int) {
        let capacity = segments[number].capacity
        if capacity == Self.segmentUnits, spare == nil {
            spare = bases[number]
        } else {
            freeMemory(bases[number])
        }
        bases[number] = nil
        segments[number] = Segment()
        heldUnits -= capacity
        assert(number != current)
        freeNumbers.append(number)
    }

    // MARK: Compaction

    /// Whether more than half of a noteworthy amount of memory is garbage.
    @inline(__always)
    var wantsCompaction: Bool {
        let tail = segments[current].capacity &- segments[current].end
        let garbage = heldUnits &- liveUnits &- tail
        return garbage > 8192 && garbage &* 2 > heldUnits
    }

    /// The segment with the most garbage, to be emptied by moving its live blocks.
    func evacuee() -> Int? {
        var best: Int?
        var most = 0
        for number in 1..<segmentCount where bases[number] != nil {
            let segment = segments[number]
            let garbage = (number == current ? segment.end : segment.capacity) - segment.live
            if garbage > most { (best, most) = (number, garbage) }
        }
        // Blocks must not move into the segment that they leave.
        if let best, best == current { current = 0 }
        return best
    }

    /// Calls `body` for the live blocks of a segment, in the order of allocation. `body` may free
    /// the block.
    func forEachLive(in number: Int, _ body: (BlockRef) throws -> Void) rethrows {
        guard bases[number] != nil else { return }
        let end = segments[number].end
        var place = 0
        while place < end {
            // The last block freed takes the segment along.
            guard let base = bases[number], segments[number].end == end else { return }
            let units = (base + place * Self.unit).load(as: UInt32.self)
            if units & Self.dead == 0 {
                try body(BlockRef(number << Self.placeBits | place))
            }
            place += Int(units & ~Self.dead)
        }
    }

    /// Calls `body` for all live blocks.
    func forEachLive(_ body: (BlockRef) throws -> Void) rethrows {
        for number in 1..<segmentCount { try forEachLive(in: number, body) }
    }
}
