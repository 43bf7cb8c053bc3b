import Columnar

/// The timers of one operator instance in one time domain: a set, in the order of their times.
///
/// Belongs to the thread that runs the task. Inserting, deleting and popping cost O(log n); a timer
/// takes about 60 bytes besides its key.
///
/// A timer is a block of an arena: size `u32` (the arena's), lengths of key and namespace `u32`,
/// key group `u16`, whether it is deleted `u8`, nothing `u8`, time `i64`, key, namespace. Invariants:
/// `index` has each timer that is not deleted; `heap` has each block once and is a heap by time,
/// then by order of insertion; its root is not deleted; at most half of its items and 1024 are.
public final class TimerQueue {
    private struct Item {
        var time: Int64
        /// Of insertion.
        var sequence: UInt32
        var ref: BlockRef

        @inline(__always)
        static func < (a: Item, b: Item) -> Bool {
            a.time != b.time ? a.time < b.time : a.sequence < b.sequence
        }
    }

    /// A timer to fire or to save. The bytes are valid during the call that brings it.
    public struct Timer {
        public let time: Int64
        public let keyGroup: Int
        public let key: UnsafeRawBufferPointer
        /// Empty if the operator has no namespaces.
        public let namespace: UnsafeRawBufferPointer
    }

    private var arena = BlockArena()
    private var index = SlotIndex()
    private var heap: [Item] = []
    private var deleted = 0
    private var nextSequence: UInt32
    private let seed = UInt64.random(in: .min ... .max)

    private static let headerSize = 24

    public convenience init() { self.init(firstSequence: 0) }

    init(firstSequence: UInt32) { nextSequence = firstSequence }

    deinit { index.deallocate() }

    public var count: Int { index.count }

    /// The memory held, in bytes.
    public var byteCount: Int {
        arena.heldBytes + index.heldBytes + heap.capacity * MemoryLayout<Item>.stride
    }

    /// The time of the earliest timer.
    public var nextTime: Int64? { heap.first?.time }

    // MARK: Blocks

    @inline(__always)
    private func timer(_ ref: BlockRef) -> Timer {
        let block = arena[ref]
        let keyLength = Int(block.load(fromByteOffset: 4, as: UInt32.self))
        let namespaceLength = Int(block.load(fromByteOffset: 8, as: UInt32.self))
        return Timer(
            time: block.load(fromByteOffset: 16, as: Int64.self),
            keyGroup: Int(block.load(fromByteOffset: 12, as: UInt16.self)),
            key: .init(start: block + Self.headerSize, count: keyLength),
            namespace: .init(start: block + Self.headerSize + keyLength, count: namespaceLength))
    }

    @inline(__always)
    private func isDeleted(_ ref: BlockRef) -> Bool {
        arena[ref].load(fromByteOffset: 14, as: UInt8.self) != 0
    }

    @inline(__always)
    private func hash(_ timer: Timer) -> UInt32 {
        StateAddress(
            keyGroup: UInt16(truncatingIfNeeded: timer.keyGroup), key: timer.key,
            namespace: timer.namespace
        ).hash(seed: seed ^ UInt64(bitPattern: timer.time) &* 0x9E37_79B9_7F4A_7C15)
    }

    @inline(__always)
    private func slot(_ timer: Timer, _ hash: UInt32) -> Int? {
        index.find(hash) { ref in
            let other = self.timer(ref)
            return other.time == timer.time && other.keyGroup == timer.keyGroup
                && other.key.count == timer.key.count
                && other.namespace.count == timer.namespace.count
                && compare(other.key, timer.key) == 0
                && compare(other.namespace, timer.namespace) == 0
        }
    }

    // MARK: One timer

    /// Adds a timer, unless it is there.
    /// - Returns: whether it was not.
    @discardableResult
    public func insert(
        keyGroup: Int, key: UnsafeRawBufferPointer,
        namespace: UnsafeRawBufferPointer = .init(start: nil, count: 0), time: Int64
    ) throws(StateError) -> Bool {
        let timer = Timer(time: time, keyGroup: keyGroup, key: key, namespace: namespace)
        let hash = hash(timer)
        if slot(timer, hash) != nil { return false }
        guard max(key.count, namespace.count) <= HeapTable.maxLength else {
            throw StateError("the key of a timer takes more than 2 GiB")
        }
        guard let ref = arena.allocate(bytes: Self.headerSize + key.count + namespace.count) else {
            throw StateError("there are more timers than memory can hold")
        }
        let block = arena[ref]
        block.storeBytes(of: UInt32(key.count), toByteOffset: 4, as: UInt32.self)
        block.storeBytes(of: UInt32(namespace.count), toByteOffset: 8, as: UInt32.self)
        block.storeBytes(
            of: UInt16(truncatingIfNeeded: keyGroup), toByteOffset: 12, as: UInt16.self)
        block.storeBytes(of: 0, toByteOffset: 14, as: UInt16.self)
        block.storeBytes(of: time, toByteOffset: 16, as: Int64.self)
        copy(key, to: block + Self.headerSize)
        copy(namespace, to: block + Self.headerSize + key.count)
        index.insert(hash, ref)
        if nextSequence == .max { renumber() }
        if heap.count == heap.capacity { heap.reserveCapacity(heap.count + heap.count / 2 + 64) }
        heap.append(Item(time: time, sequence: nextSequence, ref: ref))
        nextSequence += 1
        siftUp(heap.count - 1)
        return true
    }

    /// Removes a timer, if it is there.
    @discardableResult
    public func delete(
        keyGroup: Int, key: UnsafeRawBufferPointer,
        namespace: UnsafeRawBufferPointer = .init(start: nil, count: 0), time: Int64
    ) -> Bool {
        let timer = Timer(time: time, keyGroup: keyGroup, key: key, namespace: namespace)
        guard let slot = slot(timer, hash(timer)) else { return false }
        arena[index[slot]].storeBytes(of: 1, toByteOffset: 14, as: UInt8.self)
        index.remove(slot)
        deleted += 1
        dropDeletedRoots()
        if deleted > 1024, deleted * 2 > heap.count { rebuild() }
        return true
    }

    // MARK: Many timers

    /// Adds a timer for each row that is not there yet.
    public func insert(_ keys: StateKeys, times: UnsafeBufferPointer<Int64>) throws(StateError) {
        precondition(times.count == keys.count && keys.keys.count == keys.count)
        for row in 0..<keys.count {
            let address = keys.address(row)
            try insert(
                keyGroup: Int(address.keyGroup), key: address.key, namespace: address.namespace,
                time: times[row])
        }
    }

    /// Removes the timers that are there.
    public func delete(_ keys: StateKeys, times: UnsafeBufferPointer<Int64>) {
        precondition(times.count == keys.count && keys.keys.count == keys.count)
        for row in 0..<keys.count {
            let address = keys.address(row)
            delete(
                keyGroup: Int(address.keyGroup), key: address.key, namespace: address.namespace,
                time: times[row])
        }
    }

    /// Removes up to `limit` timers with a time of at most `time`, the earliest first and those of
    /// one time in the order of insertion, and calls `body` for each; it must not call the queue.
    /// - Returns: how many there were.
    @discardableResult
    public func popDue(
        upTo time: Int64, limit: Int, _ body: (Timer) throws -> Void
    ) rethrows -> Int {
        var popped = 0
        while popped < limit, let root = heap.first, root.time <= time {
            let timer = timer(root.ref)
            if let slot = index.find(hash(timer), { $0 == root.ref }) { index.remove(slot) }
            removeRoot()
            popped += 1
            // Freed once it has been looked at.
            defer {
                arena.free(root.ref)
                dropDeletedRoots()
            }
            try body(timer)
        }
        if arena.wantsCompaction { rebuild() }
        return popped
    }

    /// Calls `body` for every timer of the key groups, key group by key group, and within each in
    /// the order in which they would fire: inserted in that order, they fire in it again.
    public func forEach(keyGroups: Range<Int>, _ body: (Timer) throws -> Void) rethrows {
        var found: [(keyGroup: Int, item: Item)] = []
        for item in heap where !isDeleted(item.ref) {
            let keyGroup = timer(item.ref).keyGroup
            if keyGroups.contains(keyGroup) { found.append((keyGroup, item)) }
        }
        found.sort { $0.keyGroup != $1.keyGroup ? $0.keyGroup < $1.keyGroup : $0.item < $1.item }
        for (_, item) in found { try body(timer(item.ref)) }
    }

    // MARK: The heap: four children for each item

    private func siftUp(_ place: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var place = place
            let item = heap[place]
            while place > 0 {
                let parent = (place - 1) / 4
                guard item < heap[parent] else { break }
                heap[place] = heap[parent]
                place = parent
            }
            heap[place] = item
        }
    }

    private func siftDown(_ place: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var place = place
            let item = heap[place]
            while true {
                let child = place * 4 + 1
                guard child < heap.count else { break }
                var least = child
                for other in child + 1..<max(min(child + 4, heap.count), child + 1)
                where heap[other] < heap[least] { least = other }
                guard heap[least] < item else { break }
                heap[place] = heap[least]
                place = least
            }
            heap[place] = item
        }
    }

    private func removeRoot() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        siftDown(0)
    }

    private func dropDeletedRoots() {
        while let root = heap.first, isDeleted(root.ref) {
            removeRoot()
            arena.free(root.ref)
            deleted -= 1
        }
    }

    /// Moves all timers into new memory, without those that are deleted.
    private func rebuild() {
        let old = arena
        let new = BlockArena()
        var kept: [Item] = []
        kept.reserveCapacity(heap.count - deleted)
        index.removeAll()
        for var item in heap where !isDeleted(item.ref) {
            let size = old.byteCount(item.ref)
            guard let ref = new.allocate(bytes: size) else {
                preconditionFailure("a part of the memory held does not fit the memory")
            }
            (new[ref] + 4).copyMemory(from: old[item.ref] + 4, byteCount: size - 4)
            old.free(item.ref)
            item.ref = ref
            kept.append(item)
        }
        arena = new
        heap = kept
        deleted = 0
        for item in heap { index.insert(hash(timer(item.ref)), item.ref) }
        for place in stride(from: (heap.count - 2) / 4, through: 0, by: -1) where !heap.isEmpty {
            siftDown(place)
        }
    }

    /// Makes room in the sequence: what is there gets the first numbers, in the same order.
    private func renumber() {
        heap.sort { $0 < $1 }
        for place in heap.indices { heap[place].sequence = UInt32(place) }
        nextSequence = UInt32(heap.count)
    }
}
