/// A dictionary that remembers the order of insertion. All operations are O(1), amortised.
///
/// Keys come with a frozen copy, made before the owner's lock is taken.
struct OrderedTable: Sendable {
    private struct Slot: Sendable {
        var key: GatewayValue
        var frozen: FrozenValue
        var value: GatewayValue
    }

    private var positions: [FrozenValue: Int] = [:]
    /// Removed entries leave holes until half of the slots are holes.
    private var slots: [Slot?] = []
    /// Counts insertions and removals, so that iterators notice them.
    private(set) var version = 0

    var count: Int { positions.count }

    var keys: [GatewayValue] { slots.compactMap { $0?.key } }
    var values: [GatewayValue] { slots.compactMap { $0?.value } }
    var entries: [(key: GatewayValue, value: GatewayValue)] {
        slots.compactMap { slot in slot.map { ($0.key, $0.value) } }
    }

    func contains(_ key: FrozenValue) -> Bool { positions[key] != nil }

    subscript(key: FrozenValue) -> GatewayValue? {
        positions[key].flatMap { slots[$0]?.value }
    }

    /// - Returns: The value that was there before.
    mutating func put(
        _ key: GatewayValue, _ frozen: FrozenValue, _ value: GatewayValue
    ) -> GatewayValue? {
        if let position = positions[frozen] {
            let old = slots[position]?.value
            slots[position]?.value = value
            return old
        }
        positions[frozen] = slots.count
        slots.append(Slot(key: key, frozen: frozen, value: value))
        version += 1
        return nil
    }

    mutating func remove(_ key: FrozenValue) -> GatewayValue? {
        guard let position = positions.removeValue(forKey: key) else { return nil }
        let old = slots[position]?.value
        slots[position] = nil
        version += 1
        if slots.count > 16, positions.count * 2 < slots.count { compact() }
        return old
    }

    mutating func removeAll() {
        positions = [:]
        slots = []
        version += 1
    }

    private mutating func compact() {
        slots = slots.filter { $0 != nil }
        for (index, slot) in slots.enumerated() {
            if let key = slot?.frozen { positions[key] = index }
        }
    }
}
