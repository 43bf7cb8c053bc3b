/// Why a callback did not get its answer.
enum CallbackError: Error {
    /// The connection is gone and the callback has not been sent.
    case notSent
    /// The connection is used by another callback.
    case busy
    /// The connection closed before the answer came.
    case closed
    case timedOut
    case refusedToken
    case shutDown

    var message: String {
        switch self {
        case .notSent: "The connection to Python was closed before the callback was sent."
        case .busy: "The connection to Python is in use by another callback."
        case .closed: "Python closed the connection before it answered the callback."
        case .timedOut: "Python did not answer the callback in time."
        case .refusedToken: "Python's callback server refused the auth token."
        case .shutDown: "The gateway has been shut down."
        }
    }

    var throwable: JavaThrowable {
        .gateway(
            "Error while sending a command.",
            cause: JavaThrowable("py4j.Py4JNetworkException", message))
    }
}
