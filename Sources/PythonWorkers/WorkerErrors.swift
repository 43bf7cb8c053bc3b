import Columnar
import Dataflow

/// What a failure of the channel or of the worker says to the user. Pure.
extension JobError {
    /// Reads the body of an ERROR frame; `place` is used where it names no operator.
    static func fromWorker(_ body: Buffer, subtask: Int, parallelism: Int, place: String)
        -> JobError
    {
        let message: MessagePack
        do {
            message = try MessagePack(decoding: body.bytes)
        } catch {
            return .protocolError("an ERROR frame that cannot be read: \(error)", place: place)
        }
        guard let kind = message["kind"]?.string, let text = message["message"]?.string else {
            return .protocolError("an ERROR frame without kind or message", place: place)
        }
        let type = message["type"]?.string
        let raised = [type.map(shortName), text.isEmpty ? nil : text].compactMap { $0 }
            .joined(separator: ": ")
        let (code, sentence) =
            switch kind {
            case "user": ("user-function", "the function raised \(raised)")
            case "open": ("open-failed", "the function could not be opened: \(raised)")
            case "input": ("bad-input", "a row cannot be given to the function: \(text)")
            case "output": ("bad-value", text)
            default: ("worker-internal", "the Python worker failed: \(raised)")
            }
        return JobError(
            code: code, sentence,
            location: message["operator"]?.string.flatMap { $0.isEmpty ? nil : $0 }
                .map { "\($0) (\(subtask + 1)/\(parallelism))" } ?? place,
            exceptionType: type, traceback: message["traceback"]?.string,
            record: message["record"]?.string,
            pickledException: message["exception"]?.binary)
    }

    static func fromChannel(_ failure: ChannelFailure, place: String) -> JobError {
        switch failure {
        case .malformed(let what): .protocolError(what, place: place)
        case .system(let error):
            JobError(
                code: "worker-channel", "the channel to the Python worker failed: \(error)",
                location: place)
        case .ended(.lostParent(let exit, let wasReady, let executable), _):
            wasReady
                ? JobError(
                    code: "worker-died",
                    "the Python worker ended with its parent process, which \(exit)",
                    location: place)
                : .pythonUnavailable(executable, exit, place: place)
        case .ended(let exit, let midFrame):
            JobError(
                code: "worker-died",
                "the Python worker \(ending(exit))"
                    + (midFrame ? " while it sent its results" : ""),
                location: place)
        }
    }

    /// The interpreter started, but could not become a parent of workers.
    static func pythonUnavailable(
        _ executable: String, _ exit: WorkerExit, place: String?
    ) -> JobError {
        JobError(
            code: "python-start",
            "the Python interpreter \"\(executable)\" \(exit) before it could start workers; what"
                + " it printed says why. The package martlet must be installed for it:"
                + " try `\(executable) -m martlet.worker.zygote`",
            location: place)
    }

    static func protocolError(_ what: String, place: String?) -> JobError {
        JobError(
            code: "worker-protocol",
            "the Python worker sent \(what); do runtime and package martlet have the same version?",
            location: place)
    }

    private static func ending(_ exit: WorkerExit?) -> String {
        switch exit {
        case nil: "closed its channel without a word"
        case .killed(signal: 9):
            "was killed by signal 9 (SIGKILL); perhaps the machine ran out of memory"
        case .exited(status: 0):
            "exited with status 0 in the middle of its work; does a function call sys.exit()?"
        case .some(let exit): exit.description
        }
    }

    /// `ValueError` for `builtins.ValueError`, as Python prints it; other modules stay.
    private static func shortName(_ type: String) -> String {
        type.hasPrefix("builtins.") ? String(type.dropFirst("builtins.".count)) : type
    }
}
