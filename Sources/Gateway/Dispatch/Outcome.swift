import Py4J

/// What is to be done for a command.
enum Outcome {
    case reply(Reply)
    /// The reply takes time.
    case later(@Sendable () async -> Outcome)
    /// The reply takes time on a thread that may block.
    case blocking(@Sendable () -> Outcome)
    /// "Done", then raw bytes up to the channel's end.
    case stream(JavaByteChannel)
    /// The whole server stops; no reply.
    case shutdown
    /// Another connection is closed; no reply.
    case cancel(address: String, remotePort: Int, localPort: Int)
    /// This connection ends; no reply.
    case close
}
