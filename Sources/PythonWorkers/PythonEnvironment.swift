import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which Python runs the workers, and what it finds around itself.
public struct PythonEnvironment: Hashable, Sendable {
    /// A path, or a name to be looked up in PATH.
    public var executable: String
    /// Set in addition to the runtime's own environment.
    public var variables: [String: String]
    /// Put before the PYTHONPATH that there is.
    public var searchPath: [String]
    /// What the interpreter is told to run; followed by the number of the control descriptor.
    package var arguments = ["-m", "martlet.worker.zygote"]

    public init(
        executable: String = "python3", variables: [String: String] = [:],
        searchPath: [String] = []
    ) {
        self.executable = executable
        self.variables = variables
        self.searchPath = searchPath
    }

    /// Starts the interpreter with the control socket; returns `errno`.
    func spawn(descriptor: Int32, processID: inout pid_t) -> Int32 {
        let arguments = [executable] + arguments + ["3"]
        let environment = merged(with: Self.ownVariables()).map { "\($0.key)=\($0.value)" }
        return withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                // Python looks for modules in the directory where it starts; a file `types.py` next
                // to a job must not stand in for the library's. Workers go to the job's directory.
                -martlet_spawn(
                    absolute(executable), arguments, environment, "/", descriptor, &processID)
            }
        }
    }

    /// The environment of the interpreter.
    func merged(with own: [String: String]) -> [String: String] {
        var all = own.merging(variables) { $1 }
        let path = searchPath + (all["PYTHONPATH"].map { $0.isEmpty ? [] : [$0] } ?? [])
        if !path.isEmpty {
            let parts = path.flatMap { $0.split(separator: ":").map(String.init) }
            all["PYTHONPATH"] = parts.map { $0.hasPrefix("/") ? $0 : absolute("./" + $0) }
                .joined(separator: ":")
        }
        return all
    }

    /// A path that means the same in any directory; names without a slash stay.
    func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), path.contains("/"), let base = getcwd(nil, 0) else {
            return path
        }
        defer { free(base) }
        return String(cString: base) + "/" + path
    }

    static func ownVariables() -> [String: String] {
        var variables: [String: String] = [:]
        guard var entry = martlet_environment() else { return variables }
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}

/// Calls `body` with a null-terminated array of C strings.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
