#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Values by key group, key and namespace, in blocks of an arena.
///
/// A block is: size `u32` (the arena's), lengths of key, namespace and value `u32` each, key group
/// `u16`, two bytes of nothing; key, namespace, value, and room for the value to grow.
/// Invariant: `index` has each live block once, under the hash of its address.
final class HeapTable {
    private let arena = BlockArena()
    private var index = SlotIndex()
    private let seed = UInt64.random(in: .min ... .max)

    private static let headerSize = 20
    /// Lengths of keys and values stay below this, so that sums of them fit a block's size.
    static let maxLength = Int(Int32.max)

    deinit { index.deallocate() }

    var count: Int { index.count }
    var heldBytes: Int { arena.heldBytes + index.heldBytes }

    // MARK: Blocks

    @inline(__always)
    private func length(_ block: UnsafeMutableRawPointer, _ offset: Int) -> Int {
        Int(block.load(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    private func store(_ length: Int, _ block: UnsafeMutableRawPointer, _ offset: Int) {
        block.storeBytes(
            of: UInt32(truncatingIfNeeded: length), toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    func address(_ ref: BlockRef) -> StateAddress {
        let block = arena[ref]
        let keyLength = length(block, 4)
        return StateAddress(
            keyGroup: block.load(fromByteOffset: 16, as: UInt16.self),
            key: .init(start: block + Self.headerSize, count: keyLength),
            namespace: .init(
                start: block + Self.headerSize + keyLength, count: length(block, 8)))
    }

    /// The value of a block; valid until the table is written to.
    @inline(__always)
    func value(_ ref: BlockRef) -> UnsafeMutableRawBufferPointer {
        let block = arena[ref]
        let start = Self.headerSize &+ length(block, 4) &+ length(block, 8)
        return .init(start: block + start, count: length(block, 12))
    }

    // MARK: Access

    @inline(__always)
    private func slot(_ address: StateAddress, _ hash: UInt32) -> Int? {
        let arena = arena
        return index.find(hash) { ref in
            let block = arena[ref]
            guard block.load(fromByteOffset: 16, as: UInt16.self) == address.keyGroup,
                Int(block.load(fromByteOffset: 4, as: UInt32.self)) == address.key.count,
                Int(block.load(fromByteOffset: 8, as: UInt32.self)) == address.namespace.count
            else { return false }
            let key = block + Self.headerSize
            return isEqual(key, address.key) && isEqual(key + address.key.count, address.namespace)
        }
    }

    @inline(__always)
    func find(_ address: StateAddress) -> BlockRef? {
        slot(address, address.hash(seed: seed)).map { index[$0] }
    }

    /// Sets a value: where it is if it fits there.
    /// - Returns: the block, and whether it is new.
    @discardableResult
    func put(
        _ address: StateAddress, _ value: UnsafeRawBufferPointer
    ) throws(StateError) -> (ref: BlockRef, isNew: Bool) {
        let hash = address.hash(seed: seed)
        let start = Self.headerSize &+ address.key.count &+ address.namespace.count
        let slot = slot(address, hash)
        if let slot {
            let ref = index[slot]
            let block = arena[ref]
            if start &+ value.count <= arena.byteCount(ref) {
                copy(value, to: block + start)
                store(value.count, block, 12)
                return (ref, false)
            }
        }
        let ref = try allocate(address, valueLength: value.count, room: value.count)
        copy(value, to: arena[ref] + start)
        if let slot {
            arena.free(index[slot])
            index.replace(slot, ref)
        } else {
            index.insert(hash, ref)
        }
        return (ref, slot == nil)
    }

    /// Adds bytes to the end of a value. A value that grows leaves room for half as much again,
    /// so that adding costs what is added.
    func append(_ address: StateAddress, _ bytes: UnsafeRawBufferPointer) throws(StateError) {
        let hash = address.hash(seed: seed)
        guard let slot = slot(address, hash) else {
            try put(address, bytes)
            return
        }
        let ref = index[slot]
        let old = value(ref)
        let start = Self.headerSize + address.key.count + address.namespace.count
        let length = old.count + bytes.count
        if start + length <= arena.byteCount(ref) {
            copy(bytes, to: arena[ref] + start + old.count)
            store(length, arena[ref], 12)
            return
        }
        let new = try allocate(address, valueLength: length, room: length + length / 2)
        let target = arena[new] + start
        copy(UnsafeRawBufferPointer(old), to: target)
        copy(bytes, to: target + old.count)
        arena.free(ref)
        index.replace(slot, new)
    }

    @discardableResult
    func remove(_ address: StateAddress) -> Bool {
        guard let slot = slot(address, address.hash(seed: seed)) else { return false }
        let ref = index[slot]
        index.remove(slot)
        arena.free(ref)
        return true
    }

    private func allocate(
        _ address: StateAddress, valueLength: Int, room: Int
    ) throws(StateError) -> BlockRef {
        let keyLength = address.key.count
        let namespaceLength = address.namespace.count
        guard max(keyLength, namespaceLength, valueLength) <= Self.maxLength else {
            throw StateError("a key or a value takes more than 2 GiB")
        }
        let size = Self.headerSize + keyLength + namespaceLength + max(valueLength, room)
        guard let ref = arena.allocate(bytes: size) else { throw HeapTable.isFull }
        let block = arena[ref]
        store(keyLength, block, 4)
        store(namespaceLength, block, 8)
        store(valueLength, block, 12)
        block.storeBytes(of: address.keyGroup, toByteOffset: 16, as: UInt16.self)
        copy(address.key, to: block + Self.headerSize)
        copy(address.namespace, to: block + Self.headerSize + keyLength)
        return ref
    }

    static let isFull = StateError(
        "the state does not fit the memory of the heap backend: use the RocksDB backend")

    // MARK: All

    func forEach(_ body: (BlockRef) throws -> Void) rethrows { try arena.forEachLive(body) }

    // MARK: Compaction

    @inline(__always) var wantsCompaction: Bool { arena.wantsCompaction }

    /// Empties the segment with the most garbage. References to blocks are invalid afterwards.
    ///
    /// - Parameters:
    ///   - isGarbage: whether a value is to be dropped instead of moved.
    ///   - didMove: told where a block is now.
    func compact(
        isGarbage: (UnsafeRawBufferPointer) -> Bool = { _ in false },
        didMove: (BlockRef) -> Void = { _ in }
    ) {
        guard let segment = arena.evacuee() else { return }
        arena.forEachLive(in: segment) { ref in
            guard
                let slot = index.find(address(ref).hash(seed: seed), { $0 == ref })
            else { return assertionFailure("a block that the index does not know") }
            if isGarbage(UnsafeRawBufferPointer(value(ref))) {
                index.remove(slot)
                arena.free(ref)
                return
            }
            // As large as before: room to grow goes along. A full arena stays as it is.
            let size = arena.byteCount(ref)
            guard let new = arena.allocate(bytes: size) else { return }
            memcpy(arena[new] + 4, arena[ref] + 4, size - 4)
            index.replace(slot, new)
            arena.free(ref)
            didMove(new)
        }
    }
}
