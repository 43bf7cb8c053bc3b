import CRocksDB
import State

/// The store behind one handle: what C does, with Swift's errors.
///
/// Invariants: the library is loaded; `store` is open until `deinit`; no iterator outlives a call.
final class RocksStore {
    private let store: OpaquePointer

    init(directory: String, cache: RocksCache, writeBufferBytes: Int) throws(StateError) {
        var error: UnsafeMutablePointer<CChar>?
        let opened = martlet_rocks_open(directory, cache.cache, writeBufferBytes, &error)
        guard let opened else {
            throw Self.error(error, "cannot open a RocksDB store in \(directory)")
        }
        store = opened
    }

    deinit { martlet_rocks_close(store) }

    private static func error(
        _ text: UnsafeMutablePointer<CChar>?, _ what: String
    ) -> StateError {
        guard let text else { return StateError(what) }
        defer { martlet_rocks_free(text) }
        return StateError("\(what): \(String(cString: text))")
    }

    // MARK: Writing

    func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        martlet_rocks_put(store, key.baseAddress, key.count, Self.base(value), value.count)
    }

    func append(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        martlet_rocks_append(store, key.baseAddress, key.count, Self.base(value), value.count)
    }

    func delete(_ key: UnsafeRawBufferPointer) {
        martlet_rocks_delete(store, key.baseAddress, key.count)
    }

    func deleteRange(_ first: UnsafeRawBufferPointer, end: [UInt8]) {
        martlet_rocks_delete_range(store, first.baseAddress, first.count, end, end.count)
    }

    /// A pointer for no bytes, too: C++ does not like null in `memcpy`.
    private static func base(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
    }

    var pendingBytes: Int { martlet_rocks_pending(store) }

    /// Makes the changes so far take effect.
    func commit() throws(StateError) {
        if let error = martlet_rocks_write(store) {
            throw Self.error(error, "RocksDB does not write")
        }
    }

    // MARK: Reading

    /// Calls `body` for each key with its value.
    func get(
        _ keys: RocksKeys, _ body: (Int, UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        let count = keys.count
        if count == 0 { return }
        var values = [OpaquePointer?](repeating: nil, count: count)
        var errors = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        keys.bytes.withUnsafeBytes { bytes in
            let starts =
                (0..<count).map {
                    bytes.baseAddress.unsafelyUnwrapped + keys.range($0).lowerBound
                } as [UnsafeRawPointer?]
            let sizes = (0..<count).map { keys.range($0).count }
            martlet_rocks_get(store, count, starts, sizes, &values, &errors)
        }
        defer {
            for value in values where value != nil { martlet_rocks_value_release(value) }
            for error in errors where error != nil { martlet_rocks_free(error) }
        }
        for index in 0..<count {
            if let error = errors[index] {
                errors[index] = nil
                throw Self.error(error, "RocksDB does not read")
            }
            guard let value = values[index] else {
                try body(index, nil)
                continue
            }
            var size = 0
            let bytes = martlet_rocks_value_bytes(value, &size)
            try body(index, UnsafeRawBufferPointer(start: bytes, count: size))
        }
    }

    /// Calls `body` for the entries from `first` on, below `end`, until it returns false.
    /// - Returns: whether it was called for all.
    func forEach(
        from first: [UInt8], to end: [UInt8],
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        let iterator = martlet_rocks_iterate(store, first, first.count, end, end.count)
        var isEnded = false
        defer {
            if !isEnded, let error = martlet_rocks_iterator_end(iterator) {
                martlet_rocks_free(error)
            }
        }
        while martlet_rocks_iterator_valid(iterator) != 0 {
            var keySize = 0
            var valueSize = 0
            let key = martlet_rocks_iterator_key(iterator, &keySize)
            let value = martlet_rocks_iterator_value(iterator, &valueSize)
            guard
                try body(
                    UnsafeRawBufferPointer(start: key, count: keySize),
                    UnsafeRawBufferPointer(start: value, count: valueSize))
            else { return false }
            martlet_rocks_iterator_next(iterator)
        }
        isEnded = true
        if let error = martlet_rocks_iterator_end(iterator) {
            throw Self.error(error, "RocksDB does not read")
        }
        return true
    }

    func property(_ name: String) -> Int {
        Int(clamping: martlet_rocks_property(store, "rocksdb.\(name)"))
    }
}
