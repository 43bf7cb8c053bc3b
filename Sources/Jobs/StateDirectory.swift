#if canImport(Glibc)
    import Glibc
#endif

/// A directory that a job's configuration names for its state.
enum StateDirectory {
    /// Makes it, with its parents, where it is not there, and removes what killed gateways have
    /// left in it.
    static func prepare(_ path: String) throws(ValidationError) {
        var place = ""
        for part in path.split(separator: "/") {
            place += "/\(part)"
            guard mkdir(place, 0o755) != 0, errno != EEXIST else { continue }
            // A parent that is there may well be one in which nothing can be made.
            if access(place, F_OK) == 0 { continue }
            throw ValidationError(
                "'state.backend.rocksdb.localdir' names \(path), and \(place) cannot be made: "
                    + String(cString: strerror(errno)))
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw ValidationError(
                "'state.backend.rocksdb.localdir' names \(path), which cannot be written to: "
                    + String(cString: strerror(errno)))
        }
        WorkDirectory.removeLeftovers(in: path)
    }
}
