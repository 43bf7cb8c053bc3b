import Columnar
import Synchronization

/// What a stage and its worker have done so far; may be read from any thread, at any time.
public final class StageMetrics: Sendable {
    /// A number that one thread raises and others read.
    public final class Counter: Sendable {
        private let count = Atomic<Int>(0)

        init() {}

        public var value: Int { count.load(ordering: .relaxed) }

        func add(_ amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }
    }

    public let rowsToWorker = Counter()
    public let rowsFromWorker = Counter()
    /// Frames of rows, without control frames.
    public let batchesToWorker = Counter()
    public let batchesFromWorker = Counter()
    public let bytesToWorker = Counter()
    public let bytesFromWorker = Counter()

    private let ready = Atomic<Bool>(false)
    private let reported = Mutex<[String: Double]>([:])

    public init() {}

    /// Whether the worker has opened its functions.
    public var isReady: Bool { ready.load(ordering: .acquiring) }

    /// The worker's own numbers by name, as it last reported them.
    public var worker: [String: Double] { reported.withLock { $0 } }

    func markReady() { ready.store(true, ordering: .releasing) }

    /// Takes in the body of a METRICS frame.
    func update(from body: Buffer) throws(FrameError) {
        guard body.count <= 1 << 20 else {
            throw FrameError("a METRICS frame of \(body.count) bytes")
        }
        let message: MessagePack
        do throws(MessagePack.DecodingError) {
            message = try MessagePack(decoding: body.bytes)
        } catch {
            throw FrameError("a METRICS frame that cannot be read: \(error)")
        }
        guard case .map(let entries) = message else {
            throw FrameError("a METRICS frame that is not a map")
        }
        var numbers: [(String, Double)] = []
        for (name, value) in entries {
            guard let number = value.number else {
                throw FrameError("a METRICS frame whose \"\(name)\" is not a number")
            }
            numbers.append((name, number))
        }
        reported.withLock { reported in
            for (name, number) in numbers { reported[name] = number }
        }
    }
}
