import Dataflow
import Gateway
import Jobs

/// What went wrong while building a job: the user's call was wrong.
extension ValidationError: GatewayThrowable {
    public var javaClass: String { "martlet.ValidationException" }
    public var javaMessage: String? { message }
    public var javaFrames: [String] { [] }
}

/// What made a job fail. The client reads the parts through the methods registered here.
extension JobError: GatewayThrowable {
    public var javaClass: String { "martlet.JobException" }
    /// The traceback has a method of its own.
    public var javaMessage: String? {
        var text = location.map { "\($0): \(message)" } ?? message
        if let record { text += "\n  record: \(record)" }
        for cause in causes { text += "\n  caused by: \(cause)" }
        return text
    }
    public var javaFrames: [String] { [] }
}

extension JavaThrowable {
    fileprivate var jobError: JobError? { underlying as? JobError }
}

func registerErrors(in registry: inout TypeRegistry) {
    registry.register(
        TypeRegistration<JavaThrowable>(
            "martlet.ValidationException", extends: ["java.lang.IllegalArgumentException"]))
    registry.register(
        TypeRegistration<JavaThrowable>(
            "martlet.JobException", extends: ["java.lang.RuntimeException"]
        )
        .method("code") { $0.jobError?.code }
        .method("shortMessage") { $0.jobError?.message }
        .method("location") { $0.jobError?.location }
        .method("exceptionType") { $0.jobError?.exceptionType }
        .method("traceback") { $0.jobError?.traceback }
        .method("record") { $0.jobError?.record }
        .method("pickledException") { $0.jobError?.pickledException })
}
