import Columnar

/// A state of an operator: what it is called, and what it holds for each key.
public struct StateDescription: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// One value for each key and namespace.
        case value
        /// A list of values, which grows at its end.
        case list
        /// Values by map keys, each addressed on its own.
        case map
    }

    public var name: String
    public var kind: Kind
    public var key: DataType
    /// Of a state whose values belong to windows, too; nil: they do not.
    public var namespace: DataType?
    /// Of a map state.
    public var mapKey: DataType?
    /// Of the value, of a list's elements, or of a map's values.
    public var value: DataType
    public var timeToLive: TimeToLive?

    public init(
        _ name: String, _ kind: Kind, key: DataType, namespace: DataType? = nil,
        mapKey: DataType? = nil, value: DataType, timeToLive: TimeToLive? = nil
    ) {
        self.name = name
        self.kind = kind
        self.key = key
        self.namespace = namespace
        self.mapKey = mapKey
        self.value = value
        self.timeToLive = timeToLive
    }

    /// The type of the column in which values travel: for a list state, that of the whole list.
    public var columnType: DataType {
        kind == .list ? DataType(.array(value, style: .list), nullable: false) : value
    }
}

/// When values are forgotten: Flink's `StateTtlConfig`.
///
/// Values (elements of lists, values of maps) are then `TUPLE<value, BIGINT>`, the second field
/// being the time in milliseconds at which they were last used, and never null.
public struct TimeToLive: Hashable, Sendable {
    /// What counts as use.
    public enum Update: Hashable, Sendable { case onCreateAndWrite, onReadAndWrite }
    public enum Visibility: Hashable, Sendable {
        case neverReturnExpired, returnExpiredIfNotCleanedUp
    }

    public var milliseconds: Int64
    public var update: Update
    public var visibility: Visibility

    public init(
        milliseconds: Int64, update: Update = .onCreateAndWrite,
        visibility: Visibility = .neverReturnExpired
    ) {
        self.milliseconds = milliseconds
        self.update = update
        self.visibility = visibility
    }

    var hidesExpired: Bool { visibility == .neverReturnExpired }

    /// Whether an encoded `TUPLE<value, BIGINT>` is past its time. Its last 8 bytes are the time.
    @inline(__always)
    func isExpired(_ value: UnsafeRawBufferPointer, now: Int64) -> Bool {
        guard value.count > 8, let base = value.baseAddress else { return false }
        let bits = UInt64(
            bigEndian: base.loadUnaligned(fromByteOffset: value.count - 8, as: UInt64.self))
        let lastUse = Int64(bitPattern: bits ^ 1 << 63)
        let (end, overflow) = lastUse.addingReportingOverflow(milliseconds)
        return !overflow && end <= now
    }
}

extension StateDescription {
    /// Checks that the description makes sense by itself.
    func validate() throws(StateError) {
        guard (kind == .map) == (mapKey != nil) else {
            throw StateError(
                "state '\(name)': "
                    + (kind == .map
                        ? "a map needs the type of its keys" : "only maps have map keys"))
        }
        guard let timeToLive else { return }
        guard timeToLive.milliseconds > 0 else {
            throw StateError("state '\(name)': a time to live of \(timeToLive.milliseconds) ms")
        }
        guard case .row(let fields, .tuple) = value.kind, fields.count == 2,
            fields[1].type.kind == .bigInt
        else {
            throw StateError(
                "state '\(name)': values with a time to live are TUPLE<value, BIGINT>, not "
                    + "\(value)")
        }
    }

    /// Checks that a state may be declared again as `other`: only the time to live may change.
    func check(redeclaredAs other: StateDescription) throws(StateError) {
        func differs(_ what: String, _ old: String, _ new: String) -> StateError {
            StateError(
                "state '\(name)' has \(what) \(old) and is declared again with \(what) \(new); "
                    + "give the new state another name")
        }
        func text(_ type: DataType?) -> String { type.map { "\($0)" } ?? "none" }
        if kind != other.kind { throw differs("kind", kind.rawValue, other.kind.rawValue) }
        if key != other.key { throw differs("key type", text(key), text(other.key)) }
        if namespace != other.namespace {
            throw differs("namespace type", text(namespace), text(other.namespace))
        }
        if mapKey != other.mapKey {
            throw differs("map key type", text(mapKey), text(other.mapKey))
        }
        if value != other.value { throw differs("value type", text(value), text(other.value)) }
        if (timeToLive == nil) != (other.timeToLive == nil) {
            throw differs(
                "time to live", timeToLive == nil ? "off" : "on",
                other.timeToLive == nil ? "off" : "on")
        }
    }
}
