import State

/// What a backend must do, as plainly as it can be said: a dictionary.
struct StateModel {
    struct Address: Hashable {
        var keyGroup: Int
        var key: [UInt8]
        var namespace: [UInt8]
    }

    /// One entry of a snapshot, comparable.
    struct Entry: Hashable {
        var state: Int
        var address: Address
        var mapKey: [UInt8]?
        var value: [UInt8]
    }

    var values: [[Address: [UInt8]]] = []
    var maps: [[Address: [[UInt8]: [UInt8]]]] = []

    mutating func declare() {
        values.append([:])
        maps.append([:])
    }

    mutating func write(
        _ state: Int, _ kind: StateDescription.Kind, _ address: Address, mapKey: [UInt8],
        _ operation: StateOperation, _ value: [UInt8]
    ) {
        if kind == .map {
            switch operation {
            case .set, .append: maps[state][address, default: [:]][mapKey] = value
            case .remove:
                maps[state][address]?[mapKey] = nil
                if maps[state][address]?.isEmpty == true { maps[state][address] = nil }
            case .clear: maps[state][address] = nil
            }
            return
        }
        switch operation {
        case .set where kind == .list && value.isEmpty: values[state][address] = nil
        case .set: values[state][address] = value
        case .append where value.isEmpty: break
        case .append: values[state][address, default: []] += value
        case .remove, .clear: values[state][address] = nil
        }
    }

    func entries(_ keyGroups: Range<Int>) -> Set<Entry> {
        var entries: Set<Entry> = []
        for state in values.indices {
            for (address, value) in values[state] where keyGroups.contains(address.keyGroup) {
                entries.insert(Entry(state: state, address: address, mapKey: nil, value: value))
            }
            for (address, map) in maps[state] where keyGroups.contains(address.keyGroup) {
                for (mapKey, value) in map {
                    entries.insert(
                        Entry(state: state, address: address, mapKey: mapKey, value: value))
                }
            }
        }
        return entries
    }
}
