/// Where a job is in its life: Flink's `JobStatus`.
public enum JobStatus: String, Sendable {
    case created = "CREATED"
    case running = "RUNNING"
    case failing = "FAILING"
    case failed = "FAILED"
    case cancelling = "CANCELLING"
    case canceled = "CANCELED"
    case finished = "FINISHED"

    /// Whether nothing more happens.
    public var isTerminal: Bool {
        switch self {
        case .failed, .canceled, .finished: true
        default: false
        }
    }
}
