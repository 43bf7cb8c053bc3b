/// Why a job failed, as a user needs to read it.
///
/// An operator that lets an error pass adds its name; the first to do so wins.
public struct JobError: Error, Sendable, CustomStringConvertible {
    /// Stable and short, for programs: `user-function`, `bad-input`, `worker-died`, …
    public var code: String
    /// One sentence: what happened, with the offending value, and what to do.
    public var message: String
    /// The display name of the operator, with its subtask: `Map (2/4)`.
    public var location: String?
    /// What the user's own language calls the error, e.g. `builtins.ValueError`.
    public var exceptionType: String?
    /// The user's own frames, formatted; nil where no user code was involved.
    public var traceback: String?
    /// The offending record, shortened.
    public var record: String?
    /// The Python exception itself, pickled, if it could be.
    public var pickledException: [UInt8]?
    /// What led to it, outermost first.
    public var causes: [String]

    public init(
        code: String, _ message: String, location: String? = nil, exceptionType: String? = nil,
        traceback: String? = nil, record: String? = nil, pickledException: [UInt8]? = nil,
        causes: [String] = []
    ) {
        self.code = code
        self.message = message
        self.location = location
        self.exceptionType = exceptionType
        self.traceback = traceback
        self.record = record
        self.pickledException = pickledException
        self.causes = causes
    }

    public var description: String {
        var text = location.map { "\($0): \(message)" } ?? message
        if let record { text += "\n  record: \(record)" }
        if let traceback { text += "\n\(traceback)" }
        for cause in causes { text += "\n  caused by: \(cause)" }
        return text
    }

    /// The error with its place, if it has none yet.
    public func located(_ place: @autoclosure () -> String) -> JobError {
        guard location == nil else { return self }
        var error = self
        error.location = place()
        return error
    }
}
