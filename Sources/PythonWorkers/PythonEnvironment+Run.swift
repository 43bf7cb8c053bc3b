import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension PythonEnvironment {
    /// Runs the interpreter with these arguments in `directory`, and waits for its end. What it
    /// prints goes where this process prints; it ends when this process does, however that ends.
    public func run(_ arguments: [String], directory: String) throws -> WorkerExit {
        let environment = merged(with: Self.ownVariables()).map { "\($0.key)=\($0.value)" }
        var processID: pid_t = 0
        let result = withCStrings([executable] + arguments) { arguments in
            withCStrings(environment) { environment in
                martlet_spawn_bound(
                    absolute(executable), arguments, environment,
                    directory.isEmpty ? "/" : directory, &processID)
            }
        }
        guard result == 0 else { throw PosixError("start \(executable)", -result) }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        return WorkerExit(waitStatus: status)
    }
}
