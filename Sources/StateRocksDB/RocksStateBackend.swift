import CRocksDB
import Columnar
import State

/// Keyed state in RocksDB: on disk, with as much memory as it is given.
///
/// The store is the working state of one run and gone with it; what lasts is a snapshot. Lists are
/// appended to without being read (RocksDB's merge operator). RocksDB is loaded when the first
/// backend is made.
public final class RocksStateBackend: KeyedStateBackend {
    private var registry = StateRegistry()
    private var codecs: [RowCodec] = []
    private let store: RocksStore
    /// Reused by each call.
    private var keyBuffer = RocksKeys()

    /// Rows looked up at once, whose values are in memory at the same time.
    private static let rowsAtOnce = 1024
    /// Changes of this size are written, even within a call.
    private static let pendingLimit = 4 << 20
    /// Maps of up to this many entries are cleared entry by entry: the mark that a larger one
    /// leaves costs every later read of its neighbours.
    private static let clearedOneByOne = 256
    private static let maxStates = 1 << 16

    /// Why RocksDB cannot be used here; nil if it can.
    public static var unavailability: String? {
        martlet_rocks_load().map { String(cString: $0) }
    }

    /// - Parameters:
    ///   - directory: a directory of this backend's own. Its parent exists; a RocksDB store that is
    ///     in it already is removed, and so is the directory in the end.
    ///   - memoryBytes: what caches and write buffers take together.
    public convenience init(directory: String, memoryBytes: Int = 64 << 20) throws {
        try self.init(
            directory: directory, cache: RocksCache(bytes: max(memoryBytes, 1 << 20) / 2),
            writeBufferBytes: memoryBytes / 2)
    }

    /// - Parameters:
    ///   - directory: a directory of this backend's own, as above.
    ///   - cache: where blocks that were read are kept; other backends may share it.
    ///   - writeBufferBytes: what may wait in memory to be written to files; at least 512 KiB.
    public init(directory: String, cache: RocksCache, writeBufferBytes: Int) throws {
        store = try RocksStore(
            directory: directory, cache: cache, writeBufferBytes: max(writeBufferBytes, 512 << 10))
    }

    public var states: [StateDescription] { registry.states }

    public func declare(_ description: StateDescription) throws -> StateHandle {
        let handle = try registry.declare(description)
        guard handle.index < Self.maxStates else { throw StateError("more than 65536 states") }
        if handle.index == codecs.count { codecs.append(RowCodec(description.value)) }
        return handle
    }

    public var size: StateSize {
        StateSize(
            entries: store.property("estimate-num-keys"),
            bytes: store.property("live-sst-files-size")
                + store.property("cur-size-all-mem-tables"),
            isEstimate: true)
    }

    public func size(of state: StateHandle) -> StateSize? { nil }

    // MARK: Reading

    public func get(
        _ state: StateHandle, _ keys: StateKeys, now: Int64,
        _ body: (_ row: Int, _ value: UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        let description = registry[state]
        try keys.validate(for: description, needsMapKeys: true)
        var expired = false
        defer { keyBuffer.removeAll() }
        for start in stride(from: 0, to: keys.count, by: Self.rowsAtOnce) {
            keyBuffer.removeAll()
            for row in start..<min(start + Self.rowsAtOnce, keys.count) {
                keyBuffer.append(state, keys, row: row, mapKey: keys.mapKeys?[row])
            }
            try store.get(keyBuffer) { index, value in
                guard let value, let timeToLive = description.timeToLive else {
                    return try body(start + index, value)
                }
                let isChanged = try give(
                    value, description, timeToLive, now, key: index, row: start + index,
                    codecs[state.index], body)
                expired = expired || isChanged
            }
        }
        if expired { try store.commit() }
    }

    /// Gives a value that may have expired, in whole or, for a list, in part.
    /// - Returns: whether something had, and its removal waits to be written.
    private func give(
        _ value: UnsafeRawBufferPointer, _ description: StateDescription,
        _ timeToLive: TimeToLive, _ now: Int64, key: Int, row: Int, _ codec: RowCodec,
        _ body: (_ row: Int, _ value: UnsafeRawBufferPointer?) throws -> Void
    ) throws -> Bool {
        guard description.kind == .list else {
            let isExpired = timeToLive.isExpired(value, now: now)
            try body(row, isExpired && timeToLive.hidesExpired ? nil : value)
            if isExpired { keyBuffer.withBytes(key) { store.delete($0) } }
            return isExpired
        }
        var live: [UInt8] = []
        if try codec.liveElements(of: value, timeToLive, now: now, into: &live) {
            try body(row, value)
            return false
        }
        try live.withUnsafeBytes { live in
            if timeToLive.hidesExpired {
                try body(row, live.isEmpty ? nil : live)
            } else {
                try body(row, value)
            }
            keyBuffer.withBytes(key) { key in
                if live.isEmpty { store.delete(key) } else { store.put(key, live) }
            }
        }
        return true
    }

    public func scan(
        _ state: StateHandle, _ keys: StateKeys, row: Int, after: UnsafeRawBufferPointer?,
        limit: Int, now: Int64,
        _ body: (_ mapKey: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let description = registry[state]
        try keys.validate(for: description, needsMapKeys: false)
        guard description.kind == .map else {
            throw StateError("state '\(description.name)' is no map")
        }
        let prefix = prefix(state, keys, row)
        // The smallest key behind `after` is `after` and a zero.
        let first = after.map { prefix + Array($0) + [0] } ?? prefix
        var expired = false
        var count = 0
        let isLast = try store.forEach(from: first, to: RocksKeys.end(of: prefix)) { key, value in
            if let timeToLive = description.timeToLive, timeToLive.isExpired(value, now: now) {
                store.delete(key)
                expired = true
                if timeToLive.hidesExpired { return true }
            }
            if count == limit { return false }
            count += 1
            try body(UnsafeRawBufferPointer(rebasing: key[prefix.count...]), value)
            return true
        }
        if expired { try store.commit() }
        return isLast
    }

    /// What the keys of all entries of a map start with.
    private func prefix(_ state: StateHandle, _ keys: StateKeys, _ row: Int) -> [UInt8] {
        var buffer = RocksKeys()
        buffer.append(state, keys, row: row, mapKey: nil)
        return buffer.bytes
    }

    // MARK: Writing

    public func write(
        _ state: StateHandle, _ keys: StateKeys, _ operations: StateOperations,
        values: EncodedRows?
    ) throws {
        let description = registry[state]
        try operations.validate(for: description, rows: keys.count, values: values)
        try keys.validate(for: description, needsMapKeys: !operations.isAll(.clear))
        let values = values ?? EncodedRows()
        let isMap = description.kind == .map
        let isList = description.kind == .list
        defer { keyBuffer.removeAll() }
        for row in 0..<keys.count {
            let operation = operations[row]
            if isMap, operation == .clear {
                try clear(prefix(state, keys, row))
                continue
            }
            keyBuffer.removeAll()
            keyBuffer.append(state, keys, row: row, mapKey: isMap ? keys.mapKeys?[row] : nil)
            keyBuffer.withBytes(0) { key in
                switch operation {
                case .set where isList && values[row].isEmpty: store.delete(key)
                case .set: store.put(key, values[row])
                case .append where values[row].isEmpty: break
                case .append: store.append(key, values[row])
                case .remove, .clear: store.delete(key)
                }
            }
            if store.pendingBytes > Self.pendingLimit { try store.commit() }
        }
        try store.commit()
    }

    private func clear(_ prefix: [UInt8]) throws {
        // Entries that wait to be written would not be seen.
        try store.commit()
        let end = RocksKeys.end(of: prefix)
        var count = 0
        let isAll = try store.forEach(from: prefix, to: end) { key, _ in
            if count == Self.clearedOneByOne { return false }
            count += 1
            store.delete(key)
            return true
        }
        if !isAll { prefix.withUnsafeBytes { store.deleteRange($0, end: end) } }
    }

    // MARK: Snapshots

    public func forEach(
        keyGroups: Range<Int>, now: Int64, _ body: (StateEntry) throws -> Void
    ) throws {
        guard !keyGroups.isEmpty else { return }
        func bound(_ keyGroup: Int) -> [UInt8] {
            keyGroup > 0xFFFF
                ? [0xFF, 0xFF, 0xFF] : [UInt8(keyGroup >> 8), UInt8(keyGroup & 0xFF)]
        }
        var live: [UInt8] = []
        _ = try store.forEach(
            from: bound(keyGroups.lowerBound), to: bound(keyGroups.upperBound)
        ) { key, value in
            var entry = try RocksKeys.entry(key, value: value, states: states)
            let description = registry[entry.state]
            guard let timeToLive = description.timeToLive else {
                try body(entry)
                return true
            }
            if description.kind == .list {
                _ = try codecs[entry.state.index].liveElements(
                    of: value, timeToLive, now: now, into: &live)
                try live.withUnsafeBytes {
                    entry.value = $0
                    if !$0.isEmpty { try body(entry) }
                }
            } else if !timeToLive.isExpired(value, now: now) {
                try body(entry)
            }
            return true
        }
    }
}
