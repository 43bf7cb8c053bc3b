#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A system call that failed.
struct PosixError: Error, Hashable, CustomStringConvertible {
    /// What was to be done, as "open a socket".
    let action: String
    /// `errno`.
    let number: Int32

    init(_ action: String, _ number: Int32) {
        self.action = action
        self.number = number
    }

    var reason: String { String(cString: strerror(number)) }
    var description: String { "cannot \(action): \(reason)" }
}

/// The name of a signal, `SIGKILL`; nil for those without one.
func signalName(_ number: Int32) -> String? {
    switch number {
    case SIGHUP: "SIGHUP"
    case SIGINT: "SIGINT"
    case SIGQUIT: "SIGQUIT"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGKILL: "SIGKILL"
    case SIGUSR1: "SIGUSR1"
    case SIGSEGV: "SIGSEGV"
    case SIGUSR2: "SIGUSR2"
    case SIGPIPE: "SIGPIPE"
    case SIGALRM: "SIGALRM"
    case SIGTERM: "SIGTERM"
    case SIGXCPU: "SIGXCPU"
    case SIGXFSZ: "SIGXFSZ"
    case SIGSYS: "SIGSYS"
    default: nil
    }
}

/// close(2), where a method of that name stands in the way.
func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// kill(2) with SIGKILL, where a method of that name stands in the way.
func killProcess(_ processID: Int32) { _ = kill(processID, SIGKILL) }
