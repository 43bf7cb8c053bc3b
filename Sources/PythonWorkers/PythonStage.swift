public import Columnar
public import Dataflow
import DequeModule
import State
import Synchronization

/// A run of fused Python functions, executed by one worker process.
///
/// Opening it starts the worker and sends it the functions, and waits for neither: whatever goes
/// wrong there comes out of the first `deliver`. So the workers of a job start side by side.
///
/// `hasDelivery` may become true with nothing pending: the worker has died or could not open its
/// functions, and `deliver` says so.
///
/// Sound to share: `shared` is under its lock, `metrics` is made for many threads, and everything
/// else belongs to the task's thread, which makes all calls but `cancel`.
public final class PythonStage: ExternalOperator, TimedOperator, @unchecked Sendable {
    public struct Limits: Sendable {
        /// Frames of rows that the worker has not answered yet, beyond which none is accepted.
        public var batchesInFlight = 8
        /// The same in bytes.
        public var bytesInFlight = 8 << 20
        /// Larger batches go to the worker in slices, by whichever is reached first.
        public var rowsPerBatch = 8192
        public var bytesPerBatch = 1 << 20
        /// What the worker may keep of the keyed state; the rest is the backend's alone.
        public var stateCacheBytes = 512 << 20

        public init() {}
    }

    /// A frame that the worker has not answered completely.
    struct Pending {
        enum Kind {
            case batch(byteCount: Int)
            case control(StreamElement, body: Buffer)
            case end
        }
        let sequence: UInt64
        let kind: Kind
    }

    private struct Shared {
        var channel: WorkerChannel?
        var notify: (@Sendable () -> Void)?
        var isCancelled = false
    }

    public let metrics = StageMetrics()
    let spec: PythonStageSpec
    let limits: Limits
    let channelLimits: WorkerChannel.Limits
    private let workers: any WorkerSource
    private let backends: any KeyedStateBackends
    private let shared = Mutex(Shared())

    // The task's thread owns what follows.

    private var channel: WorkerChannel?
    /// `Map (2/4)`.
    private var place = ""
    private var context: OperatorContext?
    private var pending: Deque<Pending> = []
    private var batchesInFlight = 0
    private var bytesInFlight = 0
    private var nextSequence: UInt64 = 1
    /// END has come back.
    private var hasEnded = false
    /// Its keyed state and its timers; nil before `open`.
    private var state: StageState?
    /// What must wait until the worker has answered all rows, since these may still set timers that
    /// come first; nothing is accepted meanwhile.
    private var held: Deque<Held> = []
    private var isFinishing = false

    private enum Held {
        case control(StreamElement)
        /// The clock has come to a time at which timers are due.
        case clock(Int64)
        case end
    }

    public convenience init(
        _ spec: PythonStageSpec, workers: any WorkerSource,
        backends: any KeyedStateBackends = HeapStateBackends(), limits: Limits = Limits()
    ) {
        self.init(
            spec, workers: workers, backends: backends, limits: limits,
            channelLimits: WorkerChannel.Limits())
    }

    init(
        _ spec: PythonStageSpec, workers: any WorkerSource,
        backends: any KeyedStateBackends = HeapStateBackends(), limits: Limits,
        channelLimits: WorkerChannel.Limits
    ) {
        self.spec = spec
        self.workers = workers
        self.backends = backends
        self.limits = limits
        self.channelLimits = channelLimits
    }

    // MARK: Life

    /// For an owner that never came to `close`.
    deinit { channel?.close(orderly: hasEnded) }

    public func open(_ context: OperatorContext) throws {
        place = "\(context.name) (\(context.subtask + 1)/\(context.parallelism))"
        self.context = context
        let backends = backends
        let state = StageState(
            backend: { try backends.make(for: context) }, timerKeys: spec.timerKeys,
            maxParallelism: context.maxParallelism, clock: context.clock, place: place)
        self.state = state
        let body = spec.openMessage(
            context, batchRows: limits.rowsPerBatch, stateIsEmpty: state.isEmpty,
            cacheBytes: limits.stateCacheBytes
        ).encoded()
        guard body.count <= FrameHeader.maxBodyLength else {
            throw JobError(
                code: "stage-too-large",
                "the pickled functions take \(body.count) bytes, more than the 1 GiB that a worker"
                    + " can be sent; does one of them capture a large object?", location: place)
        }
        let channel: WorkerChannel
        do {
            channel = try WorkerChannel.open(
                workers.startWorker(), limits: channelLimits, metrics: metrics,
                name: "worker \(context.subtask)")
        } catch let error as JobError {
            throw error.located(place)
        } catch let error as PosixError {
            throw JobError(code: "worker-start", "\(error)", location: place)
        }
        self.channel = channel
        let (notify, isCancelled) = shared.withLock {
            $0.channel = channel
            return ($0.notify, $0.isCancelled)
        }
        if let notify { channel.setNotifier(notify) }
        if isCancelled { channel.cancel() }
        send(.open, [Buffer(copying: body)], sequence: 0)
    }

    public func close() {
        channel?.close(orderly: hasEnded)
        // A backend on disk is removed before the job says that it has ended.
        state = nil
    }

    public func setNotifier(_ notify: @escaping @Sendable () -> Void) {
        let channel = shared.withLock {
            $0.notify = notify
            return $0.channel
        }
        channel?.setNotifier(notify)
    }

    public func cancel() {
        let channel = shared.withLock {
            $0.isCancelled = true
            return $0.channel
        }
        channel?.cancel()
    }

    // MARK: Work out

    public var canAccept: Bool {
        held.isEmpty && batchesInFlight < limits.batchesInFlight
            && bytesInFlight < limits.bytesInFlight
            && pending.count < 4 * limits.batchesInFlight
    }

    public func process(_ batch: Batch, input: Int, into output: any Output) throws {
        try checkNotCancelled()
        var rows = 0..<batch.count
        while !rows.isEmpty {
            let part = RowFrames.slice(
                of: batch, from: rows.lowerBound, maxRows: limits.rowsPerBatch,
                maxBytes: limits.bytesPerBatch)
            try submit(part, input: input)
            rows = rows.lowerBound + part.count..<batch.count
        }
    }

    private func submit(_ batch: Batch, input: Int) throws {
        let body = try RowFrames.encode(batch, spec: spec, input: input, place: place)
        var flags: FrameFlags = input == 0 ? [] : .secondInput
        if batch.timestamps != nil { flags.insert(.hasTimestamps) }
        if batch.rowKinds != nil { flags.insert(.hasRowKinds) }
        trackRows(byteCount: body.byteCount) { sequence in
            send(.batch, body.segments, flags: flags, sequence: sequence)
        }
        metrics.rowsToWorker.add(batch.count)
        metrics.batchesToWorker.add(1)
    }

    public func control(_ element: StreamElement, into output: any Output) throws {
        try checkNotCancelled()
        if case .batch(let batch) = element { return try process(batch, input: 0, into: output) }
        if case .end = element { return try finish(into: output) }
        guard state?.hasTimers ?? false else { return submit(element) }
        held.append(.control(element))
        try proceed()
    }

    private func submit(_ element: StreamElement) {
        let kind: FrameKind
        let body: Buffer
        switch element {
        case .watermark(let time): (kind, body) = (.watermark, Buffer(copying: [time.littleEndian]))
        case .status(let status):
            (kind, body) = (.status, Buffer(copying: [status == .idle ? 1 : 0 as UInt8]))
        case .barrier(let barrier):
            kind = .barrier
            body = Buffer(copying: [
                barrier.checkpointID.littleEndian,
                UInt64(bitPattern: barrier.timestamp).littleEndian,
            ])
        case .batch, .end: preconditionFailure("rows and the end are not submitted here")
        }
        track(.control(element, body: body)) { send(kind, [body], sequence: $0) }
    }

    public func finish(into output: any Output) throws {
        try checkNotCancelled()
        isFinishing = true
        held.append(.end)
        try proceed()
    }

    public var nextDeadline: Int64? {
        guard !isFinishing, held.isEmpty else { return nil }
        return state?.nextProcessingTime
    }

    public func advance(to now: Int64, into output: any Output) throws {
        guard let due = nextDeadline, due <= now else { return }
        held.append(.clock(now))
        try proceed()
    }

    /// Does what was held up as far as it can: the timers that are due go to the worker, and when
    /// none is left, what made them due follows.
    private func proceed() throws {
        while batchesInFlight == 0, let first = held.first {
            switch first {
            case .control(.watermark(let time)):
                if try fire(upTo: time, isProcessing: false) { return }
            case .clock(let now):
                if try fire(upTo: now, isProcessing: true) { return }
            case .control, .end: break
            }
            held.removeFirst()
            switch first {
            case .control(let element): submit(element)
            case .end: track(.end) { send(.end, [], sequence: $0) }
            case .clock: break
            }
        }
    }

    private func fire(upTo time: Int64, isProcessing: Bool) throws -> Bool {
        guard let due = try state?.due(upTo: time, isProcessing: isProcessing) else {
            return false
        }
        trackRows(byteCount: due.byteCount) { sequence in
            send(
                .fire, due.segments, flags: isProcessing ? .processingTime : [], index: due.step,
                sequence: sequence)
        }
        return true
    }

    private func trackRows(byteCount: Int, _ send: (UInt64) -> Void) {
        track(.batch(byteCount: byteCount), send)
        batchesInFlight += 1
        bytesInFlight += byteCount
    }

    private func track(_ kind: Pending.Kind, _ send: (UInt64) -> Void) {
        let sequence = nextSequence
        nextSequence += 1
        pending.append(Pending(sequence: sequence, kind: kind))
        send(sequence)
    }

    private func send(
        _ kind: FrameKind, _ body: [Buffer], flags: FrameFlags = [], index: Int = 0,
        sequence: UInt64
    ) {
        let header = FrameHeader(
            kind, flags: flags, index: index, sequence: sequence,
            bodyLength: body.reduce(0) { $0 + $1.count })
        channel?.send([header.encoded()] + body)
    }

    private func checkNotCancelled() throws {
        if shared.withLock({ $0.isCancelled }) { throw CancellationError() }
    }

    // MARK: Results in

    public var isPending: Bool { !pending.isEmpty || !held.isEmpty }

    public var hasDelivery: Bool { !hasEnded && channel?.hasNext == true }

    public func deliver(into output: any Output) throws {
        guard let channel, !hasEnded, isPending || channel.hasNext else { return }
        let frame: Frame
        do {
            frame = try channel.nextFrame()
        } catch let failure as ChannelFailure {
            throw JobError.fromChannel(failure, place: place)
        }
        switch frame.header.kind {
        case .result: try take(result: frame, into: output)
        case .echo: try take(echo: frame, into: output)
        case .states, .stateGet, .statePut, .stateScan, .timers: try serve(frame)
        case .error:
            throw JobError.fromWorker(
                frame.body, subtask: context?.subtask ?? 0, parallelism: context?.parallelism ?? 1,
                place: place)
        default: throw outOfOrder(frame)
        }
        if !held.isEmpty { try proceed() }
    }

    /// What the worker asks and says of keyed state and timers.
    private func serve(_ frame: Frame) throws {
        guard let state else { throw outOfOrder(frame) }
        do {
            switch frame.header.kind {
            case .states: try state.declare(frame)
            case .statePut: try state.put(frame)
            case .timers: try state.change(timers: frame)
            case .stateGet:
                let rows = try state.answer(get: frame)
                send(
                    .state, rows.segments, index: frame.header.index,
                    sequence: frame.header.sequence)
            case .stateScan:
                let (rows, isLast) = try state.answer(scan: frame)
                send(
                    .state, rows.segments, flags: isLast ? .last : [], index: frame.header.index,
                    sequence: frame.header.sequence)
            default: throw outOfOrder(frame)
            }
        } catch let error as StateError {
            throw JobError(code: "state", "\(error)", location: place)
        } catch let error as RowCodecError {
            throw JobError(code: "state", "kept state cannot be read: \(error)", location: place)
        }
    }

    private func take(result frame: Frame, into output: any Output) throws {
        guard let first = pending.first, first.sequence == frame.header.sequence else {
            throw outOfOrder(frame)
        }
        if frame.header.flags.contains(.last) {
            guard case .batch(let byteCount) = first.kind else { throw outOfOrder(frame) }
            pending.removeFirst()
            batchesInFlight -= 1
            bytesInFlight -= byteCount
        }
        let batch = try RowFrames.decode(frame, spec: spec, place: place)
        metrics.rowsFromWorker.add(batch.count)
        metrics.batchesFromWorker.add(1)
        guard batch.count > 0 else { return }
        if frame.header.index == 0 {
            try output.emit(.batch(batch))
        } else {
            try output.emit(batch, toSide: frame.header.index)
        }
    }

    private func take(echo frame: Frame, into output: any Output) throws {
        guard let first = pending.first, first.sequence == frame.header.sequence else {
            throw outOfOrder(frame)
        }
        switch first.kind {
        case .batch: throw outOfOrder(frame)
        case .control(let element, let body):
            guard frame.body.bytes.elementsEqual(body.bytes) else { throw outOfOrder(frame) }
            pending.removeFirst()
            try output.emit(element)
        case .end:
            pending.removeFirst()
            hasEnded = true
        }
    }

    private func outOfOrder(_ frame: Frame) -> JobError {
        let expected = pending.first.map { "an answer to frame \($0.sequence)" } ?? "nothing"
        return .protocolError(
            "a frame of kind \(frame.header.kind.rawValue) for frame \(frame.header.sequence) where"
                + " \(expected) was due", place: place)
    }
}
