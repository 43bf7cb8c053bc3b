import Dataflow
import Gateway
import Jobs

/// `martlet.Job`: a job that was submitted.
final class JobObject: GatewayObject, SessionBound {
    static let gatewayName = "martlet.Job"

    private let job: Job
    /// It goes on when the client that submitted it has gone.
    private let isDetached: Bool

    init(_ job: Job, isDetached: Bool) {
        self.job = job
        self.isDetached = isDetached
    }

    var outlivesItsReferences: Bool { !isDetached && !job.status.isTerminal }

    func sessionEnded() { if !isDetached { job.cancel() } }

    /// Waits for the end, at most so many milliseconds (0: without limit); whether it has come.
    func await(_ milliseconds: Int64) async throws -> Bool {
        await job.finished(within: milliseconds)
        if let failure = job.failure { throw failure }
        return job.status.isTerminal
    }

    func result() throws -> [String: String] {
        guard job.status.isTerminal else {
            throw ValidationError("The job '\(job.name)' has not ended yet.")
        }
        return ["net-runtime-ms": "\(job.netRuntime(now: SystemClock().now()))"]
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<JobObject>()
                .method("id") { $0.job.id }
                .method("name") { $0.job.name }
                .method("status") { $0.job.status.rawValue }
                .asyncMethod("await", Int64.self) { try await $0.await($1) }
                .method("cancel") { $0.job.cancel() }
                .method("result") { JavaMap(strings: try $0.result()) }
                .method("metrics") {
                    JavaMap(strings: $0.job.metrics.mapValues { "\($0)" })
                })
    }
}
