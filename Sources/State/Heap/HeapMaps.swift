#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Columnar

/// The maps of one state: each has a number, and entries are found by it and the map key, so that
/// an access costs the same whatever a map holds.
///
/// `headers` has the number of each map under its address. An entry's block is: size `u32` (the
/// arena's), map number, previous and next entry of the map, lengths of map key and value, `u32`
/// each; map key, value. Invariants: `entries` has each live block once, under the hash of map
/// number and key; a map's blocks form a list from `first` on, `count` long; a map that has a
/// header has entries. References stay as they are except in `compact` and where a value grows.
final class HeapMaps {
    private struct Info {
        /// The block in `headers`; 0: no map has this number.
        var header: BlockRef = 0
        /// The entry added last; the next free number if no map has this one.
        var first: BlockRef = 0
        var count: UInt32 = 0
        /// 1 + the place in `orders`; 0: there is none.
        var order: UInt32 = 0
    }

    /// The ordered index of a map that was scanned.
    private struct Order {
        var refs: OrderedRefs
        /// Entries that came and went since the last scan.
        var changes = 0
    }

    private let headers = HeapTable()
    private let arena = BlockArena()
    private var entries = SlotIndex()
    private var infos: UnsafeMutablePointer<Info>
    /// Numbers below this have been used; 0 is none.
    private var used: UInt32 = 1
    private var room: UInt32 = 16
    private var freeNumber: UInt32 = 0
    private var orders: [Order?] = []
    private let seed = UInt64.random(in: .min ... .max)

    private static let headerSize = 24
    /// Maps of up to this many entries are sorted for each scan, and larger ones once.
    private static let sortedEachTime = 1024

    init() {
        infos = .allocate(capacity: Int(room))
        infos.initialize(repeating: Info(), count: Int(room))
    }

    deinit {
        entries.deallocate()
        infos.deallocate()
    }

    /// Entries of all maps.
    var count: Int { entries.count }
    var heldBytes: Int {
        headers.heldBytes + arena.heldBytes + entries.heldBytes + Int(room) * 16
            + orders.reduce(0) { $0 + ($1?.refs.heldBytes ?? 0) }
    }
    var meanDisplacement: Double { entries.meanDisplacement }
    /// Entries that were sorted so far.
    private(set) var sortedCount = 0
    /// Ordered indexes that exist.
    var orderCount: Int { orders.count { $0 != nil } }

    // MARK: Blocks

    @inline(__always)
    private func word(_ ref: BlockRef, _ offset: Int) -> UInt32 {
        arena[ref].load(fromByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    private func set(_ ref: BlockRef, _ offset: Int, _ value: UInt32) {
        arena[ref].storeBytes(of: value, toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    func mapKey(_ ref: BlockRef) -> UnsafeRawBufferPointer {
        let block = arena[ref]
        return .init(
            start: block + Self.headerSize,
            count: Int(block.load(fromByteOffset: 16, as: UInt32.self)))
    }

    @inline(__always)
    func value(_ ref: BlockRef) -> UnsafeRawBufferPointer {
        let block = arena[ref]
        return .init(
            start: block + Self.headerSize + Int(block.load(fromByteOffset: 16, as: UInt32.self)),
            count: Int(block.load(fromByteOffset: 20, as: UInt32.self)))
    }

    @inline(__always)
    private func hash(_ number: UInt32, _ mapKey: UnsafeRawBufferPointer) -> UInt32 {
        let hash = ByteHash.hash(mapKey, seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    @inline(__always)
    private func slot(_ number: UInt32, _ mapKey: UnsafeRawBufferPointer, _ hash: UInt32) -> Int? {
        let arena = arena
        return entries.find(hash) { ref in
            let block = arena[ref]
            return block.load(fromByteOffset: 4, as: UInt32.self) == number
                && Int(block.load(fromByteOffset: 16, as: UInt32.self)) == mapKey.count
                && isEqual(block + Self.headerSize, mapKey)
        }
    }

    // MARK: Maps

    @inline(__always)
    private func number(_ address: StateAddress) -> UInt32? {
        headers.find(address).map { headers.value($0).loadUnaligned(as: UInt32.self) }
    }

    private func numberOrNew(_ address: StateAddress) throws(StateError) -> UInt32 {
        if let number = number(address) { return number }
        let number: UInt32
        if freeNumber != 0 {
            number = freeNumber
        } else {
            guard used < .max else { throw HeapTable.isFull }
            if used == room { growInfos() }
            number = used
        }
        var bytes = number
        let header = try withUnsafeBytes(of: &bytes) { bytes throws(StateError) in
            try headers.put(address, bytes).ref
        }
        if freeNumber != 0 { freeNumber = infos[Int(number)].first } else { used += 1 }
        infos[Int(number)] = Info(header: header)
        return number
    }

    private func growInfos() {
        let newRoom = room > .max / 2 ? .max : room * 2
        let new = UnsafeMutablePointer<Info>.allocate(capacity: Int(newRoom))
        new.moveInitialize(from: infos, count: Int(room))
        (new + Int(room)).initialize(repeating: Info(), count: Int(newRoom - room))
        infos.deallocate()
        infos = new
        room = newRoom
    }

    /// Forgets a map that has no entries any more.
    private func removeMap(_ number: UInt32) {
        let info = infos[Int(number)]
        assert(info.count == 0 && info.first == 0)
        if info.order != 0 { orders[Int(info.order) - 1] = nil }
        // The address lies in the block that goes: `remove` reads it before it frees it.
        headers.remove(headers.address(info.header))
        infos[Int(number)] = Info(first: freeNumber)
        freeNumber = number
    }

    // MARK: Entries

    func find(_ address: StateAddress, _ mapKey: UnsafeRawBufferPointer) -> BlockRef? {
        guard let number = number(address) else { return nil }
        return slot(number, mapKey, hash(number, mapKey)).map { entries[$0] }
    }

    func put(
        _ address: StateAddress, _ mapKey: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer
    ) throws(StateError) {
        guard mapKey.count <= HeapTable.maxLength, value.count <= HeapTable.maxLength else {
            throw StateError("a map key or a value takes more than 2 GiB")
        }
        let number = try numberOrNew(address)
        let hash = hash(number, mapKey)
        let size = Self.headerSize &+ mapKey.count &+ value.count
        if let slot = slot(number, mapKey, hash) {
            let ref = entries[slot]
            if size <= arena.byteCount(ref) {
                copy(value, to: arena[ref] + Self.headerSize + mapKey.count)
                set(ref, 20, UInt32(value.count))
                return
            }
            guard let new = arena.allocate(bytes: size) else { throw HeapTable.isFull }
            memcpy(arena[new] + 4, arena[ref] + 4, Self.headerSize + mapKey.count - 4)
            copy(value, to: arena[new] + Self.headerSize + mapKey.count)
            set(new, 20, UInt32(value.count))
            move(ref, to: new, slot)
            return
        }
        guard let ref = arena.allocate(bytes: size) else {
            if infos[Int(number)].count == 0 { removeMap(number) }
            throw HeapTable.isFull
        }
        let next = infos[Int(number)].first
        set(ref, 4, number)
        set(ref, 8, 0)
        set(ref, 12, next)
        set(ref, 16, UInt32(mapKey.count))
        set(ref, 20, UInt32(value.count))
        copy(mapKey, to: arena[ref] + Self.headerSize)
        copy(value, to: arena[ref] + Self.headerSize + mapKey.count)
        if next != 0 { set(next, 8, ref) }
        infos[Int(number)].first = ref
        infos[Int(number)].count += 1
        entries.insert(hash, ref)
        changeOrder(number) { $0.insert(ref, key: mapKey, keyOf: self.mapKey) }
    }

    /// Puts a copy of an entry in its place, and frees the old one.
    private func move(_ ref: BlockRef, to new: BlockRef, _ slot: Int) {
        let number = word(ref, 4)
        let previous = word(ref, 8)
        let next = word(ref, 12)
        if previous == 0 { infos[Int(number)].first = new } else { set(previous, 12, new) }
        if next != 0 { set(next, 8, new) }
        entries.replace(slot, new)
        let order = infos[Int(number)].order
        if order != 0 {
            orders[Int(order) - 1]?.refs.replace(
                ref, with: new, key: mapKey(new), keyOf: self.mapKey)
        }
        arena.free(ref)
    }

    func remove(_ address: StateAddress, _ mapKey: UnsafeRawBufferPointer) {
        guard let number = number(address),
            let slot = slot(number, mapKey, hash(number, mapKey))
        else { return }
        remove(number, slot)
    }

    /// Removes an entry, and the map with its last one.
    private func remove(_ number: UInt32, _ slot: Int) {
        let ref = entries[slot]
        let previous = word(ref, 8)
        let next = word(ref, 12)
        if previous == 0 { infos[Int(number)].first = next } else { set(previous, 12, next) }
        if next != 0 { set(next, 8, previous) }
        infos[Int(number)].count -= 1
        entries.remove(slot)
        changeOrder(number) {
            $0.replace(ref, with: nil, key: self.mapKey(ref), keyOf: self.mapKey)
        }
        arena.free(ref)
        if infos[Int(number)].count == 0 { removeMap(number) }
    }

    /// Removes a map: costs what it holds.
    func clear(_ address: StateAddress) {
        guard let number = number(address) else { return }
        let order = infos[Int(number)].order
        if order != 0 {
            orders[Int(order) - 1] = nil
            infos[Int(number)].order = 0
        }
        var ref = infos[Int(number)].first
        while ref != 0 {
            let next = word(ref, 12)
            if let slot = entries.find(hash(number, mapKey(ref)), { $0 == ref }) {
                entries.remove(slot)
            } else {
                assertionFailure("an entry that the index does not know")
            }
            arena.free(ref)
            ref = next
        }
        infos[Int(number)].first = 0
        infos[Int(number)].count = 0
        removeMap(number)
    }

    // MARK: Order

    /// Changes a map's ordered index, if it has one that is still of use.
    private func changeOrder(_ number: UInt32, _ change: (inout OrderedRefs) -> Void) {
        let order = infos[Int(number)].order
        guard order != 0 else { return }
        let place = Int(order) - 1
        orders[place]!.changes += 1
        if orders[place]!.changes > 4 * Int(infos[Int(number)].count) + 4096 {
            orders[place] = nil
            infos[Int(number)].order = 0
        } else {
            change(&orders[place]!.refs)
        }
    }

    private func items(_ number: UInt32) -> [OrderedRefs.Item] {
        var items: [OrderedRefs.Item] = []
        items.reserveCapacity(Int(infos[Int(number)].count))
        var ref = infos[Int(number)].first
        while ref != 0 {
            items.append(OrderedRefs.item(ref, key: mapKey(ref)))
            ref = word(ref, 12)
        }
        return items
    }

    /// Calls `body` for the entries of a map behind `after`, in the order of their keys, until it
    /// returns false.
    /// - Returns: whether it was called for all.
    func scan(
        _ address: StateAddress, after: UnsafeRawBufferPointer?,
        _ body: (BlockRef) throws -> Bool
    ) rethrows -> Bool {
        guard let number = number(address) else { return true }
        if infos[Int(number)].order == 0 {
            let items = items(number)
            sortedCount += items.count
            if items.count <= Self.sortedEachTime {
                let sorted = OrderedRefs.sorted(items, key: mapKey)
                var place = 0
                if let after {
                    place = OrderedRefs.position(
                        in: sorted, of: after, orEqual: true, key: mapKey)
                }
                while place < sorted.count {
                    guard try body(sorted[place].ref) else { return false }
                    place += 1
                }
                return true
            }
            let place = orders.firstIndex { $0 == nil } ?? orders.count
            let order = Order(refs: OrderedRefs(items, key: mapKey))
            if place == orders.count { orders.append(order) } else { orders[place] = order }
            infos[Int(number)].order = UInt32(place + 1)
        }
        let place = Int(infos[Int(number)].order) - 1
        orders[place]!.changes = 0
        return try orders[place]!.refs.forEach(after: after, keyOf: mapKey, body)
    }

    // MARK: All

    /// Calls `body` for each map, with a reference for `address(_:)` and `forEachEntry`.
    func forEachMap(_ body: (BlockRef) throws -> Void) rethrows { try headers.forEach(body) }

    func address(_ header: BlockRef) -> StateAddress { headers.address(header) }

    func forEachEntry(_ header: BlockRef, _ body: (BlockRef) throws -> Void) rethrows {
        var ref = infos[Int(headers.value(header).loadUnaligned(as: UInt32.self))].first
        while ref != 0 {
            try body(ref)
            ref = word(ref, 12)
        }
    }

    // MARK: Compaction

    @inline(__always)
    var wantsCompaction: Bool { arena.wantsCompaction || headers.wantsCompaction }

    func compact(isGarbage: (UnsafeRawBufferPointer) -> Bool = { _ in false }) {
        if headers.wantsCompaction {
            headers.compact(didMove: { header in
                infos[Int(headers.value(header).loadUnaligned(as: UInt32.self))].header = header
            })
        }
        guard arena.wantsCompaction, let segment = arena.evacuee() else { return }
        arena.forEachLive(in: segment) { ref in
            let number = word(ref, 4)
            guard let slot = entries.find(hash(number, mapKey(ref)), { $0 == ref }) else {
                return assertionFailure("an entry that the index does not know")
            }
            if isGarbage(value(ref)) { return remove(number, slot) }
            let size = arena.byteCount(ref)
            guard let new = arena.allocate(bytes: size) else { return }
            memcpy(arena[new] + 4, arena[ref] + 4, size - 4)
            move(ref, to: new, slot)
        }
    }
}
