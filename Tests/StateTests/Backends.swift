import Columnar
import State
import Testing

/// A backend that the suites run with.
struct TestedBackend: Sendable, CustomTestStringConvertible {
    let name: String
    /// How many random operations a case takes: fewer where each goes to a disk.
    let rounds: Int
    let make: @Sendable () throws -> any KeyedStateBackend

    var testDescription: String { name }

    static let heap = TestedBackend(name: "heap", rounds: 400) { HeapStateBackend() }
    static let all = [heap]
}

/// A seeded generator, so that a failing case can be run again.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ lengths: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: lengths, using: &self)).map { _ in
            UInt8(truncatingIfNeeded: next())
        }
    }
}

extension StateKeys {
    /// The keys of rows, one by one.
    init(
        _ addresses: [StateModel.Address], mapKeys: [[UInt8]]? = nil, namespaces: Bool = false
    ) {
        self.init(keyGroups: addresses.map { Int32($0.keyGroup) })
        for address in addresses { keys.append(address.key) }
        if namespaces {
            let rows = EncodedRows()
            for address in addresses { rows.append(address.namespace) }
            self.namespaces = rows
        }
        self.mapKeys = mapKeys.map { EncodedRows($0) }
    }
}

extension EncodedRows {
    convenience init(_ rows: [[UInt8]]) {
        self.init()
        for row in rows { append(row) }
    }
}

extension KeyedStateBackend {
    func values(_ state: StateHandle, _ keys: StateKeys, now: Int64 = 0) throws -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        try get(state, keys, now: now) { row, value in
            #expect(row == values.count)
            values.append(value.map { Array($0) })
        }
        return values
    }

    /// All entries of a map, in chunks.
    func scanned(
        _ state: StateHandle, _ address: StateModel.Address, namespaces: Bool = false,
        limit: Int, now: Int64 = 0
    ) throws -> [(mapKey: [UInt8], value: [UInt8])] {
        let keys = StateKeys([address], namespaces: namespaces)
        var entries: [(mapKey: [UInt8], value: [UInt8])] = []
        while true {
            let after = entries.last?.mapKey
            let count = entries.count
            func chunk(_ after: UnsafeRawBufferPointer?) throws -> Bool {
                try scan(state, keys, row: 0, after: after, limit: limit, now: now) {
                    entries.append((Array($0), Array($1)))
                }
            }
            let isLast =
                if let after { try after.withUnsafeBytes { try chunk($0) } } else {
                    try chunk(nil)
                }
            #expect(entries.count - count <= limit)
            if isLast { return entries }
            #expect(entries.count - count == limit)
        }
    }

    func entries(_ keyGroups: Range<Int>, now: Int64 = 0) throws -> [StateModel.Entry] {
        var entries: [StateModel.Entry] = []
        try forEach(keyGroups: keyGroups, now: now) { entry in
            entries.append(
                StateModel.Entry(
                    state: entry.state.index,
                    address: .init(
                        keyGroup: entry.keyGroup, key: Array(entry.key),
                        namespace: Array(entry.namespace)),
                    mapKey: entry.mapKey.map { Array($0) }, value: Array(entry.value)))
        }
        return entries
    }
}
