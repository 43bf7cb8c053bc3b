public import Dataflow

/// A file found for a source.
public struct FoundFile: Hashable, Sendable {
    public var path: String
    /// Bytes, at the time it was found.
    public var size: Int64
}

/// Finds the files that a source reads: named ones, those below directories, those of a pattern.
///
/// As in Flink, directories are read with all that is below them, and what begins with `.` or `_`
/// is left out; but a file or directory that the user names is read whatever its name.
public enum FileEnumeration {
    /// All files of `paths`, each once, sorted by their paths within each given path.
    ///
    /// - Parameter allowsMissing: a path that is not there yet is no error if its directory is.
    public static func files(
        _ paths: [String], allowsMissing: Bool = false
    ) throws(JobError) -> [FoundFile] {
        guard !paths.isEmpty else {
            throw JobError(code: "illegal-argument", "a file source needs at least one path")
        }
        var found: [FoundFile] = []
        var seen: Set<String> = []
        for text in paths {
            let path = try LocalPath.parse(text)
            for file in try files(of: path, allowsMissing: allowsMissing)
            where seen.insert(file.path).inserted {
                found.append(file)
            }
        }
        return found
    }

    private static func files(
        of path: String, allowsMissing: Bool
    ) throws(JobError) -> [FoundFile] {
        switch LocalPath.status(path) {
        case .success(let status):
            var found: [FoundFile] = []
            try add(path, status, ancestors: [], isNamed: true, to: &found)
            return found
        case .failure(let error):
            guard error.jobError.code == "no-such-file" else { throw error.jobError }
        }
        if Glob.isPattern(path) {
            var found: [FoundFile] = []
            var matches = 0
            for pattern in Glob.expandingBraces(path) {
                for match in expand(pattern) {
                    guard case .success(let status) = LocalPath.status(match) else { continue }
                    matches += 1
                    try add(match, status, ancestors: [], isNamed: true, to: &found)
                }
            }
            if matches > 0 || allowsMissing { return found }
            throw JobError(
                code: "no-such-file",
                "no file matches \(path)" + MissingPath.explanation(of: path))
        }
        if allowsMissing, case .success = LocalPath.status(LocalPath.parent(path)) { return [] }
        throw JobError(
            code: "no-such-file", "there is no file \(path)" + MissingPath.explanation(of: path))
    }

    /// The paths that match a pattern, one component after the other. What cannot be listed
    /// matches nothing.
    private static func expand(_ pattern: String) -> [String] {
        var bases = [pattern.hasPrefix("/") ? "/" : ""]
        for component in pattern.split(separator: "/") {
            if !Glob.isPattern(component) && !component.contains("\\") {
                bases = bases.map { LocalPath.join($0, String(component)) }
                continue
            }
            let glob = Glob(component)
            bases = bases.flatMap { base in
                let names = (try? LocalPath.list(base.isEmpty ? "." : base)) ?? []
                return names.filter(glob.matches).map { LocalPath.join(base, $0) }
            }
        }
        return bases
    }

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private static func add(
        _ path: String, _ status: LocalPath.Status, ancestors: Set<Identity>, isNamed: Bool,
        to found: inout [FoundFile]
    ) throws(JobError) {
        switch status.kind {
        case .file: found.append(FoundFile(path: path, size: status.size))
        case .directory:
            let identity = Identity(device: status.device, inode: status.inode)
            // A link to a directory above would go round for ever.
            guard !ancestors.contains(identity) else { return }
            let names: [String]
            do { names = try LocalPath.list(path) } catch { throw error.jobError }
            for name in names where !isHidden(name) {
                let child = LocalPath.join(path, name)
                // A file that is gone by now, or a dangling link, is none.
                guard case .success(let status) = LocalPath.status(child) else { continue }
                try add(
                    child, status, ancestors: ancestors.union([identity]), isNamed: false,
                    to: &found)
            }
        case .other:
            // A pipe would block its task, a device never end.
            guard isNamed else { return }
            throw JobError(
                code: "illegal-argument", "\(path) is neither a file nor a directory")
        }
    }

    /// Whether Flink's `DefaultFileFilter` leaves a file or directory of this name out.
    static func isHidden(_ name: some StringProtocol) -> Bool {
        name.utf8.first == UInt8(ascii: ".") || name.utf8.first == UInt8(ascii: "_")
    }
}
