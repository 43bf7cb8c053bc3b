import Columnar

/// Entries of one map in the order of their keys: sorted runs of up to 512 references, so that
/// finding, adding and removing one costs O(log n) and a small move.
///
/// Each reference stands beside the first 8 bytes of its key, which decide most comparisons.
/// Invariants: no run is empty; keys ascend within runs and from run to run.
struct OrderedRefs {
    struct Item {
        let prefix: UInt64
        var ref: BlockRef
    }

    private var runs: [[Item]] = []
    private static let runLength = 512

    /// - Parameters:
    ///   - items: in any order.
    ///   - key: the key of an entry.
    init(_ items: [Item], key: (BlockRef) -> UnsafeRawBufferPointer) {
        let sorted = Self.sorted(items, key: key)
        var start = 0
        while start < sorted.count {
            let end = min(start + Self.runLength / 2, sorted.count)
            var run = [Item]()
            run.reserveCapacity(Self.runLength)
            run.append(contentsOf: sorted[start..<end])
            runs.append(run)
            start = end
        }
    }

    var heldBytes: Int { runs.count * Self.runLength * MemoryLayout<Item>.stride }

    static func item(_ ref: BlockRef, key: UnsafeRawBufferPointer) -> Item {
        Item(prefix: prefix(key), ref: ref)
    }

    static func sorted(
        _ items: [Item], key: (BlockRef) -> UnsafeRawBufferPointer
    ) -> [Item] {
        items.sorted { a, b in
            a.prefix != b.prefix ? a.prefix < b.prefix : compare(key(a.ref), key(b.ref)) < 0
        }
    }

    /// The first 8 bytes as a big-endian number, zeros behind a shorter key.
    @inline(__always)
    static func prefix(_ key: UnsafeRawBufferPointer) -> UInt64 {
        if key.count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for byte in key { prefix = prefix << 8 | UInt64(byte) }
        return key.isEmpty ? 0 : prefix << UInt64(8 * (8 - key.count))
    }

    /// The number of items whose key is smaller than `key`, or equal to it if `orEqual`.
    static func position(
        in items: some RandomAccessCollection<Item>, of key: UnsafeRawBufferPointer,
        orEqual: Bool, key keyOf: (BlockRef) -> UnsafeRawBufferPointer
    ) -> Int {
        let prefix = prefix(key)
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            let item = items[items.index(items.startIndex, offsetBy: middle)]
            let isBefore: Bool
            if item.prefix != prefix {
                isBefore = item.prefix < prefix
            } else {
                let order = compare(keyOf(item.ref), key)
                isBefore = order < 0 || orEqual && order == 0
            }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The run that `key` belongs to, and its place there.
    private func place(
        of key: UnsafeRawBufferPointer, orEqual: Bool,
        keyOf: (BlockRef) -> UnsafeRawBufferPointer
    ) -> (run: Int, place: Int) {
        let run = Self.position(
            in: LastItems(runs: runs), of: key, orEqual: orEqual, key: keyOf)
        guard run < runs.count else { return (run, 0) }
        return (run, Self.position(in: runs[run], of: key, orEqual: orEqual, key: keyOf))
    }

    /// The last item of each run.
    private struct LastItems: RandomAccessCollection {
        let runs: [[Item]]
        var startIndex: Int { 0 }
        var endIndex: Int { runs.count }
        subscript(run: Int) -> Item { runs[run][runs[run].count - 1] }
    }

    mutating func insert(
        _ ref: BlockRef, key: UnsafeRawBufferPointer,
        keyOf: (BlockRef) -> UnsafeRawBufferPointer
    ) {
        let item = Self.item(ref, key: key)
        guard !runs.isEmpty else {
            runs = [[item]]
            return
        }
        var (run, place) = place(of: key, orEqual: false, keyOf: keyOf)
        if run == runs.count {
            run -= 1
            place = runs[run].count
        }
        runs[run].insert(item, at: place)
        if runs[run].count >= Self.runLength {
            let half = Self.runLength / 2
            var upper = [Item]()
            upper.reserveCapacity(Self.runLength)
            upper.append(contentsOf: runs[run][half...])
            runs[run].removeLast(runs[run].count - half)
            runs.insert(upper, at: run + 1)
        }
    }

    /// Removes the item of an entry, or says where the entry is now.
    mutating func replace(
        _ ref: BlockRef, with new: BlockRef?, key: UnsafeRawBufferPointer,
        keyOf: (BlockRef) -> UnsafeRawBufferPointer
    ) {
        let (run, place) = place(of: key, orEqual: false, keyOf: keyOf)
        guard run < runs.count, runs[run][place].ref == ref else {
            return assertionFailure("an entry that the ordered index does not know")
        }
        if let new {
            runs[run][place].ref = new
        } else if runs[run].count == 1 {
            runs.remove(at: run)
        } else {
            runs[run].remove(at: place)
        }
    }

    /// Calls `body` for the entries behind `after`, until it returns false.
    /// - Returns: whether it was called for all.
    func forEach(
        after: UnsafeRawBufferPointer?, keyOf: (BlockRef) -> UnsafeRawBufferPointer,
        _ body: (BlockRef) throws -> Bool
    ) rethrows -> Bool {
        var (run, place) = (0, 0)
        if let after { (run, place) = self.place(of: after, orEqual: true, keyOf: keyOf) }
        while run < runs.count {
            while place < runs[run].count {
                guard try body(runs[run][place].ref) else { return false }
                place += 1
            }
            run += 1
            place = 0
        }
        return true
    }
}
