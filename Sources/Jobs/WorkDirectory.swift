import CPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A private directory of one job, made when something first needs it and removed with the job.
final class WorkDirectory: Sendable {
    private let parent: String
    private let made = Mutex<String?>(nil)

    init(in parent: String = WorkDirectory.parent) { self.parent = parent }

    deinit { remove() }

    func path() throws -> String {
        try made.withLock { made in
            if let made { return made }
            var template = Array("\(parent)/\(Self.namePrefix)XXXXXX".utf8CString)
            // mkdtemp makes it with mode 0700, under a name that nobody could have prepared.
            guard mkdtemp(&template) != nil else {
                throw ValidationError(
                    "Cannot make a directory for the job in \(parent): "
                        + String(cString: strerror(errno)))
            }
            let path = String(
                decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            made = path
            return path
        }
    }

    /// Returns when it is gone, also if another thread is about to remove it.
    func remove() {
        made.withLock { made in
            guard let path = made else { return }
            made = nil
            // A worker that has not ended yet may be unpacking: it finds no place for it any more.
            let hidden = path + ".removed"
            martlet_remove_tree(rename(path, hidden) == 0 ? hidden : path)
        }
    }
}
