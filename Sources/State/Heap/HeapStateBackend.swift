import Columnar

/// Keyed state in memory, as bytes in hash tables: no object for a key or a value.
public final class HeapStateBackend: KeyedStateBackend {
    private enum Storage {
        /// Values and lists.
        case table(HeapTable)
        case maps(HeapMaps)
    }

    private struct State {
        var description: StateDescription
        let storage: Storage
        /// Of the value, to tell the elements of a list apart.
        let codec: RowCodec
    }

    private var known: [State] = []
    private var handles: [String: StateHandle] = [:]
    /// The latest time that a call has brought: what compaction goes by.
    private var now = Int64.min

    public init() {}

    public var states: [StateDescription] { known.map(\.description) }

    public func declare(_ description: StateDescription) throws -> StateHandle {
        try description.validate()
        if let handle = handles[description.name] {
            try known[handle.index].description.check(redeclaredAs: description)
            known[handle.index].description = description
            return handle
        }
        let storage: Storage = description.kind == .map ? .maps(HeapMaps()) : .table(HeapTable())
        known.append(
            State(
                description: description, storage: storage, codec: RowCodec(description.value)))
        let handle = StateHandle(index: known.count - 1)
        handles[description.name] = handle
        return handle
    }

    public func size(of state: StateHandle) -> StateSize {
        switch known[state.index].storage {
        case .table(let table): StateSize(entries: table.count, bytes: table.heldBytes)
        case .maps(let maps): StateSize(entries: maps.count, bytes: maps.heldBytes)
        }
    }

    /// For what tests ask of them.
    func maps(_ state: StateHandle) -> HeapMaps? {
        if case .maps(let maps) = known[state.index].storage { maps } else { nil }
    }

    // MARK: Reading

    public func get(
        _ state: StateHandle, _ keys: StateKeys, now: Int64,
        _ body: (_ row: Int, _ value: UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        let state = known[state.index]
        try keys.validate(for: state.description, needsMapKeys: true)
        self.now = max(self.now, now)
        switch (state.storage, state.description.timeToLive) {
        case (.table(let table), nil):
            try keys.forEach { row, address in
                try body(
                    row, table.find(address).map { UnsafeRawBufferPointer(table.value($0)) })
            }
        case (.table(let table), let timeToLive?) where state.description.kind == .list:
            var live: [UInt8] = []
            try keys.forEach { row, address in
                guard let ref = table.find(address) else { return try body(row, nil) }
                let list = UnsafeRawBufferPointer(table.value(ref))
                let isWhole = try state.codec.liveElements(
                    of: list, timeToLive, now: now, into: &live)
                let showsExpired = timeToLive.visibility == .returnExpiredIfNotCleanedUp
                if isWhole || showsExpired {
                    try body(row, list)
                } else {
                    try live.withUnsafeBytes { try body(row, live.isEmpty ? nil : $0) }
                }
                if isWhole { return }
                if live.isEmpty {
                    table.remove(address)
                } else {
                    _ = try live.withUnsafeBytes { try table.put(address, $0) }
                }
            }
        case (.table(let table), let timeToLive?):
            try keys.forEach { row, address in
                guard let ref = table.find(address) else { return try body(row, nil) }
                let value = UnsafeRawBufferPointer(table.value(ref))
                let isExpired = timeToLive.isExpired(value, now: now)
                try body(row, isExpired && timeToLive.hidesExpired ? nil : value)
                if isExpired { table.remove(address) }
            }
        case (.maps(let maps), let timeToLive):
            let mapKeys = keys.mapKeys ?? EncodedRows()
            try keys.forEach { row, address in
                guard let ref = maps.find(address, mapKeys[row]) else {
                    return try body(row, nil)
                }
                let value = maps.value(ref)
                let isExpired = timeToLive?.isExpired(value, now: now) ?? false
                try body(row, isExpired && timeToLive?.hidesExpired ?? true ? nil : value)
                if isExpired { maps.remove(address, mapKeys[row]) }
            }
        }
    }

    public func scan(
        _ state: StateHandle, _ keys: StateKeys, row: Int, after: UnsafeRawBufferPointer?,
        limit: Int, now: Int64,
        _ body: (_ mapKey: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let state = known[state.index]
        try keys.validate(for: state.description, needsMapKeys: false)
        guard case .maps(let maps) = state.storage else {
            throw StateError("state '\(state.description.name)' is no map")
        }
        self.now = max(self.now, now)
        let address = keys.address(row)
        let expired = EncodedRows()
        var count = 0
        let isLast = try maps.scan(address, after: after) { ref in
            let value = maps.value(ref)
            if let timeToLive = state.description.timeToLive,
                timeToLive.isExpired(value, now: now)
            {
                expired.append(maps.mapKey(ref))
                if timeToLive.hidesExpired { return true }
            }
            if count == limit { return false }
            count += 1
            try body(maps.mapKey(ref), value)
            return true
        }
        for index in 0..<expired.count { maps.remove(address, expired[index]) }
        return isLast
    }

    // MARK: Writing

    public func write(
        _ state: StateHandle, _ keys: StateKeys, _ operations: StateOperations,
        values: EncodedRows?
    ) throws {
        let state = known[state.index]
        try operations.validate(for: state.description, rows: keys.count, values: values)
        let writesEntries = !operations.isAll(.clear)
        try keys.validate(for: state.description, needsMapKeys: writesEntries)
        let values = values ?? EncodedRows()
        switch state.storage {
        case .table(let table):
            let isList = state.description.kind == .list
            try keys.forEach { row, address in
                if table.wantsCompaction { compact(table, state.description) }
                switch operations[row] {
                case .set where isList && values[row].isEmpty: table.remove(address)
                case .set: try table.put(address, values[row])
                case .append where values[row].isEmpty: break
                case .append: try table.append(address, values[row])
                case .remove, .clear: table.remove(address)
                }
            }
        case .maps(let maps):
            let mapKeys = keys.mapKeys ?? EncodedRows()
            try keys.forEach { row, address in
                if maps.wantsCompaction { compact(maps, state.description) }
                switch operations[row] {
                case .set, .append: try maps.put(address, mapKeys[row], values[row])
                case .remove: maps.remove(address, mapKeys[row])
                case .clear: maps.clear(address)
                }
            }
        }
    }

    private func compact(_ table: HeapTable, _ description: StateDescription) {
        if let timeToLive = description.timeToLive, description.kind == .value {
            table.compact(isGarbage: { timeToLive.isExpired($0, now: now) })
        } else {
            table.compact()
        }
    }

    private func compact(_ maps: HeapMaps, _ description: StateDescription) {
        if let timeToLive = description.timeToLive {
            maps.compact { timeToLive.isExpired($0, now: now) }
        } else {
            maps.compact()
        }
    }

    // MARK: Snapshots

    public func forEach(
        keyGroups: Range<Int>, now: Int64, _ body: (StateEntry) throws -> Void
    ) throws {
        let snapshots = known.map { state in
            switch state.storage {
            case .table(let table):
                KeyGroupOrder(keyGroups) { add in
                    table.forEach { add(table.address($0).keyGroup, $0) }
                }
            case .maps(let maps):
                KeyGroupOrder(keyGroups) { add in
                    maps.forEachMap { add(maps.address($0).keyGroup, $0) }
                }
            }
        }
        for keyGroup in keyGroups {
            for (index, state) in known.enumerated() {
                for ref in snapshots[index].refs(in: keyGroup) {
                    try emit(ref, state, StateHandle(index: index), now: now, body)
                }
            }
        }
    }

    private func emit(
        _ ref: BlockRef, _ state: State, _ handle: StateHandle, now: Int64,
        _ body: (StateEntry) throws -> Void
    ) throws {
        let timeToLive = state.description.timeToLive
        switch state.storage {
        case .table(let table):
            let address = table.address(ref)
            let value = UnsafeRawBufferPointer(table.value(ref))
            var entry = StateEntry(
                state: handle, keyGroup: Int(address.keyGroup), key: address.key,
                namespace: address.namespace, mapKey: nil, value: value)
            guard let timeToLive else { return try body(entry) }
            if state.description.kind == .list {
                var live: [UInt8] = []
                _ = try state.codec.liveElements(of: value, timeToLive, now: now, into: &live)
                try live.withUnsafeBytes {
                    entry.value = $0
                    if !$0.isEmpty { try body(entry) }
                }
            } else if !timeToLive.isExpired(value, now: now) {
                try body(entry)
            }
        case .maps(let maps):
            let address = maps.address(ref)
            try maps.forEachEntry(ref) { entry in
                let value = maps.value(entry)
                if timeToLive?.isExpired(value, now: now) ?? false { return }
                try body(
                    StateEntry(
                        state: handle, keyGroup: Int(address.keyGroup), key: address.key,
                        namespace: address.namespace, mapKey: maps.mapKey(entry), value: value))
            }
        }
    }
}

/// Blocks in the order of their key groups, and within each in that of the arena: a counting sort.
private struct KeyGroupOrder {
    private let first: Int
    /// Where each key group's blocks start in `refs`, and at last where they end.
    private var starts: [Int]
    private var refs: [BlockRef]

    init(_ keyGroups: Range<Int>, _ forEach: ((UInt16, BlockRef) -> Void) -> Void) {
        first = keyGroups.lowerBound
        var starts = [Int](repeating: 0, count: keyGroups.count + 1)
        var found: [(keyGroup: UInt16, ref: BlockRef)] = []
        forEach { keyGroup, ref in
            guard keyGroups.contains(Int(keyGroup)) else { return }
            found.append((keyGroup, ref))
            starts[Int(keyGroup) - keyGroups.lowerBound + 1] += 1
        }
        for index in 0..<keyGroups.count { starts[index + 1] += starts[index] }
        var places = starts
        var refs = [BlockRef](repeating: 0, count: found.count)
        for (keyGroup, ref) in found {
            let index = Int(keyGroup) - keyGroups.lowerBound
            refs[places[index]] = ref
            places[index] += 1
        }
        self.starts = starts
        self.refs = refs
    }

    func refs(in keyGroup: Int) -> ArraySlice<BlockRef> {
        refs[starts[keyGroup - first]..<starts[keyGroup - first + 1]]
    }
}
