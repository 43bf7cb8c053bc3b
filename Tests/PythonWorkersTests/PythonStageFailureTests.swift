import Columnar
import Dataflow
import Testing

@testable import PythonWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct PythonStageFailureTests {
    @Test func aFunctionThatRaises() throws {
        let harness = try StageHarness { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            try worker.send(longs([1]), sequence: frame.sequence, last: false)
            worker.send(
                .error,
                .map([
                    ("kind", "user"), ("operator", "Parse"), ("type", "builtins.ValueError"),
                    ("message", "no number: 'x'"), ("traceback", "File \"job.py\", line 3"),
                    ("record", "'x'"), ("exception", .binary([1, 2, 3])),
                ]))
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(harness.output.longs == [1])
        #expect(error?.code == "user-function")
        #expect(error?.message == "the function raised ValueError: no number: 'x'")
        #expect(error?.location == "Parse (2/4)")
        #expect(error?.exceptionType == "builtins.ValueError")
        #expect(error?.traceback == "File \"job.py\", line 3")
        #expect(error?.record == "'x'")
        #expect(error?.pickledException == [1, 2, 3])
    }

    @Test(arguments: [
        ("open", "open-failed"), ("input", "bad-input"), ("output", "bad-value"),
        ("internal", "worker-internal"), ("something new", "worker-internal"),
    ])
    func otherErrorsOfAWorker(kind: String, code: String) throws {
        let harness = try StageHarness { worker in
            _ = worker.read()
            worker.send(.error, .map([("kind", .string(kind)), ("message", "text")]))
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(error?.code == code)
        #expect(error?.location == "Map (2/4)")
        #expect(error?.message.contains("text") == true)
    }

    @Test func aWorkerThatFailsWithNothingPending() throws {
        let monitor = Monitor()
        nonisolated(unsafe) var calls = 0
        let harness = try StageHarness { worker in
            _ = worker.read()
            worker.send(.error, .map([("kind", "open"), ("message", "no module")]))
        }
        harness.stage.setNotifier {
            monitor.locked {
                calls += 1
                monitor.broadcast()
            }
        }
        monitor.locked { while calls == 0 { monitor.wait() } }
        #expect(!harness.stage.isPending)
        #expect(harness.stage.hasDelivery)
        #expect(throws: JobError.self) { try harness.deliver() }
    }

    @Test(arguments: [
        (WorkerExit.killed(signal: 9), "was killed by signal 9 (SIGKILL)"),
        (.killed(signal: 11), "was killed by signal 11 (SIGSEGV)"),
        (.killed(signal: 60), "was killed by signal 60"),
        (.exited(status: 3), "exited with status 3"),
        (.exited(status: 0), "exited with status 0 in the middle of its work"),
    ])
    func aWorkerThatDies(exit: WorkerExit, text: String) throws {
        let harness = try StageHarness(exit: exit) { worker in
            worker.open()
            _ = worker.read()
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(error?.code == "worker-died")
        #expect(error?.location == "Map (2/4)")
        #expect(error?.message.hasPrefix("the Python worker \(text)") == true, "\(error!)")
    }

    @Test func aWorkerThatDiesInTheMiddleOfAFrame() throws {
        let harness = try StageHarness(exit: .killed(signal: 6)) { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            worker.write(
                FrameHeader(.result, sequence: frame.sequence, bodyLength: 100).encoded())
            worker.write([1, 2, 3])
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(error?.code == "worker-died")
        #expect(error?.message.contains("(SIGABRT) while it sent its results") == true)
    }

    @Test func aWorkerWhoseSocketOutlivesIt() throws {
        // As when a function forked a process of its own, which holds the socket.
        let held = Monitor()
        nonisolated(unsafe) var isOver = false
        let harness = try StageHarness(exit: nil) { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            try worker.send(longs([4]), sequence: frame.sequence, last: false)
            worker.process.end(.killed(signal: 9))
            held.locked { while !isOver { held.wait() } }
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(error?.code == "worker-died")
        #expect(harness.output.longs == [4])
        held.locked {
            isOver = true
            held.broadcast()
        }
    }

    /// What a worker may not send, and a word of what is said about it.
    static let malformed: [(String, @Sendable (FakeWorker, UInt64) throws -> Void)] = [
        (
            "unknown kind",
            { worker, _ in worker.write([0, 0, 0, 0, 200] + .init(repeating: 0, count: 11)) }
        ),
        ("not a worker's", { worker, _ in worker.send(.batch) }),
        (
            "above the limit",
            { worker, _ in worker.write([1, 0, 0, 0x40, 65] + .init(repeating: 0, count: 11)) }
        ),
        (
            "unknown flags",
            { worker, _ in worker.write([0, 0, 0, 0, 65, 64] + .init(repeating: 0, count: 10)) }
        ),
        ("second READY", { worker, _ in worker.send(.ready) }),
        (
            "was due",
            { worker, sequence in try worker.send(longs([1]), sequence: sequence + 1, last: true) }
        ),
        ("was due", { worker, sequence in worker.send(.echo, sequence: sequence) }),
        (
            "cannot be read",
            { worker, sequence in
                worker.send(
                    .result, flags: .last, sequence: sequence,
                    Buffer(copying: [1, 2, 3] as [UInt8]))
            }
        ),
        ("METRICS", { worker, _ in worker.send(.metrics, .array([])) }),
        ("METRICS", { worker, _ in worker.send(.metrics, .map([("a", "text")])) }),
        ("METRICS", { worker, _ in worker.send(.metrics, Buffer(copying: [0xC1] as [UInt8])) }),
        ("ERROR frame", { worker, _ in worker.send(.error, Buffer(copying: [0xC1] as [UInt8])) }),
        ("ERROR frame", { worker, _ in worker.send(.error, .map([])) }),
    ]

    @Test(arguments: malformed.indices) func aWorkerThatSaysWhatItMayNot(index: Int) throws {
        let (text, say) = Self.malformed[index]
        let harness = try StageHarness { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            try say(worker, frame.sequence)
            _ = worker.read()
        }
        try harness.process(longs([1]))
        let error = harness.failure()
        #expect(error?.code == "worker-protocol")
        #expect(error?.message.contains(text) == true, "\(error!)")
    }

    @Test func aWorkerThatAnswersBeforeItIsReady() throws {
        let harness = try StageHarness { worker in
            _ = worker.read()
            worker.send(.echo, sequence: 1)
            _ = worker.read()
        }
        try harness.control(.watermark(1))
        #expect(harness.failure()?.message.contains("before READY") == true)
    }

    @Test func anEchoThatIsNotTheSame() throws {
        let harness = try StageHarness { worker in
            worker.open()
            guard let frame = worker.read() else { return }
            worker.send(.echo, sequence: frame.sequence, Buffer(copying: [7] as [Int64]))
            _ = worker.read()
        }
        try harness.control(.watermark(1))
        #expect(harness.failure()?.code == "worker-protocol")
    }

    @Test(arguments: 0..<40) func garbage(seed: UInt64) throws {
        let harness = try StageHarness { worker in
            var generator = SeededGenerator(state: seed)
            worker.open()
            guard let frame = worker.read() else { return }
            var bytes = FrameHeader(
                .result, flags: .last, sequence: frame.sequence, bodyLength: frame.body.count
            ).encoded().array
            bytes += frame.body.array
            for _ in 0..<3 {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            worker.write(bytes)
        }
        try harness.process(longs(0..<20))
        // Either it was still a frame, or the job fails; nothing else.
        if let error = harness.failure() {
            #expect(["worker-protocol", "worker-died"].contains(error.code), "\(error)")
        }
    }

    @Test func cancellingWakesADelivery() throws {
        let harness = try StageHarness { worker in
            worker.open()
            _ = worker.read()
            // Reads the end that cancelling makes.
            #expect(worker.read() == nil)
        }
        try harness.process(longs([1]))
        try startThread(name: "canceller") { harness.stage.cancel() }
        #expect(throws: CancellationError.self) { try harness.deliver() }
        #expect(throws: CancellationError.self) { try harness.deliver() }
        #expect(throws: CancellationError.self) { try harness.process(longs([1])) }
        #expect(throws: CancellationError.self) { try harness.control(.watermark(1)) }
    }

    @Test func cancellingBeforeOpening() throws {
        let harness = try StageHarness(open: false) { worker in _ = worker.read() }
        harness.stage.cancel()
        try harness.open()
        #expect(harness.stage.hasDelivery)
        #expect(throws: CancellationError.self) { try harness.process(longs([1])) }
        #expect(throws: CancellationError.self) { try harness.deliver() }
    }

    @Test func cancellingKillsAWorkerThatDoesNotEnd() throws {
        var channelLimits = WorkerChannel.Limits()
        channelLimits.grace = 20
        let processes = Monitor()
        nonisolated(unsafe) var process: FakeProcess?
        let harness = try StageHarness(exit: nil, channelLimits: channelLimits) { worker in
            processes.locked {
                process = worker.process
                processes.broadcast()
            }
            worker.open()
            // Never reads again, and does not end until it is killed.
            _ = worker.process.waitForExit(milliseconds: 60_000)
        }
        // More than the sockets hold: the rest waits, and is let go of.
        try harness.process(longs(0..<2_000_000))
        harness.stage.cancel()
        let played = processes.locked {
            while process == nil { processes.wait() }
            return process
        }
        #expect(played?.wasKilled(withinMilliseconds: 30_000) == true)
    }

    @Test func closingEndsTheWorker() throws {
        let ended = Monitor()
        nonisolated(unsafe) var hasEnded = false
        do {
            let harness = try StageHarness { worker in
                worker.open()
                worker.echo()
                #expect(worker.read() == nil)
                ended.locked {
                    hasEnded = true
                    ended.broadcast()
                }
            }
            try harness.process(longs([1]))
            harness.stage.close()
        }
        ended.locked { while !hasEnded { ended.wait() } }
    }
}
