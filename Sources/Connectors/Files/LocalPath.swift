import Dataflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Paths of the local file system, as users write them.
enum LocalPath {
    /// The plain path of `text`, which may be a `file:` URL. Nothing is percent-decoded, as by
    /// Flink's `Path`.
    static func parse(_ text: String) throws(JobError) -> String {
        guard !text.isEmpty else {
            throw JobError(code: "illegal-argument", "a path is empty")
        }
        guard let colon = text.firstIndex(of: ":"), text[text.startIndex].isLetter,
            text[..<colon].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { return text }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        guard scheme == "file" else {
            // `a:b` is a fine name for a file; `s3://bucket` is not.
            if !rest.hasPrefix("//") { return text }
            throw JobError(
                code: "unsupported-file-system",
                "the file system '\(scheme)' of \(text) is not available; "
                    + "use a path or a file:// URL")
        }
        guard rest.hasPrefix("//") else { return String(rest) }
        let afterSlashes = rest.dropFirst(2)
        let host = afterSlashes.prefix { $0 != "/" }
        guard host.isEmpty || host == "localhost" else {
            throw JobError(
                code: "illegal-argument",
                "\(text) names the host '\(host)'; a local file is file:///path, with three slashes"
            )
        }
        let path = String(afterSlashes.dropFirst(host.count))
        return path.isEmpty ? "/" : path
    }

    /// What follows the last slash.
    static func name(_ path: String) -> Substring {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return trimmed }
        return trimmed[trimmed.utf8.index(after: slash)...]
    }

    /// The directory that holds the file; `.` for a bare name.
    static func parent(_ path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    static func join(_ directory: String, _ name: String) -> String {
        if directory.isEmpty || directory == "." { return name }
        return directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
    }

    private static func trimmingSlashes(_ path: String) -> Substring {
        var path = path[...]
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    enum Kind: Hashable, Sendable { case file, directory, other }

    struct Status: Hashable, Sendable {
        var kind: Kind
        var size: Int64
        var device: UInt64
        var inode: UInt64
    }

    /// What is at `path`, following links.
    static func status(_ path: String) -> Result<Status, FileError> {
        var info = stat()
        guard stat(path, &info) == 0 else { return .failure(FileError(errno, "find", path)) }
        let kind: Kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        return .success(
            Status(
                kind: kind, size: Int64(info.st_size), device: UInt64(info.st_dev),
                inode: UInt64(info.st_ino)))
    }

    /// The names in a directory, sorted by their bytes; without `.` and `..`.
    static func list(_ directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else {
            throw FileError(errno, "list", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let length = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: length) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
