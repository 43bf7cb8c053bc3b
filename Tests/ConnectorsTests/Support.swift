import Columnar
import Dataflow
import Glibc
import Synchronization

@testable import Connectors

/// Keeps what an operator emits.
final class Recorder: Output {
    var elements: [StreamElement] = []

    func emit(_ element: StreamElement) { elements.append(element) }

    var batches: [Batch] {
        elements.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
    }
    var longs: [Int64] { batches.flatMap { $0.columns[0].values(as: Int64.self) } }
    var strings: [String] {
        batches.flatMap { batch in
            (0..<batch.count).map { String(decoding: batch.columns[0].bytes($0), as: UTF8.self) }
        }
    }
}

/// Time that a test sets.
final class ManualClock: Clock {
    private let time: Atomic<Int64>
    init(_ time: Int64 = 0) { self.time = Atomic(time) }
    func now() -> Int64 { time.load(ordering: .relaxed) }
    func set(_ now: Int64) { time.store(now, ordering: .relaxed) }
    func advance(_ by: Int64) { time.wrappingAdd(by, ordering: .relaxed) }
}

func context(
    subtask: Int = 0, of parallelism: Int = 1, attempt: Int = 0, clock: any Clock = ManualClock()
) -> OperatorContext {
    OperatorContext(
        jobName: "job", name: "operator", uid: "uid", subtask: subtask, parallelism: parallelism,
        maxParallelism: 128, attempt: attempt, clock: clock)
}

/// Runs a bounded source to its end.
func drain(
    _ source: any SourceOperator, subtask: Int = 0, of parallelism: Int = 1
) throws -> Recorder {
    let recorder = Recorder()
    try source.open(context(subtask: subtask, of: parallelism))
    defer { source.close() }
    while try source.poll(into: recorder) == .more {}
    return recorder
}

func strings(_ values: [String]) -> Batch {
    var offsets: [Int32] = [0]
    var data: [UInt8] = []
    for value in values {
        data += value.utf8
        offsets.append(Int32(data.count))
    }
    return Batch(
        Column(
            type: .string, count: values.count, validity: nil,
            buffers: [Buffer(copying: offsets), Buffer(copying: data)]))
}

func longs(_ values: [Int64]) -> Batch { Batch(Column(values, type: .bigInt)) }

/// A directory that is gone after the test.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/martlet-connectors-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        if info.st_mode & S_IFMT == S_IFDIR {
            for name in (try? LocalPath.list(path)) ?? [] { remove(LocalPath.join(path, name)) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    func callAsFunction(_ name: String) -> String { LocalPath.join(path, name) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let path = self(name)
        var missing: [String] = []
        var parent = LocalPath.parent(path)
        while mkdir(parent, 0o755) != 0, errno == ENOENT {
            missing.append(parent)
            parent = LocalPath.parent(parent)
        }
        for directory in missing.reversed() { mkdir(directory, 0o755) }
        let file = fopen(path, "w")!
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return path
    }

    @discardableResult
    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }
}

/// Small, fast, and the same everywhere.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// A thread that one can wait for.
final class Thread {
    private var thread = pthread_t()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        pthread_create(
            &thread, nil,
            {
                Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Body(run)).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
