import PythonWorkers

/// What a job's Python functions need beside themselves, from the settings PyFlink has for it.
struct PythonDependencies {
    /// The interpreter that the job asks for; nil: the gateway's.
    var executable: String?
    /// The interpreter came in an archive: it is the job's alone, and goes with it.
    var isExecutableUnpacked = false
    var files: PythonStageSpec.Files

    /// Reads the settings. What has to be there before a worker starts is made below
    /// `workDirectory`: the interpreter, if an archive has it, and `python.requirements`.
    init(
        _ configuration: Configuration, defaultExecutable: String,
        workDirectory: () throws -> String
    ) throws {
        let directory = configuration["martlet.client.cwd"] ?? ""
        let named = Self.list(configuration["python.pythonpath"], separator: ":")
        let inherited = Self.list(configuration["martlet.client.sys-path"], separator: "\n")
        var files = PythonStageSpec.Files(
            searchPath: named.map { Self.absolute($0, in: directory) } + inherited,
            workingDirectory: directory,
            files: Self.list(configuration["python.files"], separator: ","))
        for archive in Self.list(configuration["python.archives"], separator: ",") {
            let parts = archive.split(separator: "#", maxSplits: 1).map(String.init)
            let name =
                parts.count > 1 ? parts[1] : parts[0].split(separator: "/").last.map(String.init)
            files.archives.append((path: parts[0], name: name ?? parts[0]))
        }
        if !files.archives.isEmpty { files.workDirectory = try workDirectory() }
        if let path = configuration["python.executable"], path.contains("/") {
            let place = path.prefix { $0 != "/" }
            isExecutableUnpacked = files.archives.contains { $0.name == place }
            if isExecutableUnpacked {
                try Self.unpack(
                    files.archives, into: files.workDirectory, with: defaultExecutable,
                    directory: directory)
                executable = "\(files.workDirectory)/archives/\(path)"
            } else {
                executable = Self.absolute(path, in: directory)
            }
        } else {
            executable = configuration["python.executable"]
        }
        if let requirements = configuration["python.requirements"], !requirements.isEmpty {
            let target = try workDirectory() + "/requirements"
            try Self.install(
                requirements, into: target, with: executable ?? defaultExecutable,
                directory: directory)
            files.requirements.append(target)
        }
        self.files = files
    }

    private static func list(_ text: String?, separator: Character) -> [String] {
        (text ?? "").split(separator: separator).map(String.init).filter { !$0.isEmpty }
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") || directory.isEmpty ? path : "\(directory)/\(path)"
    }

    /// Workers unpack archives, too, and find them there already.
    private static func unpack(
        _ archives: [(path: String, name: String)], into workDirectory: String,
        with executable: String, directory: String
    ) throws {
        let exit = try PythonEnvironment(executable: executable).run(
            ["-m", "martlet.worker.archives", workDirectory]
                + archives.flatMap { [$0.path, $0.name] }, directory: directory)
        guard exit == .exited(status: 0) else {
            throw ValidationError(
                "The Python archives could not be unpacked: Python \(exit). "
                    + "What it printed stands above.")
        }
    }

    /// `requirements` is a file and, after a `#`, a directory of packages to install from offline.
    private static func install(
        _ requirements: String, into target: String, with executable: String, directory: String
    ) throws {
        let parts = requirements.split(separator: "#", maxSplits: 1).map(String.init)
        var arguments = [
            "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--target", target, "-r", parts[0],
        ]
        if parts.count > 1 { arguments += ["--no-index", "--find-links", parts[1]] }
        let exit = try PythonEnvironment(executable: executable).run(
            arguments, directory: directory)
        guard exit == .exited(status: 0) else {
            throw ValidationError(
                "The Python requirements in '\(parts[0])' could not be installed: pip \(exit). "
                    + "What it printed stands above.")
        }
    }
}
