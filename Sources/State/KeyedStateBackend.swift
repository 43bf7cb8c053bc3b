import Columnar

/// A state that a backend knows, by the order of declaration.
public struct StateHandle: Hashable, Sendable {
    public let index: Int

    public init(index: Int) { self.index = index }
}

/// Where rows address a state, as `RowCodec` writes keys: a key group and a key for each row, and
/// what else the state has.
public struct StateKeys {
    public var keyGroups: [Int32]
    public var keys: EncodedRows
    public var namespaces: EncodedRows?
    public var mapKeys: EncodedRows?

    public init(
        keyGroups: [Int32], keys: EncodedRows = EncodedRows(), namespaces: EncodedRows? = nil,
        mapKeys: EncodedRows? = nil
    ) {
        self.keyGroups = keyGroups
        self.keys = keys
        self.namespaces = namespaces
        self.mapKeys = mapKeys
    }

    public var count: Int { keyGroups.count }
}

/// What a write does to what it addresses: the `op` of the worker's STATE_PUT.
public enum StateOperation: UInt8, Sendable {
    case set = 0
    /// Adds elements to a list.
    case append = 1
    /// Removes a value, a list, or an entry of a map.
    case remove = 2
    /// Removes a value, a list, or a whole map.
    case clear = 3
}

/// One entry of a snapshot. The bytes are valid during the call that brings it.
public struct StateEntry {
    public var state: StateHandle
    public var keyGroup: Int
    public var key: UnsafeRawBufferPointer
    /// Empty if the state has no namespaces.
    public var namespace: UnsafeRawBufferPointer
    public var mapKey: UnsafeRawBufferPointer?
    public var value: UnsafeRawBufferPointer
}

/// How much a state holds.
public struct StateSize: Hashable, Sendable {
    /// Values, lists and entries of maps; an estimate where `isEstimate`.
    public var entries: Int
    /// Memory, or disk.
    public var bytes: Int
    public var isEstimate: Bool

    public init(entries: Int, bytes: Int, isEstimate: Bool = false) {
        self.entries = entries
        self.bytes = bytes
        self.isEstimate = isEstimate
    }

    public static func + (a: StateSize, b: StateSize) -> StateSize {
        StateSize(
            entries: a.entries + b.entries, bytes: a.bytes + b.bytes,
            isEstimate: a.isEstimate || b.isEstimate)
    }
}

/// The keyed state of one instance of an operator. Belongs to the thread that runs its task.
///
/// Everything comes in bulk and as bytes: keys, map keys and values as `RowCodec` writes them, a
/// list as its elements one behind the other. Lists are never empty: setting one to nothing
/// removes it. Callbacks must not call the backend.
public protocol KeyedStateBackend: AnyObject {
    /// The states declared, in the order of their handles.
    var states: [StateDescription] { get }

    /// Makes a state known, or finds it if it is known by this name.
    /// - Throws: `StateError` if it is known as something else.
    func declare(_ description: StateDescription) throws -> StateHandle

    /// Looks up what each row addresses, and calls `body` for each, in order; nil: nothing there.
    ///
    /// - Parameter now: the processing time in milliseconds, by which values expire.
    func get(
        _ state: StateHandle, _ keys: StateKeys, now: Int64,
        _ body: (_ row: Int, _ value: UnsafeRawBufferPointer?) throws -> Void) throws

    /// Does to what each row addresses what `operations` says, in order. Values of rows that
    /// remove are not looked at.
    func write(
        _ state: StateHandle, _ keys: StateKeys, _ operations: StateOperations,
        values: EncodedRows?) throws

    /// Calls `body` for up to `limit` entries of the map that `row` addresses, in the order of
    /// the encoded map keys, from the first one greater than `after` on.
    /// - Returns: whether these were the last.
    func scan(
        _ state: StateHandle, _ keys: StateKeys, row: Int, after: UnsafeRawBufferPointer?,
        limit: Int, now: Int64,
        _ body: (_ mapKey: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool

    /// Calls `body` for every entry that has not expired, key group by key group in ascending
    /// order, and within each state by state.
    func forEach(
        keyGroups: Range<Int>, now: Int64, _ body: (StateEntry) throws -> Void) throws

    func size(of state: StateHandle) -> StateSize
}

/// What a bulk write does: the same to each row, or to each what is said for it.
public enum StateOperations {
    case all(StateOperation)
    case each([StateOperation])

    @inline(__always)
    subscript(row: Int) -> StateOperation {
        switch self {
        case .all(let operation): operation
        case .each(let operations): operations[row]
        }
    }
}

extension KeyedStateBackend {
    public func put(_ state: StateHandle, _ keys: StateKeys, values: EncodedRows) throws {
        try write(state, keys, .all(.set), values: values)
    }

    public func append(_ state: StateHandle, _ keys: StateKeys, values: EncodedRows) throws {
        try write(state, keys, .all(.append), values: values)
    }

    public func remove(_ state: StateHandle, _ keys: StateKeys) throws {
        try write(state, keys, .all(.remove), values: nil)
    }

    public func clear(_ state: StateHandle, _ keys: StateKeys) throws {
        try write(state, keys, .all(.clear), values: nil)
    }

    /// Puts back what `forEach` has given.
    public func restore(_ state: StateHandle, _ keys: StateKeys, values: EncodedRows) throws {
        try put(state, keys, values: values)
    }

    /// The size of all states together.
    public var size: StateSize {
        states.indices.reduce(StateSize(entries: 0, bytes: 0)) {
            $0 + size(of: StateHandle(index: $1))
        }
    }
}

extension StateKeys {
    /// Checks that every row has what the state asks for.
    func validate(
        for description: StateDescription, needsMapKeys: Bool
    ) throws(StateError) {
        func fail(_ what: String) -> StateError {
            StateError("state '\(description.name)': \(what)")
        }
        guard keys.count == count else { throw fail("\(keys.count) keys for \(count) rows") }
        guard (namespaces?.count ?? count) == count,
            (namespaces != nil) == (description.namespace != nil)
        else { throw fail("\(namespaces?.count ?? 0) namespaces for \(count) rows") }
        if needsMapKeys, description.kind == .map {
            guard mapKeys?.count == count else {
                throw fail("\(mapKeys?.count ?? 0) map keys for \(count) rows")
            }
        }
    }
}

extension StateKeys {
    @inline(__always)
    func address(_ row: Int) -> StateAddress {
        StateAddress(
            keyGroup: UInt16(truncatingIfNeeded: keyGroups[row]), key: keys[row],
            namespace: namespaces.map { $0[row] } ?? .none)
    }

    @inline(__always)
    func forEach(_ body: (_ row: Int, _ address: StateAddress) throws -> Void) rethrows {
        for row in 0..<count { try body(row, address(row)) }
    }
}

extension StateOperations {
    func isAll(_ operation: StateOperation) -> Bool {
        switch self {
        case .all(let all): all == operation
        case .each(let operations): operations.allSatisfy { $0 == operation }
        }
    }

    /// Checks that the state knows the operations, and that there is a value where one is needed.
    func validate(
        for description: StateDescription, rows: Int, values: EncodedRows?
    ) throws(StateError) {
        func fail(_ what: String) -> StateError {
            StateError("state '\(description.name)': \(what)")
        }
        let needsValues: Bool
        let appends: Bool
        switch self {
        case .all(let operation):
            needsValues = operation == .set || operation == .append
            appends = operation == .append
        case .each(let operations):
            guard operations.count == rows else {
                throw fail("\(operations.count) operations for \(rows) rows")
            }
            needsValues = operations.contains { $0 == .set || $0 == .append }
            appends = operations.contains(.append)
        }
        if needsValues, values?.count != rows {
            throw fail("\(values?.count ?? 0) values for \(rows) rows")
        }
        if appends, description.kind != .list { throw fail("only lists can be appended to") }
    }
}

extension RowCodec {
    /// Collects the elements of an encoded list that have not expired.
    /// - Returns: whether none has.
    func liveElements(
        of list: UnsafeRawBufferPointer, _ timeToLive: TimeToLive, now: Int64,
        into live: inout [UInt8]
    ) throws -> Bool {
        live.removeAll(keepingCapacity: true)
        var rest = list
        var isWhole = true
        while !rest.isEmpty {
            let length = try length(of: rest)
            let element = UnsafeRawBufferPointer(rebasing: rest[..<length])
            if timeToLive.isExpired(element, now: now) {
                isWhole = false
            } else {
                live.append(contentsOf: element)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
        return isWhole
    }
}
