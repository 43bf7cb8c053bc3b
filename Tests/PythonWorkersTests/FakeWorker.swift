import CPosix
import Columnar
import Dataflow
import Testing

@testable import PythonWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The other end of a data socket, played by a closure on a thread of its own.
///
/// Sound to share: the closure alone uses it, but for `process`, which is made for many threads.
final class FakeWorker: @unchecked Sendable {
    struct Received {
        var kind: FrameKind
        var flags: FrameFlags
        var sequence: UInt64
        var body: Buffer
    }

    let process = FakeProcess()
    private let socket: Int32

    init(socket: Int32) { self.socket = socket }

    deinit { closeDescriptor(socket) }

    /// The next frame; nil at the end.
    func read() -> Received? {
        guard let head = read(count: 16) else { return nil }
        defer { withExtendedLifetime(head) {} }
        let bytes = head.bytes
        let length = Int(bytes.loadUnaligned(as: UInt32.self))
        guard let kind = FrameKind(rawValue: bytes[4]) else { return nil }
        let flags = FrameFlags(rawValue: bytes[5])
        let sequence = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        guard let body = read(count: length) else { return nil }
        return Received(kind: kind, flags: flags, sequence: sequence, body: body)
    }

    private func read(count: Int) -> Buffer? {
        var isWhole = true
        let buffer = Buffer(count: count, of: UInt8.self) { memory in
            var filled = 0
            while filled < count {
                let got = recv(socket, memory.baseAddress! + filled, count - filled, 0)
                guard got > 0 else {
                    isWhole = false
                    return
                }
                filled += got
            }
        }
        return isWhole ? buffer : nil
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.send(
                socket, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return }
            sent += count
        }
    }

    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

    func write(_ buffer: Buffer) { withExtendedLifetime(buffer) { write(buffer.bytes) } }

    func send(
        _ kind: FrameKind, flags: FrameFlags = [], sequence: UInt64 = 0, _ body: Buffer = .empty
    ) {
        write(
            FrameHeader(kind, flags: flags, sequence: sequence, bodyLength: body.count).encoded())
        write(body)
    }

    func send(_ kind: FrameKind, _ message: MessagePack) {
        send(kind, Buffer(copying: message.encoded()))
    }

    func send(_ batch: Batch, sequence: UInt64, last: Bool) throws {
        let body = try BatchCodec.encode(batch).contiguous()
        send(.result, flags: last ? .last : [], sequence: sequence, body)
    }

    /// Takes OPEN and answers READY.
    func open() {
        guard read()?.kind == .open else { return }
        send(.ready)
    }

    /// Answers each batch with itself, and each control frame, until END or the socket's end.
    func echo() {
        while let frame = read() {
            if frame.kind == .batch {
                send(.result, flags: frame.flags.union(.last), sequence: frame.sequence, frame.body)
            } else {
                send(.echo, sequence: frame.sequence, frame.body)
                if frame.kind == .end { return }
            }
        }
    }
}

/// A process that ends when the test says so.
///
/// Sound to share: the variables are touched under the monitor only.
final class FakeProcess: WorkerProcess, @unchecked Sendable {
    private let monitor = Monitor()
    private var exit: WorkerExit?
    private var handler: (@Sendable () -> Void)?
    private var killed = false

    var processID: Int32? { 1 }

    func end(_ exit: WorkerExit) {
        let handler = monitor.locked {
            self.exit = exit
            monitor.broadcast()
            return self.handler
        }
        handler?()
    }

    func waitForExit(milliseconds: Int) -> WorkerExit? {
        let deadline = Monitor.deadline(after: milliseconds)
        return monitor.locked {
            while exit == nil, monitor.wait(until: deadline) {}
            return exit
        }
    }

    func onExit(_ handler: @escaping @Sendable () -> Void) {
        monitor.locked { self.handler = handler }
    }

    func kill() {
        monitor.locked { killed = true }
        end(.killed(signal: SIGKILL))
    }

    func wasKilled(withinMilliseconds milliseconds: Int) -> Bool {
        _ = waitForExit(milliseconds: milliseconds)
        return monitor.locked { killed }
    }
}

/// Hands out one connection, whose other end `play` plays; the process ends when `play` returns.
struct FakeWorkers: WorkerSource {
    var exit: WorkerExit? = .exited(status: 0)
    let play: @Sendable (FakeWorker) throws -> Void

    func startWorker() throws -> WorkerConnection {
        var ends: [Int32] = [0, 0]
        guard martlet_stream_pair(&ends, 64 << 10) == 0 else { throw PosixError("make a pair", 0) }
        let other = ends[1]
        let worker = FakeWorker(socket: other)
        let process = worker.process
        try startThread(name: "fake worker") {
            do { try play(worker) } catch { Issue.record(error) }
            // As in a process that ends, the socket goes first.
            shutdown(other, Int32(SHUT_WR))
            if let exit { process.end(exit) }
        }
        return WorkerConnection(socket: ends[0], process: process)
    }
}

/// Keeps what is emitted.
final class Collector: Output {
    var elements: [StreamElement] = []

    func emit(_ element: StreamElement) { elements.append(element) }

    /// All values of the batches so far.
    var longs: [Int64] {
        elements.flatMap { element -> [Int64] in
            guard case .batch(let batch) = element else { return [] }
            return Array(batch.columns[0].values(as: Int64.self))
        }
    }

    /// The elements in short: `3 rows`, `watermark 5`, …
    var outline: [String] {
        elements.map {
            switch $0 {
            case .batch(let batch): "\(batch.count) rows"
            case .watermark(let time): "watermark \(time)"
            case .status(let status): "\(status)"
            case .barrier(let barrier): "barrier \(barrier.checkpointID)"
            case .end: "end"
            }
        }
    }
}

struct FixedClock: Clock {
    func now() -> Int64 { 0 }
}

func longs(_ values: some Sequence<Int64>) -> Batch {
    Batch(Column(Array(values), type: .bigInt))
}

extension Buffer {
    /// A copy of the bytes.
    var array: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }
}

/// A small generator whose sequence depends on nothing but its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // Overflow is part of the algorithm.
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
