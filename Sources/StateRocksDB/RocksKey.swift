import State

/// Keys of the store, written one behind the other.
///
/// A key is: key group `u16` and state `u16`, big-endian; the length of the key and the key; the
/// length of the namespace and the namespace; the map key. Lengths are LEB128. So the entries of a
/// map lie together in the order of their map keys, and those of a key group lie together.
struct RocksKeys {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    var count: Int { ends.count }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    mutating func append(
        _ state: StateHandle, _ keys: StateKeys, row: Int, mapKey: UnsafeRawBufferPointer?
    ) {
        appendBigEndian(UInt16(truncatingIfNeeded: keys.keyGroups[row]))
        appendBigEndian(UInt16(truncatingIfNeeded: state.index))
        append(counted: keys.keys[row])
        if let namespaces = keys.namespaces {
            append(counted: namespaces[row])
        } else {
            bytes.append(0)
        }
        if let mapKey { bytes.append(contentsOf: mapKey) }
        ends.append(bytes.count)
    }

    private mutating func appendBigEndian(_ value: UInt16) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    private mutating func append(counted part: UnsafeRawBufferPointer) {
        var length = part.count
        while length >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
        bytes.append(contentsOf: part)
    }

    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    @inline(__always)
    func withBytes<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { try body(.init(rebasing: $0[range(index)])) }
    }

    /// The smallest key behind all that start with `prefix`, which is not all 0xFF.
    static func end(of prefix: some Sequence<UInt8>) -> [UInt8] {
        var end = Array(prefix)
        while let last = end.popLast() {
            if last < 0xFF { return end + [last + 1] }
        }
        return end
    }

    /// The parts of a key.
    static func entry(
        _ key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, states: [StateDescription]
    ) throws(StateError) -> StateEntry {
        var place = 4
        func part() throws(StateError) -> UnsafeRawBufferPointer {
            var length = 0
            var shift = 0
            while place < key.count, shift < 42 {
                let byte = key[place]
                place += 1
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 {
                    guard length <= key.count - place else { break }
                    defer { place += length }
                    return .init(rebasing: key[place..<place + length])
                }
            }
            throw StateError("RocksDB holds a key that is none of a state")
        }
        guard key.count > 4 else { throw StateError("RocksDB holds a key that is none of a state") }
        let state = Int(key[2]) << 8 | Int(key[3])
        guard state < states.count else {
            throw StateError("RocksDB holds a key of a state that is not known")
        }
        let ownKey = try part()
        let namespace = try part()
        return StateEntry(
            state: StateHandle(index: state), keyGroup: Int(key[0]) << 8 | Int(key[1]),
            key: ownKey, namespace: namespace,
            mapKey: states[state].kind == .map ? .init(rebasing: key[place...]) : nil,
            value: value)
    }
}
