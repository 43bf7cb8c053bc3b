import Columnar
import Dataflow
import Testing

@testable import PythonWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A real interpreter, and in it a parent and workers in a few lines.
@Suite struct ZygoteTests {
    /// Forks as the real one does. A worker does what the name of the job tells it.
    static let script = #"""
        import os, select, signal, socket, struct, sys, time

        def exactly(connection, count):
            data = bytearray()
            while len(data) < count:
                part = connection.recv(count - len(data))
                if not part:
                    os._exit(0)
                data += part
            return bytes(data)

        def work(connection):
            def send(kind, flags, sequence, body):
                connection.sendall(struct.pack("<IBBHQ", len(body), kind, flags, 0, sequence) + body)
            while True:
                length, kind, flags, _, sequence = struct.unpack("<IBBHQ", exactly(connection, 16))
                body = exactly(connection, length)
                if kind == 1:
                    if b"killme" in body:
                        os.kill(os.getpid(), signal.SIGKILL)
                    if b"exitme" in body:
                        os._exit(7)
                    while b"sleeper" in body:
                        if os.getppid() != parent:
                            os._exit(0)
                        time.sleep(0.02)
                    if b"describe" in body:
                        text = repr((sorted(map(int, os.listdir("/proc/self/fd"))),
                                     os.readlink("/proc/self/fd/0"), os.getpgrp() == os.getppid(),
                                     os.getcwd(), os.environ.get("EXTRA"),
                                     signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL))
                        text = text.encode()
                        send(67, 0, 0, b"\x82\xa4kind\xa6output\xa7message\xda"
                             + struct.pack(">H", len(text)) + text)
                        os._exit(0)
                    send(64, 0, 0, b"")
                elif kind == 2:
                    send(65, flags | 1, sequence, body)
                else:
                    send(66, 0, sequence, body)
                    if kind == 5:
                        os._exit(0)

        parent = os.getpid()
        control = socket.socket(fileno=int(sys.argv[1]))
        control.set_inheritable(False)
        ids = {}
        control.send(struct.pack("<IIii", 5, 0, 0, 0))

        def reap(*_):
            while True:
                try:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    return
                if pid == 0:
                    return
                control.send(struct.pack("<IIii", 3, ids.pop(pid), pid, status))

        wake, wakened = socket.socketpair()
        wakened.setblocking(False)
        signal.set_wakeup_fd(wakened.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([control, wake], [], [])
            if wake in ready:
                wake.recv(100)
                reap()
            if control not in ready:
                continue
            message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                os._exit(0)
            operation, id, _, _ = struct.unpack("<IIii", message)
            if operation == 1:
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    control.close(); wake.close(); wakened.close()
                    work(socket.socket(fileno=descriptors[0]))
                ids[pid] = id
                os.close(descriptors[0])
                control.send(struct.pack("<IIii", 2, id, pid, 0))
            elif operation == 4:
                for pid, known in ids.items():
                    if known == id:
                        os.kill(pid, signal.SIGKILL)
        """#

    static func environment(_ script: String = script) -> PythonEnvironment {
        var environment = PythonEnvironment(variables: ["EXTRA": "a b"])
        environment.arguments = ["-S", "-c", script]
        return environment
    }

    static func stage(
        in pool: ZygotePool, job: String = "job", environment: PythonEnvironment = environment(),
        channelLimits: WorkerChannel.Limits = .init()
    ) throws -> PythonStage {
        let stage = PythonStage(
            PythonStageSpec(steps: [], input: .bigInt, output: .bigInt),
            workers: pool.workers(in: environment), limits: .init(), channelLimits: channelLimits)
        try stage.open(
            OperatorContext(
                jobName: job, name: "Map", uid: "u", subtask: 0, parallelism: 1,
                maxParallelism: 128, attempt: 0, clock: FixedClock()))
        return stage
    }

    /// What the stage fails with when it runs to its end.
    static func failure(of stage: PythonStage) -> JobError? {
        let output = Collector()
        do {
            try stage.finish(into: output)
            while stage.isPending { try stage.deliver(into: output) }
            return nil
        } catch {
            return error as? JobError
        }
    }

    @Test func forksWorkersThatWork() throws {
        let pool = ZygotePool()
        pool.prewarm(Self.environment())
        let stages = try (0..<4).map { _ in try Self.stage(in: pool) }
        for (index, stage) in stages.enumerated() {
            let output = Collector()
            try stage.process(longs([Int64(index)]), input: 0, into: output)
            try stage.control(.watermark(3), into: output)
            try stage.finish(into: output)
            while stage.isPending { try stage.deliver(into: output) }
            #expect(output.longs == [Int64(index)])
            #expect(output.outline == ["1 rows", "watermark 3"])
            stage.close()
        }
        #expect(try pool.zygote(for: Self.environment()).isAlive)
    }

    /// More requests than the control socket holds, with an answer to each under way.
    @Test func forksManyAtOnce() throws {
        let pool = ZygotePool()
        let zygote = try pool.zygote(for: Self.environment())
        let connections = try (0..<600).map { _ in try zygote.fork() }
        for connection in connections { closeDescriptor(connection.socket) }
        for connection in connections {
            #expect(
                connection.process.waitForExit(milliseconds: 120_000) == .exited(status: 0))
        }
    }

    @Test(arguments: [
        ("killme", "was killed by signal 9 (SIGKILL)"), ("exitme", "exited with status 7"),
    ])
    func reportsHowAWorkerEnded(job: String, text: String) throws {
        let pool = ZygotePool()
        let stage = try Self.stage(in: pool, job: job)
        let error = Self.failure(of: stage)
        #expect(error?.code == "worker-died")
        #expect(error?.message.contains(text) == true, "\(error!)")
        stage.close()
        // The parent lives on.
        #expect(Self.failure(of: try Self.stage(in: pool)) == nil)
    }

    @Test func givesWorkersNothingThatIsNotTheirs() throws {
        // A descriptor that somebody forgot to mark as close-on-exec.
        let leaked = open("/dev/zero", O_RDONLY)
        defer { close(leaked) }
        #expect(leaked >= 3)
        let pool = ZygotePool()
        let error = Self.failure(of: try Self.stage(in: pool, job: "describe"))
        let text = try #require(error?.message)
        // stdin, stdout, stderr, the data socket, and the listing itself.
        #expect(text.contains(#", '/dev/null', True, '/', 'a b', True)"#), "\(text)")
        let descriptors = text.prefix { $0 != "]" }.split(separator: ",")
        #expect(descriptors.count == 5, "\(text)")
    }

    @Test func killsAWorkerThatDoesNotEnd() throws {
        var channelLimits = WorkerChannel.Limits()
        channelLimits.grace = 10
        let pool = ZygotePool()
        let zygote = try pool.zygote(for: Self.environment())
        let connection = try zygote.fork()
        let ended = Monitor()
        nonisolated(unsafe) var hasEnded = false
        let stage = PythonStage(
            PythonStageSpec(steps: [], input: .bigInt, output: .bigInt),
            workers: GivenWorker(connection: connection), limits: .init(),
            channelLimits: channelLimits)
        try stage.open(
            OperatorContext(
                jobName: "sleeper", name: "Map", uid: "u", subtask: 0, parallelism: 1,
                maxParallelism: 128, attempt: 0, clock: FixedClock()))
        stage.cancel()
        _ = connection.process.waitForExit(milliseconds: 30_000)
        // A worker that reads its end before it is told what to do ends by itself.
        #expect(connection.process.waitForExit(milliseconds: 0) != nil)
        connection.process.onExit {
            ended.locked {
                hasEnded = true
                ended.broadcast()
            }
        }
        ended.locked { while !hasEnded { ended.wait() } }
    }

    private struct GivenWorker: WorkerSource {
        let connection: WorkerConnection
        func startWorker() -> WorkerConnection { connection }
    }

    @Test func isReplacedWhenItDies() throws {
        let pool = ZygotePool()
        let first = try pool.zygote(for: Self.environment())
        #expect(first.waitUntilReady(milliseconds: 30_000))
        let stage = try Self.stage(in: pool, job: "sleeper")
        kill(first.processID, SIGKILL)
        let error = Self.failure(of: stage)
        #expect(error?.code == "worker-died")
        #expect(error?.message.contains("its parent process, which was killed by signal 9") == true)
        let second = try pool.zygote(for: Self.environment())
        #expect(second.processID != first.processID)
        #expect(Self.failure(of: try Self.stage(in: pool)) == nil)
    }

    @Test func saysThatThereIsNoInterpreter() {
        let pool = ZygotePool()
        let environment = PythonEnvironment(executable: "/nowhere/python3")
        pool.prewarm(environment)
        let error = #expect(throws: JobError.self) {
            _ = try Self.stage(in: pool, environment: environment)
        }
        #expect(error?.code == "python-start")
        #expect(error?.location == "Map (1/1)")
        #expect(
            error?.message
                == "cannot start the Python interpreter \"/nowhere/python3\": No such file or directory"
        )
    }

    @Test func saysThatTheInterpreterLacksThePackage() throws {
        let pool = ZygotePool()
        let stage = try Self.stage(
            in: pool, environment: Self.environment("import sys; sys.exit(1)"))
        let error = Self.failure(of: stage)
        #expect(error?.code == "python-start")
        #expect(
            error?.message.contains("exited with status 1 before it could start workers") == true)
        #expect(error?.message.contains("package martlet must be installed") == true)
    }

    @Test func shuttingDownEndsAll() throws {
        let pool = ZygotePool()
        let zygote = try pool.zygote(for: Self.environment())
        #expect(zygote.waitUntilReady(milliseconds: 30_000))
        pool.shutDown()
        #expect(throws: CancellationError.self) { try pool.zygote(for: Self.environment()) }
        #expect(throws: CancellationError.self) { try Self.stage(in: pool) }
    }

    @Test func theEnvironmentIsTheRuntimesAndMore() {
        let environment = PythonEnvironment(
            variables: ["A": "2"], searchPath: ["/first", "relative"])
        let merged = environment.merged(with: ["A": "1", "B": "3", "PYTHONPATH": "/old:/older"])
        #expect(merged["A"] == "2")
        #expect(merged["B"] == "3")
        let path = merged["PYTHONPATH"]?.split(separator: ":") ?? []
        #expect(path.count == 4)
        #expect(path.first == "/first" && path.last == "/older")
        #expect(path.allSatisfy { $0.hasPrefix("/") })
    }
}
