// How many rows a second pass through a Python stage and back: rows a batch by batches in flight.
//
//     WorkerChannelBench [ROWS-PER-BATCH…]
//     MARTLET_PYTHON=.venv/bin/python WorkerChannelBench [ROWS-PER-BATCH…]
//
// By itself it uses a worker in a few lines of Python that hands each batch back as it came, so it
// shows the cost of the channel alone: encoding, the socket, two copies by the kernel, decoding,
// and the threads in between. With MARTLET_PYTHON the package's worker maps `x * 2 + 1`. Medians.

import Columnar
import Dataflow
import PythonWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

let script = #"""
    import os, signal, socket, struct, sys
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(struct.pack("<IIii", 5, 0, 0, 0))
    header = struct.Struct("<IBBHQ")

    def work(connection):
        memory = memoryview(bytearray(1 << 24))
        head = memoryview(bytearray(16))
        while connection.recv_into(head, 16, socket.MSG_WAITALL) == 16:
            length, kind, flags, _, sequence = header.unpack(head)
            body = memory[:length]
            if length:
                connection.recv_into(body, length, socket.MSG_WAITALL)
            if kind == 1:
                connection.sendall(header.pack(0, 64, 0, 0, 0))
            else:
                kind, flags = (65, flags | 1) if kind == 2 else (66, 0)
                answer = [header.pack(length, kind, flags, 0, sequence), body]
                sent = connection.sendmsg(answer)
                if sent < 16 + length:
                    connection.sendall(body[sent - 16:])

    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            os._exit(0)
        if not descriptors:
            continue
        if os.fork() == 0:
            control.close()
            work(socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
    """#

final class Count: Output {
    var rows = 0
    var controls = 0
    func emit(_ element: StreamElement) {
        if case .batch(let batch) = element { rows += batch.count } else { controls += 1 }
    }
}

struct RealClock: Dataflow.Clock {
    func now() -> Int64 { 0 }
}

let pool = ZygotePool()
let interpreter = getenv("MARTLET_PYTHON").map { String(cString: $0) }
var environment = PythonEnvironment(executable: interpreter ?? "python3")
if interpreter == nil { environment.arguments = ["-S", "-c", script] }
let workers = pool.workers(in: environment)

/// A pickle that calls `eval`.
func function(for type: DataType) -> [UInt8] {
    let source = type == .bigInt ? "lambda x: x * 2 + 1" : "lambda text: text"
    return Array("cbuiltins\neval\n(V\(source)\ntR.".utf8)
}

func makeStage(_ type: DataType, _ limits: PythonStage.Limits) throws -> PythonStage {
    let stage = PythonStage(
        PythonStageSpec(
            steps: [.init(.map, name: "map", function: function(for: type), output: type)],
            input: type, output: type),
        workers: workers, limits: limits)
    try stage.open(
        OperatorContext(
            jobName: "bench", name: "echo", uid: "echo", subtask: 0, parallelism: 1,
            maxParallelism: 128, attempt: 0, clock: RealClock()))
    return stage
}

/// Drives the stage as a task does: input as long as it is accepted, else results.
func throughput(_ batch: Batch, rows: Int, limits: PythonStage.Limits) throws -> Double {
    let type = batch.columns[0].type
    let stage = try makeStage(type, limits)
    defer { stage.close() }
    let output = Count()
    try stage.control(.watermark(0), into: output)
    while stage.isPending { try stage.deliver(into: output) }
    let time = try ContinuousClock().measure {
        var sent = 0
        while sent < rows {
            while stage.hasDelivery { try stage.deliver(into: output) }
            if stage.canAccept {
                try stage.process(batch, input: 0, into: output)
                sent += batch.count
            } else {
                try stage.deliver(into: output)
            }
        }
        try stage.finish(into: output)
        while stage.isPending { try stage.deliver(into: output) }
    }
    precondition(output.rows >= rows)
    return Double(output.rows) / (time / .seconds(1))
}

/// Median and 99th percentile of one row there and back, in microseconds.
func latency() throws -> (median: Double, p99: Double) {
    let stage = try makeStage(.bigInt, PythonStage.Limits())
    defer { stage.close() }
    let output = Count()
    let batch = Batch(Column([1] as [Int64], type: .bigInt))
    var times: [Double] = []
    for _ in 0..<2_000 {
        let time = try ContinuousClock().measure {
            try stage.process(batch, input: 0, into: output)
            while stage.isPending { try stage.deliver(into: output) }
        }
        times.append(time / .microseconds(1))
    }
    times.sort()
    return (times[times.count / 2], times[times.count * 99 / 100])
}

func millions(_ rate: Double) -> Double { (rate / 1e5).rounded() / 10 }

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// The processor time of this process so far, in nanoseconds: all threads, without the worker.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Prints the median and the best of three runs, and what a row costs the runtime.
func report(_ name: String, _ batch: Batch, rows: Int, limits: PythonStage.Limits) throws {
    let before = processorTime()
    let rates = try (0..<3).map { _ in try throughput(batch, rows: rows, limits: limits) }
    let cost = ((processorTime() - before) / Double(3 * rows) * 10).rounded() / 10
    print(
        "\(name): \(millions(median(rates))) million rows/s, best \(millions(rates.max() ?? 0)),"
            + " \(cost) ns of processor time a row in the runtime")
    fflush(nil)
}

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
for size in sizes.isEmpty ? [1024, 4096, 8192, 16384, 65536] : sizes {
    let longs = Batch(Column((0..<Int64(size)).map { $0 }, type: .bigInt))
    for inFlight in [2, 4, 8] {
        var limits = PythonStage.Limits()
        limits.rowsPerBatch = size
        limits.batchesInFlight = inFlight
        try report(
            "BIGINT, \(size) rows a batch, \(inFlight) in flight", longs,
            rows: min(4_000_000, size * 1_000), limits: limits)
    }
}
let builder = BatchBuilder([.string])
for index in 0..<8192 { builder.columns[0].append("the word \(index)") }
let words = builder.finish()
try report("STRING, defaults", words, rows: 2_000_000, limits: .init())
let times = try latency()
print("one row there and back: median \(Int(times.median)) µs, p99 \(Int(times.p99)) µs")
pool.shutDown()
