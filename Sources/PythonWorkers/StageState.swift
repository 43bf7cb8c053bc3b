import Columnar
import Dataflow
import State

/// The runtime's half of the keyed state and the timers of one stage: it answers what the worker
/// asks, keeps what it writes back, and says which timers are due (`docs/worker-protocol.md`).
///
/// Belongs to the thread of the stage's task.
final class StageState {
    /// The entries of a map that one STATE frame brings.
    static let scanRows = 4096
    /// The timers that one FIRE frame brings.
    static let fireRows = 8192

    private struct Declared {
        let handle: StateHandle
        let codec: StateCodec
        /// The key is `(key, start, end)` of a window.
        let isWindowed: Bool
    }

    private struct Timers {
        let keyType: DataType
        let codec: RowCodec
        let isWindowed: Bool
        let event = TimerQueue()
        let processing = TimerQueue()

        init(_ keyType: DataType, isWindowed: Bool) {
            self.keyType = keyType
            self.isWindowed = isWindowed
            codec = RowCodec(keyType)
        }
    }

    /// Timers that are due, as the body of a FIRE frame.
    struct Due {
        var step: Int
        var isProcessing: Bool
        var segments: [Buffer]
        var byteCount: Int
    }

    private let makeBackend: () throws -> any KeyedStateBackend
    /// Made when a function declares a state: many stages have none, and on disk it costs something.
    private var madeBackend: (any KeyedStateBackend)?
    private let maxParallelism: Int
    private let clock: any Clock
    private let place: String
    /// By the number that the worker gave them.
    private var states: [Declared] = []
    /// By step.
    private var timers: [Int: Timers] = [:]

    /// `keyTypes`: of the steps that may set timers.
    init(
        backend: @escaping () throws -> any KeyedStateBackend,
        timerKeys keyTypes: [Int: PythonStageSpec.TimerKey],
        maxParallelism: Int,
        clock: any Clock, place: String
    ) {
        makeBackend = backend
        self.maxParallelism = maxParallelism
        self.clock = clock
        self.place = place
        timers = keyTypes.mapValues { Timers($0.type, isWindowed: $0.isWindowed) }
    }

    /// Whether the stage's functions may set timers at all.
    var hasTimers: Bool { !timers.isEmpty }

    /// Whether nothing was kept before the worker starts: what it does not know does not exist.
    var isEmpty: Bool { madeBackend?.states.isEmpty ?? true }

    private func backend() throws -> any KeyedStateBackend {
        if let madeBackend { return madeBackend }
        let backend = try makeBackend()
        madeBackend = backend
        return backend
    }

    // MARK: State

    /// STATES: what the functions have declared.
    func declare(_ frame: Frame) throws {
        guard case .array(let messages)? = try? MessagePack(decoding: frame.body.bytes) else {
            throw broken("states that cannot be read")
        }
        for message in messages {
            guard message["index"]?.number == Double(states.count) else {
                throw broken("states out of order")
            }
            let description = try description(message)
            do {
                states.append(
                    Declared(
                        handle: try backend().declare(description),
                        codec: StateCodec(description),
                        isWindowed: message["windowed"] == true))
            } catch let error as StateError {
                throw JobError(code: "state", "\(error)", location: place)
            }
        }
    }

    private func description(_ message: MessagePack) throws -> StateDescription {
        func type(_ key: String) throws -> DataType? {
            guard let text = message[key]?.string else { return nil }
            do { return try DataType(parsing: text) } catch {
                throw broken("a state of type '\(text)'")
            }
        }
        guard let name = message["name"]?.string, let step = message["step"]?.number,
            let kind = message["kind"]?.string.flatMap(StateDescription.Kind.init(rawValue:)),
            let key = try type("key"), let value = try type("value")
        else { throw broken("an incomplete state") }
        var timeToLive: TimeToLive?
        if let ttl = message["ttl"], let milliseconds = ttl["ms"]?.number {
            timeToLive = TimeToLive(
                milliseconds: Int64(milliseconds),
                update: ttl["update"]?.string == "OnReadAndWrite"
                    ? .onReadAndWrite : .onCreateAndWrite,
                visibility: ttl["visibility"]?.string == "ReturnExpiredIfNotCleanedUp"
                    ? .returnExpiredIfNotCleanedUp : .neverReturnExpired)
        }
        // Fused functions may each have a state of the same name, and so may a window and its key.
        let owner = message["windowed"] == true ? "\(Int(step))/window" : "\(Int(step))"
        return StateDescription(
            "\(owner)/\(name)", kind, key: key, namespace: try type("namespace"),
            mapKey: try type("map_key"), value: value, timeToLive: timeToLive)
    }

    /// STATE_GET: the rows of the STATE frame that answers it.
    func answer(get frame: Frame) throws -> BatchFrame {
        let (declared, description) = try state(of: frame)
        var types = addressTypes(description)
        if let mapKey = description.mapKey { types.append(mapKey) }
        let batch = try decode(frame.body, types)
        let keys = address(batch, declared)
        let present = ColumnBuilder(DataType.boolean.notNull(), capacity: batch.count)
        let values = ColumnBuilder(nullable(description.columnType), capacity: batch.count)
        try backend().get(declared.handle, keys, now: clock.now()) { _, bytes in
            present.append(bytes != nil)
            guard let bytes else { return values.appendNull() }
            try declared.codec.decode(value: bytes, into: values)
        }
        return try encode([present.finish(), values.finish()])
    }

    /// STATE_PUT.
    func put(_ frame: Frame) throws {
        let (declared, description) = try state(of: frame)
        var types = addressTypes(description)
        if let mapKey = description.mapKey { types.append(nullable(mapKey)) }
        types += [DataType.tinyInt.notNull(), nullable(description.columnType)]
        let batch = try decode(frame.body, types)
        let codes = batch.columns[types.count - 2].values(as: UInt8.self)
        let operations = try codes.map { code in
            guard let operation = StateOperation(rawValue: code) else {
                throw broken("an unknown operation \(code) on state")
            }
            return operation
        }
        let values = EncodedRows()
        declared.codec.encode(values: batch.columns[types.count - 1], into: values)
        try backend().write(
            declared.handle, address(batch, declared), .each(operations), values: values)
    }

    /// STATE_SCAN: the rows of the STATE frame that answers it, and whether they are the last.
    func answer(scan frame: Frame) throws -> (BatchFrame, isLast: Bool) {
        let (declared, description) = try state(of: frame)
        guard let mapKey = description.mapKey, let mapKeyCodec = declared.codec.mapKey else {
            throw broken("a scan of a state that is no map")
        }
        let batch = try decode(frame.body, addressTypes(description) + [nullable(mapKey)])
        guard batch.count == 1, let after = batch.columns.last else {
            throw broken("a scan of \(batch.count) maps")
        }
        var keys = declared.codec.keys(
            batch.columns[0], namespaces: namespaces(batch, description),
            maxParallelism: maxParallelism)
        if declared.isWindowed {
            keys.keyGroups = keyGroups(batch.columns[0], isWindowed: true)
        }
        let start = EncodedRows()
        if after.isValid(0) { mapKeyCodec.encode(after, row: 0, into: start) }
        let mapKeys = ColumnBuilder(mapKey)
        let values = ColumnBuilder(description.value)
        let isLast = try backend().scan(
            declared.handle, keys, row: 0, after: start.count == 0 ? nil : start[0],
            limit: Self.scanRows, now: clock.now()
        ) { key, value in
            try mapKeyCodec.decode(key, into: mapKeys)
            try declared.codec.value.decode(value, into: values)
        }
        return (try encode([mapKeys.finish(), values.finish()]), isLast)
    }

    private func state(of frame: Frame) throws -> (Declared, StateDescription) {
        guard states.indices.contains(frame.header.index) else {
            throw broken("a state that was not declared")
        }
        let declared = states[frame.header.index]
        return (declared, declared.codec.description)
    }

    private func addressTypes(_ description: StateDescription) -> [DataType] {
        [description.key] + (description.namespace.map { [$0] } ?? [])
    }

    private func namespaces(_ batch: Batch, _ description: StateDescription) -> Column? {
        description.namespace == nil ? nil : batch.columns[1]
    }

    private func address(_ batch: Batch, _ declared: Declared) -> StateKeys {
        let description = declared.codec.description
        let mapKeys = description.mapKey.map { _ in
            batch.columns[description.namespace == nil ? 1 : 2]
        }
        var keys = declared.codec.keys(
            batch.columns[0], namespaces: namespaces(batch, description), mapKeys: mapKeys,
            maxParallelism: maxParallelism)
        if declared.isWindowed {
            keys.keyGroups = keyGroups(batch.columns[0], isWindowed: true)
        }
        return keys
    }

    /// What belongs to a window lies where its key does.
    private func keyGroups(_ keys: Column, isWindowed: Bool) -> [Int32] {
        (isWindowed ? keys.field(0) : keys).keyGroups(maxParallelism: maxParallelism)
    }

    // MARK: Timers

    private enum TimerOperation: UInt8 {
        case registerEvent = 0
        case deleteEvent = 1
        case registerProcessing = 2
        case deleteProcessing = 3
    }

    /// TIMERS: what the functions have set and deleted, in order.
    func change(timers frame: Frame) throws {
        guard let timers = timers[frame.header.index] else {
            throw broken("timers of a step that has none")
        }
        let batch = try decode(
            frame.body, [timers.keyType, DataType.bigInt.notNull(), DataType.tinyInt.notNull()])
        let keys = EncodedRows()
        timers.codec.encode(batch.columns[0], into: keys)
        let keyGroups = keyGroups(batch.columns[0], isWindowed: timers.isWindowed)
        let times = batch.columns[1].values(as: Int64.self)
        let codes = batch.columns[2].values(as: UInt8.self)
        for row in 0..<batch.count {
            guard let operation = TimerOperation(rawValue: codes[row]) else {
                throw broken("an unknown operation \(codes[row]) on a timer")
            }
            let (keyGroup, time) = (Int(keyGroups[row]), times[row])
            switch operation {
            case .registerEvent:
                try timers.event.insert(keyGroup: keyGroup, key: keys[row], time: time)
            case .deleteEvent:
                timers.event.delete(keyGroup: keyGroup, key: keys[row], time: time)
            case .registerProcessing:
                try timers.processing.insert(keyGroup: keyGroup, key: keys[row], time: time)
            case .deleteProcessing:
                timers.processing.delete(keyGroup: keyGroup, key: keys[row], time: time)
            }
        }
    }

    /// When the next timer of processing time is due.
    var nextProcessingTime: Int64? { timers.values.compactMap(\.processing.nextTime).min() }

    /// Takes the next timers that are due by a time: those of the first step that has any.
    func due(upTo time: Int64, isProcessing: Bool) throws -> Due? {
        for (step, timers) in timers.sorted(by: { $0.key < $1.key }) {
            let queue = isProcessing ? timers.processing : timers.event
            guard let first = queue.nextTime, first <= time else { continue }
            let keys = ColumnBuilder(timers.keyType)
            let times = ColumnBuilder(DataType.bigInt.notNull())
            var last = first
            try queue.popDue(upTo: time, limit: Self.fireRows) { timer in
                try timers.codec.decode(timer.key, into: keys)
                times.append(timer.time)
                last = timer.time
            }
            // As in PyFlink, what process functions set and delete meanwhile is for the next round.
            // Windows fire in order, so what they set is to find its place: the last frame may go
            // as far as the watermark, those before it not to where the next one starts.
            let isLast = queue.nextTime.map { $0 > time } ?? true
            let bound = !timers.isWindowed ? Int64.min : isLast ? time : last - 1
            let rows = try encode([keys.finish(), times.finish()])
            var prefix = [Int64](repeating: 0, count: 8)
            prefix[0] = time.littleEndian
            prefix[1] = bound.littleEndian
            return Due(
                step: step, isProcessing: isProcessing,
                segments: [Buffer(copying: prefix)] + rows.segments,
                byteCount: 64 + rows.byteCount)
        }
        return nil
    }

    // MARK: Frames

    private func decode(_ body: Buffer, _ types: [DataType]) throws -> Batch {
        do throws(BatchCodecError) {
            return try BatchCodec.decode(
                body: body, types: types, hasTimestamps: false, hasRowKinds: false)
        } catch {
            throw broken("state that cannot be read (\(error))")
        }
    }

    private func encode(_ columns: [Column]) throws -> BatchFrame {
        let batch = Batch(count: columns[0].count, columns: columns)
        do throws(BatchCodecError) {
            return try BatchCodec.encode(batch, includeTimestamps: false, includeRowKinds: false)
        } catch {
            throw JobError(
                code: "state", "state that is too large to be sent at once (\(error))",
                location: place)
        }
    }

    private func nullable(_ type: DataType) -> DataType { DataType(type.kind, nullable: true) }

    private func broken(_ what: String) -> JobError { .protocolError(what, place: place) }
}
